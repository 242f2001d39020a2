#![expect(
    clippy::indexing_slicing,
    reason = "row, customer and campaign numbers are made here: `start` ascends from 0 to the number of rows, campaigns are \
              numbered from 0, and partitions by as many bits of a hash as there are partitions"
)]

use core::cmp::Ordering;
use core::ops::Range;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::columns::{EventColumns, Given, KindColumn};
use super::event::{Event, EventKind, EventOptions, UnknownKinds};
use crate::calendar::{Clock, Day, Zone};
use crate::error::{Error, Result};
use crate::orders::{KeyColumn, KeyRef, KeyVec, KeyWords, TimeColumn, bits_for, number_of_hash};
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
    /// Where its key stands among those of its hand; 0 where hashes are keys.
    place: u32,
}

/// Rows of one partition in the order in which they came, and their keys where hashes are not keys: to look a key up among
/// the given ones later costs more than all the rest.
#[derive(Debug, Clone, Default)]
struct Hand {
    rows: Vec<Row>,
    keys: KeyWords,
}

/// The most events that can be given.
const MOST_EVENTS: u64 = u32::MAX as u64 - 1;

/// The given columns as one run of rows.
struct Source<'a> {
    chunks: &'a [EventColumns<'a>],
    /// The first row of each chunk.
    first: Vec<usize>,
    rows: usize,
    zone: Zone,
    unknown_kinds: UnknownKinds,
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
        if rows as u64 > MOST_EVENTS {
            return Err(Error::TooManyEvents { most: MOST_EVENTS });
        }
        let zone = options.zone.clone().unwrap_or_else(Zone::utc);
        let columns = chunks.iter().flat_map(|chunk| [chunk.customers, chunk.emails]).flatten();
        let keyed = !columns.into_iter().all(|column| column.has_numbers_alone());
        Ok(Source { chunks, first, rows, zone, unknown_kinds: options.unknown_kinds, keyed })
    }
}

/// A number for every distinct campaign.
#[derive(Default)]
struct Campaigns<'a>(HashMap<KeyRef<'a>, u32>);

impl<'a> Campaigns<'a> {
    fn number(&mut self, key: Option<KeyRef<'a>>) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are no more than rows, which 32 bits number"
        )]
        let next = self.0.len() as u32;
        key.map_or(NO_CAMPAIGN, |key| *self.0.entry(key).or_insert(next))
    }
}

/// What one thread has dealt.
struct Dealt<'a> {
    partitions: Vec<Hand>,
    /// Numbered by this thread alone.
    campaigns: Campaigns<'a>,
    unidentified: u64,
    unknown: BTreeMap<String, u64>,
}

fn build(chunks: &[EventColumns<'_>], options: &EventOptions) -> Result<EventLog> {
    /// So many rows sit in a level-2 cache together.
    const ROWS_PER_PARTITION: usize = 8_192;
    let source = Source::new(chunks, options)?;
    let bits = bits_for(source.rows / ROWS_PER_PARTITION);
    let threads = parallel::threads_for(source.rows);
    let dealt = parallel::map(parallel::runs(source.rows), |rows| deal(&source, rows, bits));
    let mut unidentified = 0;
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    let mut campaigns = Campaigns::default();
    // Thread by thread, the number among all campaigns of each of its own.
    let mut numbers: Vec<Vec<u32>> = Vec::with_capacity(threads);
    // Partition by partition, what every thread has dealt into it.
    let mut partitions: Vec<Vec<Hand>> = vec![Vec::with_capacity(threads); 1 << bits];
    // In the order of the rows, so that the first error by row is the one reported.
    for dealt in dealt {
        let dealt = dealt?;
        unidentified += dealt.unidentified;
        for (kind, events) in dealt.unknown {
            *unknown.entry(kind).or_default() += events;
        }
        let mut named = vec![None; dealt.campaigns.0.len()];
        for (key, number) in dealt.campaigns.0 {
            named[number as usize] = Some(key);
        }
        numbers.push(named.into_iter().map(|key| campaigns.number(key)).collect());
        for (partition, hand) in partitions.iter_mut().zip(dealt.partitions) {
            partition.push(hand);
        }
    }
    let words = |hands: &Vec<Hand>| hands.iter().map(|hand| hand.keys.len()).sum::<usize>();
    if partitions.iter().map(words).any(|words| u32::try_from(words).is_err()) {
        return Err(Error::TooManyEvents { most: MOST_EVENTS });
    }
    let share = partitions.len().div_ceil(threads).max(1);
    let mut jobs = Vec::with_capacity(threads);
    while !partitions.is_empty() {
        let rest = partitions.split_off(share.min(partitions.len()));
        jobs.push(core::mem::replace(&mut partitions, rest));
    }
    let sort = |partitions| sort(source.keyed, partitions, &numbers);
    let mut log = parallel::reduce(jobs, sort, |log, part| {
        #[expect(clippy::cast_possible_truncation, reason = "more rows than 32 bits number were refused")]
        let first = log.rows.len() as u32;
        log.keys.extend(&part.keys, 0..part.keys.len());
        log.start.extend(part.start.iter().map(|start| start + first));
        log.rows.extend(part.rows);
    })
    .unwrap_or_default();
    log.keys.settle();
    log.given = source.rows as u64;
    log.unidentified = unidentified;
    log.unknown = unknown.into_iter().map(|(kind, events)| UnknownKind { kind, events }).collect();
    Ok(log)
}

fn deal<'a>(source: &Source<'a>, rows: Range<usize>, bits: u32) -> Result<Dealt<'a>> {
    let mean = rows.len() >> bits;
    let mut partitions = vec![Hand::default(); 1 << bits];
    for partition in &mut partitions {
        partition.rows.reserve_exact(mean + mean / 16 + 16);
    }
    let campaigns = Campaigns::default();
    let mut dealt = Dealt { partitions, campaigns, unidentified: 0, unknown: BTreeMap::new() };
    let mut clock = Clock::new(&source.zone);
    let mut words = Words::default();
    for (chunk, &first) in source.chunks.iter().zip(&source.first) {
        let from = rows.start.clamp(first, first + chunk.len());
        let to = rows.end.clamp(first, first + chunk.len());
        // Each text of a list is looked at once, unless there are more of them than rows.
        let by_code: Option<(&[u32], Vec<u32>)> = match chunk.campaigns {
            Some(KeyColumn::Codes { codes, values }) if values.len() <= to - from => {
                let texts = (0..values.len()).map(|code| values.get(code).and_then(KeyRef::new));
                Some((codes, texts.map(|key| dealt.campaigns.number(key)).collect()))
            }
            _ => None,
        };
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
            let campaign = if let Some((codes, numbers)) = &by_code {
                let number = codes.get(row).and_then(|&code| numbers.get(code as usize));
                number.copied().unwrap_or(NO_CAMPAIGN)
            } else {
                dealt.campaigns.number(chunk.campaigns.as_ref().and_then(|column| column.get(row)))
            };
            // With one partition the shift is by all 64 bits.
            #[expect(clippy::cast_possible_truncation, reason = "at most 10 bits are left")]
            let partition = hash.checked_shr(64 - bits).unwrap_or(0) as usize;
            let hand = &mut dealt.partitions[partition];
            let place = if source.keyed {
                hand.keys.push(&key, 0).ok_or(Error::TooManyEvents { most: MOST_EVENTS })?
            } else {
                0
            };
            hand.rows.push(Row { hash, event: Happening { campaign, kind, day, value }, place });
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
fn sort(keyed: bool, partitions: Vec<Vec<Hand>>, numbers: &[Vec<u32>]) -> EventLog {
    let mut log = EventLog::default();
    let (mut rows, mut keys, mut text) = (Vec::new(), KeyWords::default(), Vec::new());
    for hands in partitions {
        rows.clear();
        keys.clear();
        for (hand, numbers) in hands.iter().zip(numbers) {
            let first = keys.append(&hand.keys);
            rows.extend(hand.rows.iter().map(|row| {
                let campaign = numbers.get(row.event.campaign as usize).copied().unwrap_or(NO_CAMPAIGN);
                Row { event: Happening { campaign, ..row.event }, place: first + row.place, ..*row }
            }));
        }
        rows.sort_unstable();
        let same = |a: &Row, b: &Row| !keyed || keys.same(a.place, b.place);
        for same_hash in rows.chunk_by_mut(|a, b| a.hash == b.hash) {
            // Two texts may share a hash.
            if !same_hash.windows(2).all(|pair| same(&pair[0], &pair[1])) {
                let key = |row: &Row| keys.get(row.place, &mut Vec::new()).into_owned();
                sort::by(same_hash, |a, b| key(a).cmp(&key(b)).then(a.cmp(b)));
            }
            for customer in same_hash.chunk_by(same) {
                let key = if keyed {
                    keys.get(customer[0].place, &mut text)
                } else {
                    KeyRef::Number(number_of_hash(customer[0].hash))
                };
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "more rows than 32 bits number were refused"
                )]
                log.start.push(log.rows.len() as u32);
                log.keys.push(Some(&key));
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
