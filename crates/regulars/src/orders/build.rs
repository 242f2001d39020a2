//! Columns of orders into a [`Ledger`].
//!
//! Rows are first dealt into partitions by the top bits of their customer's hash, so that what follows works on a
//! few ten thousand rows that sit in cache. Each partition is dealt once more by the next bits, into buckets of a
//! customer or two, and the buckets are sorted. The partitions end to end are then the ledger, in the order of the hashes.

#![expect(
    clippy::indexing_slicing,
    reason = "partitions and buckets are numbered by as many bits of a hash as there are partitions and buckets"
)]

use core::ops::Range;

use super::columns::{AmountColumn, KeyColumn, OrderColumns, TimeColumn};
use super::dictionary::{Dictionary, Found, NOBODY, codes};
use super::key::{CustomerKey, KeyRef, KeyVec, KeyWords, number_of_hash};
use super::ledger::{Channels, Facts, FactsOfRow, Ledger, NO_AMOUNT, Refund, Stamp, settled};
use super::options::{HistoryOptions, OtherCurrencies, RepeatedIds};
use super::policy::{LeftOut, LeftOutOrder, OrderStatus, Standing};
use crate::calendar::{Clock, Day, FIRST_DAY, LAST_DAY, Zone, date_of};
use crate::error::{Error, Result};
use crate::money::{Currency, Money};
use crate::{parallel, sort};

/// An order on its way into the ledger.
#[derive(Debug, Clone, Copy)]
struct Row {
    hash: u64,
    net: i64,
    stamp: Stamp,
    /// Which of the given rows it is; where keys are carried along, where its key stands among them.
    place: u32,
}

impl Row {
    #[inline]
    fn rank(&self) -> (u64, Stamp, i64) {
        (self.hash, self.stamp, self.net)
    }

    /// Its place counted on from another.
    #[inline]
    fn counted_from(self, first: u32) -> Row {
        Row { place: first + self.place, ..self }
    }
}

/// Rows of one partition in the order in which they came.
#[derive(Debug, Clone, Default)]
struct Hand {
    rows: Vec<Row>,
    /// Their keys, where hashes are not keys. They are copied here while they are in cache: to look a key up among the
    /// given ones later costs more than all the rest. Each is marked with the given row that it stands on.
    keys: KeyWords,
}

/// What is counted while orders come in. Sums of the tallies of parts are the tally of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Orders that were given.
    pub(super) given: u64,
    /// Orders that came again with the same id and content.
    pub(super) repeated: u64,
    /// Orders that came again later, where the last one holds.
    pub(super) superseded: u64,
    /// The days of orders marked as refunded without an amount, taken as refunded in full. In order once all are in.
    pub(super) refunded_without_amount: Vec<Day>,
    /// The days of orders with a refund beyond their amount, taken as that amount; likewise.
    pub(super) refunded_beyond_amount: Vec<Day>,
    /// Whether instants were given.
    pub(super) instants: bool,
    /// The first and the last day on which an order was placed.
    pub(super) span: Option<(Day, Day)>,
    /// The sum of all amounts and refunds without their signs. While it fits, every sum of amounts of a history does.
    pub(super) magnitude: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Tally) -> Result<()> {
        self.given += other.given;
        self.repeated += other.repeated;
        self.superseded += other.superseded;
        self.refunded_without_amount.extend_from_slice(&other.refunded_without_amount);
        self.refunded_beyond_amount.extend_from_slice(&other.refunded_beyond_amount);
        self.instants |= other.instants;
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.magnitude = self
            .magnitude
            .checked_add(other.magnitude)
            .filter(|&sum| i64::try_from(sum).is_ok())
            .ok_or(Error::SumOutOfRange)?;
        Ok(())
    }
}

/// Orders under their customers, orders left out, and what was counted on the way, whatever the end of the observation.
///
/// An order that was paid back in full on a known day may count while that day lies ahead: it is in the ledger under
/// every policy.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) ledger: Ledger,
    pub(super) left_out: Vec<LeftOutOrder>,
    pub(super) tally: Tally,
}

impl Part {
    /// How many orders it holds.
    pub(super) fn weight(&self) -> usize {
        self.ledger.rows() + self.left_out.len()
    }

    /// This part and one that came later.
    pub(super) fn followed_by(self, later: Part, options: &HistoryOptions) -> Result<Part> {
        match options.repeated_ids {
            RepeatedIds::Refuse => self.merge(later),
            RepeatedIds::KeepLast => self.superseded_by(&later).merge(later),
        }
    }

    /// This part without the orders that come again in a later one.
    fn superseded_by(mut self, later: &Part) -> Part {
        let mut known: Vec<(u64, usize)> = later.ids().map(|(id, at)| (id.hash(), at)).collect();
        known.sort_unstable();
        let comes_again = |id: &KeyRef<'_>| {
            let hash = id.hash();
            let from = known.partition_point(|&(known, _)| known < hash);
            let alike = known[from..].iter().take_while(|&&(known, _)| known == hash);
            alike.into_iter().any(|&(_, at)| later.id(at).as_ref() == Some(id))
        };
        let rows: Vec<u32> = (0..)
            .zip(0..self.ledger.rows())
            .filter_map(|(row, at)| self.id(at).filter(&comes_again).map(|_| row))
            .collect();
        let before = self.weight();
        if !rows.is_empty() {
            self.ledger = self.ledger.split(Day::MAX, &rows).0;
        }
        self.left_out.retain(|order| !order.id.as_ref().is_some_and(|id| comes_again(&id.borrow())));
        self.tally.superseded += (before - self.weight()) as u64;
        self
    }

    /// The id of an order, those of the ledger first and then those left out.
    fn id(&self, at: usize) -> Option<KeyRef<'_>> {
        match at.checked_sub(self.ledger.rows()) {
            None => self.ledger.facts.ids.as_ref()?.get(at),
            Some(at) => self.left_out.get(at)?.id.as_ref().map(CustomerKey::borrow),
        }
    }

    /// The ids of all orders that have one, with their places.
    pub(super) fn ids(&self) -> impl Iterator<Item = (KeyRef<'_>, usize)> + Clone + Send {
        // No row of the ledger is looked at where none has an id.
        let from = if self.ledger.facts.ids.is_some() { 0 } else { self.ledger.rows() };
        (from..self.weight()).filter_map(|at| Some((self.id(at)?, at)))
    }

    pub(super) fn merge(mut self, mut other: Part) -> Result<Part> {
        let (ledger, repeated) = Ledger::merge(&self.ledger, &other.ledger);
        check_rows(ledger.rows() as u64)?;
        self.tally.add(&other.tally)?;
        self.tally.repeated += repeated;
        self.left_out.append(&mut other.left_out);
        Ok(Part { ledger, ..self })
    }
}

/// Rows are numbered with 32 bits.
fn check_rows(rows: u64) -> Result<()> {
    let most = u64::from(u32::MAX);
    if rows > most { Err(Error::TooManyOrders { most }) } else { Ok(()) }
}

#[inline]
fn numbered(row: usize) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "more rows than 32 bits number were refused")]
    let number = row as u32;
    number
}

/// The given columns as one run of rows.
struct Source<'a> {
    chunks: &'a [OrderColumns<'a>],
    /// The first row of each chunk.
    first: Vec<usize>,
    rows: usize,
    options: &'a HistoryOptions,
    zone: Zone,
    /// The customers, where all are codes.
    dictionary: Option<Dictionary>,
    /// Whether a hash does not tell the key: it does for numbers, and with a dictionary.
    keyed: bool,
    /// Whether there are facts to be read.
    facts: bool,
    /// Whether each row comes again later, where the last one holds; empty where none does.
    superseded: Vec<bool>,
    /// Whether the policy counts what is paid.
    paid_counts: bool,
}

impl<'a> Source<'a> {
    fn new(chunks: &'a [OrderColumns<'a>], options: &'a HistoryOptions) -> Result<Source<'a>> {
        let mut first = Vec::with_capacity(chunks.len());
        let mut rows: usize = 0;
        for chunk in chunks {
            chunk.check().map_err(|error| shifted(error, rows as u64))?;
            first.push(rows);
            rows = rows.saturating_add(chunk.len());
        }
        check_rows(rows as u64)?;
        let zone = options.zone.clone().unwrap_or_else(Zone::utc);
        let dictionary = Dictionary::new(chunks);
        Ok(Source {
            chunks,
            first,
            rows,
            options,
            zone,
            keyed: dictionary.is_none() && !chunks.iter().all(has_numbers_alone),
            dictionary,
            facts: chunks.iter().any(has_facts),
            superseded: match options.repeated_ids {
                RepeatedIds::Refuse => Vec::new(),
                RepeatedIds::KeepLast => superseded(chunks, rows),
            },
            paid_counts: !options.policy.leave_out.contains(&OrderStatus::Paid),
        })
    }

    fn locate(&self, source: u32) -> (&'a OrderColumns<'a>, usize) {
        let chunk = match self.first.len() {
            1 => 0,
            _ => self.first.partition_point(|&first| first <= source as usize) - 1,
        };
        (&self.chunks[chunk], source as usize - self.first[chunk])
    }

    /// How many words to reserve for a key, by the first of these rows: a hint, which a few long texts are not to stretch.
    fn words_of_key(&self, rows: Range<usize>) -> usize {
        let rows = rows.take(Block::ROWS);
        let words = |row| {
            let (chunk, row) = self.locate(numbered(row));
            chunk.key(row).map_or(0, |key| KeyWords::words_of(&key))
        };
        rows.clone().map(words).sum::<usize>().div_ceil(rows.len().max(1)).min(8)
    }

    /// The facts of a row that was dealt before, so that whatever is wrong with them has been reported.
    fn facts(&self, source: u32) -> FactsOfRow<'a> {
        let (chunk, row) = self.locate(source);
        let currency = self.options.currency;
        let amount = chunk.amounts.get(row, currency).ok().flatten().unwrap_or(0);
        let given = chunk.refunded.and_then(|column| column.get(row, currency).ok().flatten());
        let status = chunk.status(row).unwrap_or(OrderStatus::Paid);
        let refunded = self.options.policy.judge(status, amount, given).refunded;
        let day = |clock: &mut Clock<'_>| chunk.refunded_on?.get(row, clock).ok().flatten();
        FactsOfRow {
            id: chunk.ids.as_ref().and_then(|column| column.get(row)),
            cost: chunk.costs.and_then(|column| column.get(row, currency).ok().flatten()),
            discount: chunk.discounts.and_then(|column| column.get(row, currency).ok().flatten()),
            channel: channel(chunk, row),
            refunded,
            refunded_on: if refunded > 0 { day(&mut Clock::new(&self.zone)) } else { None },
        }
    }
}

/// Whether each row is followed by one of the same id; empty where none is.
fn superseded(chunks: &[OrderColumns<'_>], rows: usize) -> Vec<bool> {
    let places = || chunks.iter().flat_map(|chunk| (0..chunk.len()).map(move |row| (chunk, row)));
    let ids = || places().map(|(chunk, row)| chunk.ids.as_ref().and_then(|column| column.get(row)));
    let mut hashes: Vec<(u64, usize)> =
        ids().zip(0..).filter_map(|(id, row)| Some((id?.hash(), row))).collect();
    hashes.sort_unstable();
    let mut superseded = Vec::new();
    let mut collided: Vec<usize> = Vec::new();
    let again = hashes.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1);
    collided.extend(again.flatten().map(|&(_, row)| row));
    if collided.is_empty() {
        return superseded;
    }
    superseded.resize(rows, false);
    // Two ids may share a hash: of these rows the ids themselves are compared.
    collided.sort_unstable();
    let suspect = |(id, row)| collided.binary_search(&row).ok().and(Some((id?, row)));
    let mut suspects: Vec<(KeyRef<'_>, usize)> = ids().zip(0..).filter_map(suspect).collect();
    sort::by(&mut suspects, Ord::cmp);
    for pair in suspects.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        superseded[pair[0].1] = true;
    }
    superseded
}

fn has_numbers_alone(chunk: &OrderColumns<'_>) -> bool {
    [chunk.customers, chunk.emails].into_iter().flatten().all(|column| column.has_numbers_alone())
}

fn has_facts(chunk: &OrderColumns<'_>) -> bool {
    chunk.ids.is_some()
        || chunk.costs.is_some()
        || chunk.discounts.is_some()
        || chunk.channels.is_some()
        || chunk.refunded.is_some()
        || chunk.statuses.is_some()
        || chunk.known_statuses.is_some()
}

/// The same error with its row counted from the first chunk's first row.
fn shifted(error: Error, by: u64) -> Error {
    match error {
        Error::At { row, column, source } => Error::At { row: row + by, column, source },
        other => other,
    }
}

/// Sorts the orders of all columns into one part.
pub(super) fn build(chunks: &[OrderColumns<'_>], options: &HistoryOptions) -> Result<Part> {
    let source = Source::new(chunks, options)?;
    let partition_bits = bits_for(source.rows / ROWS_PER_PARTITION);

    let threads = parallel::threads_for(source.rows);
    let dealt =
        parallel::map(parallel::runs(source.rows), |rows| Deal::new(&source, partition_bits).rows(rows));

    let mut tally = Tally::default();
    let mut left_out = Vec::new();
    let mut unidentified = Vec::new();
    let mut hands = Vec::with_capacity(threads);
    // In the order of the rows, so that the first error by row is the one reported.
    for deal in dealt {
        let mut deal = deal?;
        tally.add(&deal.tally)?;
        left_out.append(&mut deal.left_out);
        unidentified.push(deal.unidentified);
        hands.push(deal.partitions);
    }

    // Partition by partition, what every thread has dealt into it.
    let mut partitions: Vec<Vec<Hand>> = vec![Vec::with_capacity(threads); 1 << partition_bits];
    for hand in hands {
        for (partition, hand) in partitions.iter_mut().zip(hand) {
            partition.push(hand);
        }
    }
    for hands in &partitions {
        check_rows(hands.iter().map(|hand| hand.keys.len() as u64).sum())?;
    }
    let counted = |hands: &[Hand]| -> usize { hands.iter().map(|hand| hand.rows.len()).sum() };
    let nobodys: usize = unidentified.iter().map(Vec::len).sum();
    let rows = partitions.iter().map(|hands| counted(hands)).sum::<usize>() + nobodys;
    let mut columns = RowColumns::new(rows, source.facts);
    let mut rest = columns.slots();
    let mut jobs = Vec::with_capacity(threads);
    while !partitions.is_empty() {
        let share = partitions.len().div_ceil(threads.saturating_sub(jobs.len()).max(1));
        let later = partitions.split_off(share);
        let partitions = core::mem::replace(&mut partitions, later);
        let (slots, after) = rest.split(partitions.iter().map(|hands| counted(hands)).sum());
        rest = after;
        jobs.push((partitions, slots));
    }
    let mut sorted = parallel::map(jobs, |(partitions, slots)| {
        let mut sorter = Sorter::new(&source, slots);
        for partition in partitions {
            sorter.partition(&partition, partition_bits);
        }
        sorter.sorted
    });
    sorted.push(nobody(&source, rest, &unidentified));
    let (ledger, repeated) = columns.finish(&source, sorted);
    tally.repeated += repeated;
    Ok(Part { ledger, left_out, tally })
}

/// The fewest rows of 24 bytes: from here to twice as many about fill a level-2 cache.
const ROWS_PER_PARTITION: usize = 32_768;

/// The bits that number `count` things, at most 10: the pages that partitions are written to side by side are to stay in
/// a cache, too.
pub(crate) fn bits_for(count: usize) -> u32 {
    count.checked_ilog2().unwrap_or(0).min(10)
}

/// Rows dealt into partitions.
struct Deal<'a> {
    source: &'a Source<'a>,
    clock: Clock<'a>,
    refund_clock: Clock<'a>,
    shift: u32,
    /// The hashes of the texts of the chunk that is being dealt, by code.
    hashes: &'a [u64],
    partitions: Vec<Hand>,
    unidentified: Vec<Row>,
    left_out: Vec<LeftOutOrder>,
    tally: Tally,
    first_day: Day,
    last_day: Day,
    magnitude: u128,
}

impl<'a> Deal<'a> {
    fn new(source: &'a Source<'a>, partition_bits: u32) -> Deal<'a> {
        Deal {
            source,
            clock: Clock::new(&source.zone),
            refund_clock: Clock::new(&source.zone),
            shift: 64 - partition_bits,
            hashes: &[],
            partitions: vec![Hand::default(); 1 << partition_bits],
            unidentified: Vec::new(),
            left_out: Vec::new(),
            tally: Tally::default(),
            first_day: Day::MAX,
            last_day: Day::MIN,
            magnitude: 0,
        }
    }

    fn rows(mut self, rows: Range<usize>) -> Result<Deal<'a>> {
        let source = self.source;
        // Hashes are even, so a little more than the mean is room for nearly all partitions.
        let mean = rows.len() / self.partitions.len();
        let room = mean + mean / 16 + 16;
        let words = if source.keyed { source.words_of_key(rows.clone()) } else { 0 };
        for partition in &mut self.partitions {
            partition.rows.reserve_exact(room);
            partition.keys.reserve_exact(room * words);
        }
        let mut block = Block::default();
        for (number, (chunk, &first)) in source.chunks.iter().zip(&source.first).enumerate() {
            self.hashes = source.dictionary.as_ref().map_or(&[], |dictionary| dictionary.hashes(number));
            let from = rows.start.clamp(first, first + chunk.len()) - first;
            let to = rows.end.clamp(first, first + chunk.len()) - first;
            self.tally.instants |= (from..to).any(|row| chunk.placed_at.needs_zone(row));
            let plain = source.paid_counts && is_plain(chunk) && source.superseded.is_empty();
            for start in (from..to).step_by(Block::ROWS) {
                let rows = start..(start + Block::ROWS).min(to);
                if plain {
                    self.plain_rows(chunk, rows, first, &mut block)?;
                } else {
                    for row in rows {
                        self.row(chunk, row, first + row, false)?;
                    }
                }
            }
        }
        if self.tally.given > 0 {
            self.tally.span = Some((self.first_day, self.last_day));
        }
        self.tally.magnitude = u64::try_from(self.magnitude).map_err(|_| Error::SumOutOfRange)?;
        Ok(self)
    }

    /// Orders of a chunk without a column that could change what they count as: read column by column, and dealt
    /// without a further look where they are ordinary.
    fn plain_rows(
        &mut self,
        chunk: &'a OrderColumns<'a>,
        rows: Range<usize>,
        first: usize,
        block: &mut Block<'a>,
    ) -> Result<()> {
        block.read(chunk, rows.clone(), self.source, self.hashes, &mut self.clock);
        let (mut given, mut magnitude) = (0, 0_u128);
        let columns = block.days.iter().zip(&block.amounts).zip(&block.hashes);
        for ((at, row), ((&day, &amount), &hash)) in rows.enumerate().zip(columns) {
            if day == Block::ODD_DAY || amount <= 0 || hash == Block::ODD_HASH {
                self.row(chunk, row, first + row, true)?;
                continue;
            }
            given += 1;
            magnitude += u128::from(amount.unsigned_abs());
            self.first_day = self.first_day.min(day);
            self.last_day = self.last_day.max(day);
            let order = Row { hash, net: amount, stamp: Stamp::new(day, true), place: numbered(first + row) };
            let key = block.keys.get(at).and_then(Option::as_ref);
            self.deal(order, key)?;
        }
        self.tally.given += given;
        self.magnitude += magnitude;
        Ok(())
    }

    /// Puts an order into its partition; its place is the given row.
    #[inline]
    fn deal(&mut self, mut row: Row, key: Option<&KeyRef<'_>>) -> Result<()> {
        #[expect(clippy::cast_possible_truncation, reason = "at most 10 bits are left")]
        // With one partition the shift is by all 64 bits.
        let partition = row.hash.checked_shr(self.shift).unwrap_or(0) as usize;
        let hand = &mut self.partitions[partition];
        if let (true, Some(key)) = (self.source.keyed, key) {
            let too_many = || Error::TooManyOrders { most: u64::from(u32::MAX) };
            row.place = hand.keys.push(key, row.place).ok_or_else(too_many)?;
        }
        hand.rows.push(row);
        Ok(())
    }

    /// One order. `plain` says that its chunk has no column that could change what it counts as.
    fn row(&mut self, chunk: &OrderColumns<'_>, row: usize, source: usize, plain: bool) -> Result<()> {
        let options = self.source.options;
        let at = |column: &'static str| move |error: Error| error.at(source as u64, column);
        let missing = |column: &'static str| move || Error::MissingValue.at(source as u64, column);

        let day = chunk.placed_at.get(row, &mut self.clock).map_err(at("placed_at"))?;
        let day = day.ok_or_else(missing("placed_at"))?;
        self.tally.given += 1;
        self.first_day = self.first_day.min(day);
        self.last_day = self.last_day.max(day);

        let currency = if plain {
            options.currency
        } else {
            currency_of(chunk, row, options).map_err(at("currency"))?
        };
        let amount = chunk.amounts.get(row, currency).map_err(at("amount"))?;
        let amount = amount.ok_or_else(missing("amount"))?;
        self.magnitude += u128::from(amount.unsigned_abs());

        let mut net = amount;
        let mut standing = Standing::Counts;
        let mut refunded = 0;
        if !plain || amount <= 0 {
            let status = chunk.status(row).map_err(at("status"))?;
            let given = self.positive(chunk.refunded, row, source, currency, "refunded")?;
            self.positive(chunk.costs, row, source, currency, "cost")?;
            self.positive(chunk.discounts, row, source, currency, "discount")?;
            let judgement = options.policy.judge(status, amount, given);
            (standing, refunded) = (judgement.standing, judgement.refunded);
            net -= refunded;
            // Nothing is taken for granted of orders that count neither as purchases nor as money.
            if matches!(standing, Standing::Counts | Standing::LeftOut(LeftOut::FullyRefunded)) {
                if status == OrderStatus::Refunded && given.is_none() {
                    self.tally.refunded_without_amount.push(day);
                }
                if judgement.capped {
                    self.tally.refunded_beyond_amount.push(day);
                }
            }
            if currency.code() != options.currency.code() {
                standing = Standing::LeftOut(LeftOut::OtherCurrency);
            }
        }
        let mut refunded_on = None;
        if refunded > 0 {
            if let Some(column) = chunk.refunded_on {
                refunded_on = column.get(row, &mut self.refund_clock).map_err(at("refunded_on"))?;
                self.tally.instants |= column.needs_zone(row);
            }
        }

        if self.source.superseded.get(source) == Some(&true) {
            self.tally.superseded += 1;
            return Ok(());
        }
        let purchase = match standing {
            Standing::LeftOut(LeftOut::FullyRefunded) => refunded_on.is_some(),
            other => other == Standing::Counts,
        };
        if let (Standing::LeftOut(reason), false) = (standing, purchase) {
            self.left_out.push(LeftOutOrder {
                reason,
                id: chunk.ids.as_ref().and_then(|ids| ids.get(row)).map(KeyRef::into_owned),
                customer: chunk.key(row).map(KeyRef::into_owned),
                placed_on: date_of(day),
                amount: Money::from_minor(amount, currency),
                refunded: Money::from_minor(refunded, currency),
                refunded_on: refunded_on.map(date_of),
            });
            return Ok(());
        }
        let order = Row { hash: 0, net, stamp: Stamp::new(day, purchase), place: numbered(source) };
        let code = codes(chunk).and_then(|(codes, _)| codes.get(row));
        let hash = code.map_or(NOBODY, |&code| hash_of(self.hashes, code));
        if hash != NOBODY {
            return self.deal(Row { hash, ..order }, None);
        }
        let Some(key) = chunk.key(row) else {
            self.unidentified.push(order);
            return Ok(());
        };
        self.deal(Row { hash: key.hash(), ..order }, Some(&key))
    }

    /// An optional amount that has a meaning only where it is not negative.
    fn positive(
        &mut self,
        column: Option<AmountColumn<'_>>,
        row: usize,
        source: usize,
        currency: Currency,
        name: &'static str,
    ) -> Result<Option<i64>> {
        let Some(column) = column else { return Ok(None) };
        let amount = column.get(row, currency).map_err(|error| error.at(source as u64, name))?;
        if let Some(amount) = amount {
            self.magnitude += u128::from(amount.unsigned_abs());
            if amount < 0 {
                let value = Money::from_minor(amount, currency).decimal();
                return Err(Error::NegativeAmount { value }.at(source as u64, name));
            }
        }
        Ok(amount)
    }
}

/// Whether no column of a chunk could change what its orders count as: without one they are paid.
fn is_plain(chunk: &OrderColumns<'_>) -> bool {
    chunk.statuses.is_none()
        && chunk.known_statuses.is_none()
        && chunk.refunded.is_none()
        && chunk.currencies.is_none()
        && chunk.known_currencies.is_none()
        && chunk.costs.is_none()
        && chunk.discounts.is_none()
}

/// A few rows read column by column, so that the kind of each column is asked once a block and not once a row. Cells
/// that are missing, wrong or of nobody are marked, for [`Deal::row`] to look at.
#[derive(Default)]
struct Block<'a> {
    days: Vec<Day>,
    amounts: Vec<i64>,
    hashes: Vec<u64>,
    /// Only where hashes are not keys.
    keys: Vec<Option<KeyRef<'a>>>,
}

impl<'a> Block<'a> {
    const ROWS: usize = 1024;
    const ODD_DAY: Day = Day::MIN;
    /// No ordinary amount either, which is positive.
    const ODD_AMOUNT: i64 = 0;
    /// Also the hash of the number 0, which is looked at once more in vain.
    const ODD_HASH: u64 = NOBODY;

    fn read(
        &mut self,
        chunk: &'a OrderColumns<'a>,
        rows: Range<usize>,
        source: &Source<'_>,
        hashes: &[u64],
        clock: &mut Clock<'_>,
    ) {
        let currency = source.options.currency;
        self.days.clear();
        match chunk.placed_at {
            TimeColumn::Days(days) => {
                let known =
                    |&day: &Day| if (FIRST_DAY..=LAST_DAY).contains(&day) { day } else { Self::ODD_DAY };
                self.days.extend(days[rows.clone()].iter().map(known));
            }
            other => {
                let day = |row| other.get(row, clock).ok().flatten().unwrap_or(Self::ODD_DAY);
                self.days.extend(rows.clone().map(day));
            }
        }
        self.amounts.clear();
        match chunk.amounts {
            AmountColumn::Minor(amounts) => self.amounts.extend_from_slice(&amounts[rows.clone()]),
            other => {
                let amount = |row| other.get(row, currency).ok().flatten().unwrap_or(Self::ODD_AMOUNT);
                self.amounts.extend(rows.clone().map(amount));
            }
        }
        self.hashes.clear();
        self.keys.clear();
        if let (Some(KeyColumn::Numbers(numbers)), false) = (chunk.customers, source.keyed) {
            self.hashes.extend(numbers[rows].iter().map(|&number| KeyRef::Number(number).hash()));
            return;
        }
        if let (Some((codes, _)), Some(_)) = (codes(chunk), &source.dictionary) {
            self.hashes.extend(codes[rows].iter().map(|&code| hash_of(hashes, code)));
            return;
        }
        for row in rows {
            let key = chunk.key(row);
            self.hashes.push(key.as_ref().map_or(Self::ODD_HASH, KeyRef::hash));
            if source.keyed {
                self.keys.push(key);
            }
        }
    }
}

/// The hash of a code's text.
#[inline]
fn hash_of(hashes: &[u64], code: u32) -> u64 {
    hashes.get(code as usize).copied().unwrap_or(NOBODY)
}

/// The currency of a row: the history's, or another that is to be left out.
fn currency_of(chunk: &OrderColumns<'_>, row: usize, options: &HistoryOptions) -> Result<Currency> {
    let expected = options.currency;
    let found = match chunk.known_currencies {
        Some(known) => known.get(row).copied().unwrap_or(expected),
        None => {
            match chunk.currencies.and_then(|column| column.get(row)).filter(|code| !code.trim().is_empty()) {
                Some(code) if code != expected.code() => code.parse()?,
                _ => return Ok(expected),
            }
        }
    };
    if found.code() == expected.code() {
        Ok(expected)
    } else if options.other_currencies == OtherCurrencies::LeaveOut {
        Ok(found)
    } else {
        Err(Error::MixedCurrencies { expected, found })
    }
}

/// The columns of a ledger that have an entry for each row. As many rows are made as were dealt, and every thread writes
/// those of its partitions where they are to stand.
struct RowColumns {
    stamps: Vec<Stamp>,
    nets: Vec<i64>,
    /// Where each row's facts can be read; empty where no column holds any.
    sources: Vec<u32>,
}

impl RowColumns {
    fn new(rows: usize, facts: bool) -> RowColumns {
        RowColumns {
            stamps: Stamp::zeros(rows),
            nets: vec![0; rows],
            sources: vec![0; if facts { rows } else { 0 }],
        }
    }

    fn slots(&mut self) -> Slots<'_> {
        Slots { stamps: &mut self.stamps, nets: &mut self.nets, sources: &mut self.sources }
    }

    /// The ledger of these runs of customers, the last of which are the orders of nobody; and how many orders came again.
    fn finish(mut self, source: &Source<'_>, sorted: Vec<Sorted>) -> (Ledger, u64) {
        let (mut start, mut keys, mut repeated) = (Vec::new(), KeyVec::default(), 0);
        let (mut made, mut rows) = (0, 0);
        for part in sorted {
            // Orders that came again have left gaps.
            if rows < made {
                self.stamps.copy_within(made..made + part.rows, rows);
                self.nets.copy_within(made..made + part.rows, rows);
                self.sources.copy_within(made..made + part.rows, rows);
            }
            if start.is_empty() {
                (start, keys) = (part.start, part.keys);
            } else {
                start.extend(part.start.iter().map(|start| start + numbered(rows)));
                keys.extend(&part.keys, 0..part.keys.len());
            }
            made += part.rows + part.repeated;
            rows += part.rows;
            repeated += part.repeated as u64;
        }
        self.stamps.truncate(rows);
        self.nets.truncate(rows);
        self.sources.truncate(rows);
        keys.settle();
        let facts = if source.facts { gather(source, &self.sources) } else { Facts::default() };
        let ledger = Ledger { keys, start, stamps: self.stamps, nets: self.nets, facts, pending: Vec::new() };
        (ledger, repeated)
    }
}

/// Consecutive rows of [`RowColumns`].
struct Slots<'a> {
    stamps: &'a mut [Stamp],
    nets: &'a mut [i64],
    sources: &'a mut [u32],
}

impl<'a> Slots<'a> {
    /// The first `rows` of them, and the others.
    fn split(self, rows: usize) -> (Slots<'a>, Slots<'a>) {
        let (stamps, other_stamps) = self.stamps.split_at_mut(rows);
        let (nets, other_nets) = self.nets.split_at_mut(rows);
        let with_facts = rows.min(self.sources.len());
        let (sources, other_sources) = self.sources.split_at_mut(with_facts);
        (
            Slots { stamps, nets, sources },
            Slots { stamps: other_stamps, nets: other_nets, sources: other_sources },
        )
    }
}

/// Customers in order whose rows were written.
struct Sorted {
    keys: KeyVec,
    /// The first row of each customer, counted from the first of all of them.
    start: Vec<u32>,
    /// How many rows they have.
    rows: usize,
    repeated: usize,
}

/// Partitions sorted into rows of a ledger.
struct Sorter<'a> {
    source: &'a Source<'a>,
    slots: Slots<'a>,
    sorted: Sorted,
    /// Where in the dictionary the last customer was found.
    found: Found,
    /// The rows of a partition and, where hashes are not keys, their keys.
    rows: Vec<Row>,
    keys: KeyWords,
    /// One of the keys, spelled out.
    text: Vec<u8>,
}

impl<'a> Sorter<'a> {
    fn new(source: &'a Source<'a>, slots: Slots<'a>) -> Sorter<'a> {
        let texts = source.keyed || source.dictionary.is_some();
        let keys = if texts { KeyVec::texts() } else { KeyVec::default() };
        let sorted = Sorted { keys, start: Vec::new(), rows: 0, repeated: 0 };
        let (rows, keys, text) = (Vec::new(), KeyWords::default(), Vec::new());
        Sorter { source, slots, sorted, found: Found::default(), rows, keys, text }
    }

    /// Appends the customers of one partition, whose hashes agree in their first `known` bits.
    fn partition(&mut self, dealt: &[Hand], known: u32) {
        self.sort(dealt, known);
        let rows = core::mem::take(&mut self.rows);
        let apart = |a: &Row, b: &Row| a.hash == b.hash && !self.keys.same(a.place, b.place);
        if self.source.keyed && rows.windows(2).any(|pair| apart(&pair[0], &pair[1])) {
            rows.chunk_by(|a, b| a.hash == b.hash).for_each(|same_hash| self.customers_of_hash(same_hash));
        } else if self.source.facts {
            rows.chunk_by(|a, b| a.hash == b.hash).for_each(|customer| self.customer(customer));
        } else {
            self.plain_customers(&rows);
        }
        self.rows = rows;
    }

    /// The rows of a partition in the order of [`Row::rank`], left in `self.rows`.
    fn sort(&mut self, dealt: &[Hand], known: u32) {
        let count: usize = dealt.iter().map(|hand| hand.rows.len()).sum();
        // Copied end to end, the keys are in cache where rows are compared out of their order.
        self.keys.clear();
        let first = |hand: &Hand| self.keys.append(&hand.keys);
        let firsts: Vec<u32> = dealt.iter().map(first).collect();
        let hands = || dealt.iter().zip(&firsts);
        let in_turn =
            || hands().flat_map(|(hand, first)| hand.rows.iter().map(move |row| row.counted_from(*first)));
        self.rows.clear();
        // About two rows to a bucket.
        let bits = (count / 2).checked_ilog2().unwrap_or(0).min(16);
        if bits < 3 {
            self.rows.extend(in_turn());
            self.rows.sort_unstable_by_key(Row::rank);
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 16 bits are left")]
        let bucket = |row: &Row| (row.hash << known >> (64 - bits)) as usize;
        let mut ends = vec![0_u32; (1 << bits) + 1];
        for row in dealt.iter().flat_map(|hand| &hand.rows) {
            ends[bucket(row) + 1] += 1;
        }
        for i in 1..ends.len() {
            ends[i] += ends[i - 1];
        }
        self.rows.resize(count, Row { hash: 0, net: 0, stamp: Stamp::new(0, true), place: 0 });
        for row in in_turn() {
            let end = &mut ends[bucket(&row)];
            self.rows[*end as usize] = row;
            *end += 1;
        }
        // `ends` now holds each bucket's end where it held its start.
        let mut start = 0;
        for &end in &ends[..1 << bits] {
            let end = end as usize;
            if end - start > 1 {
                self.rows[start..end].sort_unstable_by_key(Row::rank);
            }
            start = end;
        }
    }

    /// Appends the key of a row.
    #[inline]
    fn append_key(&mut self, row: &Row) {
        let key = if self.source.keyed {
            self.keys.get(row.place, &mut self.text)
        } else {
            let known = self.source.dictionary.as_ref().and_then(|dictionary| {
                let (key, found) = dictionary.next(self.found, row.hash, &mut self.text);
                self.found = found;
                key
            });
            known.unwrap_or(KeyRef::Number(number_of_hash(row.hash)))
        };
        self.sorted.keys.push(Some(&key));
    }

    /// The customers of a partition without facts, where a hash is a customer and a row nothing else.
    fn plain_customers(&mut self, rows: &[Row]) {
        let mut last = None;
        for (at, row) in (self.sorted.rows..).zip(rows) {
            if last != Some(row.hash) {
                last = Some(row.hash);
                self.append_key(row);
                self.sorted.start.push(numbered(at));
            }
        }
        self.append_plain(rows);
    }

    fn append_plain(&mut self, rows: &[Row]) {
        let made = self.sorted.rows..self.sorted.rows + rows.len();
        self.sorted.rows = made.end;
        let (stamps, nets) = (&mut self.slots.stamps[made.clone()], &mut self.slots.nets[made]);
        stamps.iter_mut().zip(rows).for_each(|(stamp, row)| *stamp = row.stamp);
        nets.iter_mut().zip(rows).for_each(|(net, row)| *net = row.net);
    }

    /// The customers whose keys have one hash: one, unless two texts collide.
    fn customers_of_hash(&mut self, rows: &[Row]) {
        let key = |row: &Row| self.keys.get(row.place, &mut Vec::new()).into_owned();
        let mut keyed: Vec<(CustomerKey, Row)> = rows.iter().map(|row| (key(row), *row)).collect();
        sort::by(&mut keyed, |a, b| a.0.cmp(&b.0).then(a.1.rank().cmp(&b.1.rank())));
        for customer in keyed.chunk_by(|a, b| a.0 == b.0) {
            let rows: Vec<Row> = customer.iter().map(|&(_, row)| row).collect();
            self.customer(&rows);
        }
    }

    #[inline]
    fn customer(&mut self, rows: &[Row]) {
        self.append_key(&rows[0]);
        self.sorted.start.push(numbered(self.sorted.rows));
        self.append_rows(rows);
    }

    fn append_rows(&mut self, rows: &[Row]) {
        if !self.source.facts {
            self.append_plain(rows);
            return;
        }
        let source = self.source;
        for alike in rows.chunk_by(|a, b| (a.stamp, a.net) == (b.stamp, b.net)) {
            let first = self.sorted.rows;
            let sources = &mut self.slots.sources[first..first + alike.len()];
            for (at, row) in sources.iter_mut().zip(alike) {
                // Where hashes are keys there are no marks, and nobody has none.
                *at = self.keys.mark(row.place).unwrap_or(row.place);
            }
            let mut kept = alike.len();
            if alike.len() > 1 {
                sort::places(sources, &|a, b| source.facts(a).cmp(&source.facts(b)));
                kept = 1;
                for at in 1..sources.len() {
                    let (before, this) = (source.facts(sources[kept - 1]), source.facts(sources[at]));
                    if this.id.is_none() || before != this {
                        sources[kept] = sources[at];
                        kept += 1;
                    }
                }
            }
            let Row { stamp, net, .. } = alike[0];
            self.slots.stamps[first..first + kept].fill(stamp);
            self.slots.nets[first..first + kept].fill(net);
            self.sorted.rows += kept;
            self.sorted.repeated += alike.len() - kept;
        }
    }
}

/// The orders of nobody, whose start ends the column of starts.
fn nobody<'a>(source: &'a Source<'a>, slots: Slots<'a>, unidentified: &[Vec<Row>]) -> Sorted {
    let mut rows = unidentified.concat();
    rows.sort_unstable_by_key(Row::rank);
    let mut sorter = Sorter::new(source, slots);
    sorter.sorted.start.push(0);
    sorter.append_rows(&rows);
    sorter.sorted
}

/// The facts of the rows, column by column.
fn gather(source: &Source<'_>, sources: &[u32]) -> Facts {
    let currency = source.options.currency;
    let any = |has: fn(&OrderColumns<'_>) -> bool| source.chunks.iter().any(has);
    let places = || sources.iter().map(|&row| source.locate(row));
    let amounts = |of: for<'c> fn(&OrderColumns<'c>) -> Option<AmountColumn<'c>>| {
        let amount = |(chunk, row): (&OrderColumns<'_>, usize)| of(chunk)?.get(row, currency).ok().flatten();
        settled(places().map(|place| amount(place).unwrap_or(NO_AMOUNT)).collect())
    };
    let ids = || {
        let mut ids = KeyVec::default();
        let mut some = false;
        for (chunk, row) in places() {
            let id = chunk.ids.as_ref().and_then(|column| column.get(row));
            some |= id.is_some();
            ids.push(id.as_ref());
        }
        some.then_some(ids)
    };
    let refunds = || {
        let refund = |(row, &source_row): (u32, &u32)| {
            let facts = source.facts(source_row);
            (facts.refunded > 0).then_some(Refund { row, amount: facts.refunded, day: facts.refunded_on })
        };
        (0..).zip(sources).filter_map(refund).collect()
    };
    let refunding = any(|c| c.refunded.is_some() || c.statuses.is_some() || c.known_statuses.is_some());
    Facts {
        ids: any(|c| c.ids.is_some()).then(ids).flatten(),
        costs: any(|c| c.costs.is_some()).then(|| amounts(|c| c.costs)).flatten(),
        discounts: any(|c| c.discounts.is_some()).then(|| amounts(|c| c.discounts)).flatten(),
        channels: Channels::new(places().map(|(chunk, row)| channel(chunk, row))),
        refunds: if refunding { refunds() } else { Vec::new() },
    }
}

fn channel<'a>(chunk: &OrderColumns<'a>, row: usize) -> Option<&'a str> {
    chunk.channels.and_then(|column| column.get(row)).filter(|name| !name.is_empty())
}

/// An id that stands on more than one order, with two of its places.
pub(super) fn duplicate_id<'a>(
    ids: impl Iterator<Item = (KeyRef<'a>, usize)> + Clone + Sync,
    count: usize,
) -> Option<(CustomerKey, usize, usize)> {
    let threads = parallel::threads_for(count) as u64;
    let of_thread = |thread| {
        let mut hashes: Vec<u64> = Vec::with_capacity(count / usize::try_from(threads).unwrap_or(1));
        hashes.extend(ids.clone().map(|(id, _)| id.hash()).filter(|hash| hash % threads == thread));
        hashes.sort_unstable();
        let twice = hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        twice.collect::<Vec<u64>>()
    };
    let mut twice = parallel::map(0..threads, of_thread).concat();
    if twice.is_empty() {
        return None;
    }
    // Only of these are the ids themselves compared: two ids may share a hash, but orders of one id always do.
    twice.sort_unstable();
    let mut suspects: Vec<(KeyRef<'a>, usize)> =
        ids.filter(|(id, _)| twice.binary_search(&id.hash()).is_ok()).collect();
    sort::by(&mut suspects, Ord::cmp);
    let pair = suspects.windows(2).find(|pair| pair[0].0 == pair[1].0)?;
    Some((pair[0].0.clone().into_owned(), pair[0].1, pair[1].1))
}
