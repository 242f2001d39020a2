#![expect(
    clippy::indexing_slicing,
    reason = "row and customer numbers are made here: `start` ascends from 0 to the number of rows, every column has that \
              many, and partitions are numbered by as many bits of a hash as there are partitions"
)]

use core::cmp::Ordering;
use core::hash::{BuildHasherDefault, Hasher};
use core::ops::Range;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::columns::{EventColumns, Given, KindColumn};
use super::event::{Event, EventKind, EventOptions, UnknownKinds};
use crate::calendar::{Clock, Day, Zone};
use crate::error::{Error, Result};
use crate::orders::{KeyColumn, KeyRef, KeyVec, TimeColumn, number_of_hash};
use crate::{parallel, sort};

/// A value that is missing or that has no meaning.
pub(crate) const NO_VALUE: u32 = u32::MAX;
/// An event that is about no e-mail that was named.
const NO_CAMPAIGN: u32 = u32::MAX;

/// Events sorted by customer, ready to be read beside any history of the same customers.
///
/// Equal rows are as many events: they carry no number by which one that comes twice could be told.
///
/// ```
/// use chrono::NaiveDate;
/// use regulars::{Event, EventKind, EventLog, EventOptions};
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
/// let events = [
///     Event::new(day(1), EventKind::EmailDelivered).customer("ann").campaign("spring"),
///     Event::new(day(2), EventKind::EmailOpened).customer("ann").campaign("spring"),
///     Event::new(day(2), EventKind::Visit),
/// ];
/// let log = EventLog::from_events(events, &EventOptions::default())?;
/// assert_eq!((log.len(), log.unidentified()), (3, 1));
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct EventLog {
    /// In the order in which a history has its customers.
    keys: KeyVec,
    /// The first row of each customer.
    start: Vec<u32>,
    rows: Vec<Happening>,
    given: u64,
    unidentified: u64,
    unknown: Vec<UnknownKind>,
}

/// Events of a kind that is not known here, which were left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UnknownKind {
    /// The kind as it was given.
    pub kind: String,
    /// How many events.
    pub events: u64,
}

/// An event as the log keeps it, in the order in which a customer's are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Happening {
    /// The number of the e-mail, by which it is told from others and no more.
    pub(crate) campaign: u32,
    pub(crate) kind: EventKind,
    pub(crate) day: Day,
    /// Seconds or shares.
    pub(crate) value: u32,
}

/// The events of one customer.
pub(crate) type Events<'a> = &'a [Happening];

impl EventLog {
    /// A log of events that come one by one.
    ///
    /// # Errors
    /// As [`EventLog::from_columns`].
    pub fn from_events(events: impl IntoIterator<Item = Event>, options: &EventOptions) -> Result<EventLog> {
        let (mut happened, mut kinds) = (Vec::new(), Vec::new());
        let (mut customers, mut campaigns, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for event in events {
            happened.push(Some(event.happened));
            kinds.push(event.kind);
            customers.push(event.customer);
            campaigns.push(event.campaign);
            values.push(event.value.unwrap_or(f64::NAN));
        }
        let mut columns = EventColumns::new(TimeColumn::Moments(&happened), KindColumn::Kinds(&kinds));
        columns.customers = Some(KeyColumn::Keys(&customers));
        columns.campaigns = Some(KeyColumn::Keys(&campaigns));
        columns.values = Some(&values);
        EventLog::from_columns(&[columns], options)
    }

    /// A log of events in columns, in one or more chunks whose rows are counted on from chunk to chunk.
    ///
    /// # Errors
    /// [`Error::UnequalColumns`]; with the row, [`Error::MissingValue`] where a moment or a kind is missing,
    /// [`Error::UnknownEventKind`] unless such events are left out, and [`Error::InvalidArgument`] where a visit lasted less
    /// than nothing or shares are no whole number.
    pub fn from_columns(chunks: &[EventColumns<'_>], options: &EventOptions) -> Result<EventLog> {
        build(chunks, options)
    }

    /// How many events were given, those of nobody and of unknown kinds included.
    pub fn len(&self) -> u64 {
        self.given
    }

    /// Whether no event was given.
    pub fn is_empty(&self) -> bool {
        self.given == 0
    }

    /// How many events are of nobody. They are in no figure, since there is no customer whose they were.
    pub fn unidentified(&self) -> u64 {
        self.unidentified
    }

    /// The events that were left out for their kind, by its name.
    pub fn unknown_kinds(&self) -> &[UnknownKind] {
        &self.unknown
    }

    /// All events of somebody.
    pub(crate) fn all(&self) -> Events<'_> {
        &self.rows
    }

    fn range(&self, customer: usize) -> Range<usize> {
        let end = self.start.get(customer + 1).map_or(self.rows.len(), |&end| end as usize);
        self.start[customer] as usize..end
    }

    /// The events of the customer whose key stands at `place` of `keys`. `at` is where to look from on, and where to go on
    /// for the next key in the order of a history.
    pub(crate) fn of(&self, keys: &KeyVec, place: usize, at: &mut Option<usize>) -> Events<'_> {
        let mut here = at.unwrap_or_else(|| self.first_from(keys, place));
        let mut found: Events<'_> = &[];
        while here < self.keys.len() {
            match self.keys.compare(here, keys, place) {
                Ordering::Less => here += 1,
                Ordering::Equal => {
                    found = &self.rows[self.range(here)];
                    here += 1;
                    break;
                }
                Ordering::Greater => break,
            }
        }
        *at = Some(here);
        found
    }

    /// The first customer of the log that does not come before the one at `place` of `keys`.
    fn first_from(&self, keys: &KeyVec, place: usize) -> usize {
        let (mut low, mut high) = (0, self.keys.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.keys.compare(middle, keys, place) {
                Ordering::Less => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}

/// An event on its way into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    hash: u64,
    event: Happening,
    /// Which of the given rows it is.
    source: u32,
}

/// The given columns as one run of rows.
struct Source<'a> {
    chunks: &'a [EventColumns<'a>],
    /// The first row of each chunk.
    first: Vec<usize>,
    rows: usize,
    zone: Zone,
    unknown_kinds: UnknownKinds,
    /// The number of every row's e-mail; empty where none is named.
    campaigns: Vec<u32>,
    /// Whether a key may be anything but a number, which its hash is as good as.
    keyed: bool,
}

impl<'a> Source<'a> {
    fn new(chunks: &'a [EventColumns<'a>], options: &EventOptions) -> Result<Source<'a>> {
        let mut first = Vec::with_capacity(chunks.len());
        let mut rows: usize = 0;
        for chunk in chunks {
            chunk.check().map_err(|error| match error {
                Error::At { row, column, source } => Error::At { row: row + rows as u64, column, source },
                other => other,
            })?;
            first.push(rows);
            rows = rows.saturating_add(chunk.len());
        }
        let most = u64::from(u32::MAX) - 1;
        if rows as u64 > most {
            return Err(Error::TooManyEvents { most });
        }
        let zone = options.zone.clone().unwrap_or_else(Zone::utc);
        let campaigns = number_campaigns(chunks);
        let columns = chunks.iter().flat_map(|chunk| [chunk.customers, chunk.emails]).flatten();
        let keyed = !columns.into_iter().all(|column| column.has_numbers_alone());
        Ok(Source { chunks, first, rows, zone, unknown_kinds: options.unknown_kinds, campaigns, keyed })
    }

    fn key(&self, source: u32) -> Option<KeyRef<'_>> {
        let chunk = self.first.partition_point(|&first| first <= source as usize).checked_sub(1)?;
        self.chunks[chunk].key(source as usize - self.first[chunk])
    }
}

/// A hasher of keys that are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A number for every distinct campaign.
fn number_campaigns(chunks: &[EventColumns<'_>]) -> Vec<u32> {
    let mut numbers = Vec::new();
    if chunks.iter().all(|chunk| chunk.campaigns.is_none()) {
        return numbers;
    }
    let mut known = KeyVec::default();
    // Of campaigns whose hashes collide only the first; the others are found by looking through all.
    let mut by_hash: HashMap<u64, u32, BuildHasherDefault<Hashed>> = HashMap::default();
    for chunk in chunks {
        for row in 0..chunk.len() {
            let Some(key) = chunk.campaigns.as_ref().and_then(|column| column.get(row)) else {
                numbers.push(NO_CAMPAIGN);
                continue;
            };
            #[expect(
                clippy::cast_possible_truncation,
                reason = "there are no more than rows, which 32 bits number"
            )]
            let next = known.len() as u32;
            let number = *by_hash.entry(key.hash()).or_insert(next);
            let number = if number == next || known.get(number as usize).as_ref() == Some(&key) {
                number
            } else {
                (0..next).find(|&number| known.get(number as usize).as_ref() == Some(&key)).unwrap_or(next)
            };
            if number == next {
                known.push(Some(&key));
            }
            numbers.push(number);
        }
    }
    numbers
}

/// What one thread has dealt.
struct Dealt {
    partitions: Vec<Vec<Row>>,
    unidentified: u64,
    unknown: BTreeMap<String, u64>,
}

fn build(chunks: &[EventColumns<'_>], options: &EventOptions) -> Result<EventLog> {
    /// So many rows sit in a level-2 cache together.
    const ROWS_PER_PARTITION: usize = 8_192;
    let source = Source::new(chunks, options)?;
    let bits = (source.rows / ROWS_PER_PARTITION).checked_ilog2().unwrap_or(0).min(10);
    let threads = parallel::threads_for(source.rows);
    let dealt = parallel::map(parallel::runs(source.rows), |rows| deal(&source, rows, bits));
    let mut log = EventLog { given: source.rows as u64, ..EventLog::default() };
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    let mut partitions: Vec<Vec<Row>> = vec![Vec::new(); 1 << bits];
    // In the order of the rows, so that the first error by row is the one reported.
    for dealt in dealt {
        let dealt = dealt?;
        log.unidentified += dealt.unidentified;
        for (kind, events) in dealt.unknown {
            *unknown.entry(kind).or_default() += events;
        }
        for (partition, more) in partitions.iter_mut().zip(dealt.partitions) {
            if partition.is_empty() {
                *partition = more;
            } else {
                partition.extend(more);
            }
        }
    }
    log.unknown = unknown.into_iter().map(|(kind, events)| UnknownKind { kind, events }).collect();
    let share = partitions.len().div_ceil(threads).max(1);
    let mut jobs = Vec::with_capacity(threads);
    while !partitions.is_empty() {
        let rest = partitions.split_off(share.min(partitions.len()));
        jobs.push(core::mem::replace(&mut partitions, rest));
    }
    for part in parallel::map(jobs, |partitions| sort(&source, partitions)) {
        #[expect(clippy::cast_possible_truncation, reason = "more rows than 32 bits number were refused")]
        let first = log.rows.len() as u32;
        log.keys.extend(&part.keys, 0..part.keys.len());
        log.start.extend(part.start.iter().map(|start| start + first));
        log.rows.extend(part.rows);
    }
    log.keys.settle();
    Ok(log)
}

fn deal(source: &Source<'_>, rows: Range<usize>, bits: u32) -> Result<Dealt> {
    let mean = rows.len() >> bits;
    let partitions = (0..1 << bits).map(|_| Vec::with_capacity(mean + mean / 16 + 16)).collect();
    let mut dealt = Dealt { partitions, unidentified: 0, unknown: BTreeMap::new() };
    let mut clock = Clock::new(&source.zone);
    let mut words = Words::default();
    for (chunk, &first) in source.chunks.iter().zip(&source.first) {
        let from = rows.start.clamp(first, first + chunk.len());
        let to = rows.end.clamp(first, first + chunk.len());
        for at in from..to {
            let row = at - first;
            let error = |column: &'static str| move |error: Error| error.at(at as u64, column);
            let day = chunk.happened_at.get(row, &mut clock).map_err(error("happened_at"))?;
            let day = day.ok_or(Error::MissingValue).map_err(error("happened_at"))?;
            let kind = match chunk.kinds.get(row).ok_or(Error::MissingValue).map_err(error("kind"))? {
                Given::Kind(kind) => kind,
                Given::Word(word) => match words.read(word) {
                    Ok(kind) => kind,
                    Err(_) if source.unknown_kinds == UnknownKinds::LeaveOut => {
                        *dealt.unknown.entry(word.trim().to_owned()).or_default() += 1;
                        continue;
                    }
                    Err(unknown) => return Err(unknown.at(at as u64, "kind")),
                },
            };
            let value = chunk.values.and_then(|values| values.get(row)).copied().unwrap_or(f64::NAN);
            let value = value_of(kind, value).map_err(error("value"))?;
            let Some(key) = chunk.key(row) else {
                dealt.unidentified += 1;
                continue;
            };
            let hash = key.hash();
            let campaign = source.campaigns.get(at).copied().unwrap_or(NO_CAMPAIGN);
            #[expect(clippy::cast_possible_truncation, reason = "more rows than 32 bits number were refused")]
            let row = Row { hash, event: Happening { campaign, kind, day, value }, source: at as u32 };
            // With one partition the shift is by all 64 bits.
            #[expect(clippy::cast_possible_truncation, reason = "at most 10 bits are left")]
            let partition = hash.checked_shr(64 - bits).unwrap_or(0) as usize;
            dealt.partitions[partition].push(row);
        }
    }
    Ok(dealt)
}

/// The words met so far, since reading one costs more than looking through a handful.
#[derive(Default)]
struct Words(Vec<(String, Result<EventKind>)>);

impl Words {
    fn read(&mut self, word: &str) -> Result<EventKind> {
        const MOST: usize = 32;
        if let Some((_, kind)) = self.0.iter().find(|(known, _)| known == word) {
            return kind.clone();
        }
        let kind = word.parse();
        if self.0.len() < MOST {
            self.0.push((word.to_owned(), kind.clone()));
        }
        kind
    }
}

/// What is kept of a value.
fn value_of(kind: EventKind, value: f64) -> Result<u32> {
    // The largest number is kept for none.
    let fits = (0.0..f64::from(u32::MAX) - 1.0).contains(&value);
    let invalid = |expected| Error::InvalidArgument { name: "value", value, expected };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the range of 32 bits"
    )]
    match kind {
        EventKind::SocialShare if value.is_nan() => Ok(1),
        EventKind::Visit | EventKind::SocialShare if value.is_nan() => Ok(NO_VALUE),
        EventKind::Visit if fits => Ok(libm::round(value) as u32),
        EventKind::Visit => Err(invalid("a number of seconds, 0 or more")),
        EventKind::SocialShare if fits && value.fract() == 0.0 => Ok(value as u32),
        EventKind::SocialShare => Err(invalid("a whole number of shares, 0 or more")),
        _ => Ok(NO_VALUE),
    }
}

/// Rows of some partitions under their customers.
fn sort(source: &Source<'_>, partitions: Vec<Vec<Row>>) -> EventLog {
    let mut log = EventLog::default();
    for mut rows in partitions {
        rows.sort_unstable();
        for same_hash in rows.chunk_by_mut(|a, b| a.hash == b.hash) {
            let key = |row: &Row| {
                if source.keyed {
                    source.key(row.source)
                } else {
                    Some(KeyRef::Number(number_of_hash(row.hash)))
                }
            };
            // Two texts may share a hash.
            let first = key(&same_hash[0]);
            let collide = source.keyed && same_hash[1..].iter().any(|row| key(row) != first);
            if collide {
                sort::by(same_hash, |a, b| key(a).cmp(&key(b)).then(a.cmp(b)));
            }
            for customer in same_hash.chunk_by(|a, b| !collide || key(a) == key(b)) {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "more rows than 32 bits number were refused"
                )]
                log.start.push(log.rows.len() as u32);
                log.keys.push(key(&customer[0]).as_ref());
                log.rows.extend(customer.iter().map(|row| row.event));
            }
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::super::event::EventKind;
    use super::*;
    use crate::orders::colliding_keys;
    use crate::{Currency, HistoryOptions, Money, Order, OrderHistory};

    /// Customers and campaigns stand by the hashes of their keys, and two keys may share one.
    #[test]
    fn keys_that_collide_stay_apart() {
        let keys = colliding_keys();
        let day = chrono::NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
        let events = (0..30).map(|i| {
            let mut event =
                Event::new(day, if i < 15 { EventKind::EmailSent } else { EventKind::EmailOpened });
            event.customer = Some(keys[i % 3].clone());
            event.campaign = Some(keys[i % 5 % 2].clone());
            event
        });
        let log = EventLog::from_events(events, &EventOptions::default()).unwrap();
        assert_eq!(log.keys.len(), 3);
        let orders = keys.iter().enumerate().map(|(i, key)| {
            let mut order = Order::new(day, Money::from_minor(1, Currency::USD));
            order.customer = Some(key.clone()).filter(|_| i != 1);
            order
        });
        let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap();
        let engagement = history.during("2024-05").unwrap().engagement(&log);
        let rate = engagement.email.email_open_rate;
        // Two customers, each with two campaigns.
        assert_eq!((rate.numerator, rate.denominator), (4, 4));
        assert_eq!((engagement.counted, engagement.not_customers), (20, 10));
    }
}
