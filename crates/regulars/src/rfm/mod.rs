//! Customers by recency, frequency and monetary value.

mod grid;

use core::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::grid::RfmGrid;
use crate::calendar::{Day, Period, boundary_day, date_of, day_of};
use crate::error::{Error, Result};
use crate::measure::Rate;
use crate::metrics::{Spread, Tally};
use crate::money::{Currency, Money};
use crate::orders::{Block, Counter, CustomerKey, KeyVec, OrderHistory};
use crate::table::{Column, Columns, Values};
use crate::{parallel, sort};

/// How [`OrderHistory::rfm`] scores customers.
///
/// ```
/// use regulars::{RfmOptions, RfmWindow};
///
/// let mut options = RfmOptions::default();
/// options.window = RfmWindow::Days(365);
/// assert_eq!(options.bins, 5);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RfmOptions {
    /// The number of scores, from 2 to 10; 5 unless told otherwise.
    pub bins: u8,
    /// Which purchases count; all of them, unless told otherwise.
    pub window: RfmWindow,
    /// Fixed thresholds of recency, in days, as in [`RfmBreaks::recency`]. Where there are none, customers are ranked.
    pub recency_breaks: Option<Vec<u32>>,
    /// Fixed thresholds of frequency, as in [`RfmBreaks::frequency`].
    pub frequency_breaks: Option<Vec<u32>>,
    /// Fixed thresholds of monetary value, as in [`RfmBreaks::monetary`].
    pub monetary_breaks: Option<Vec<Money>>,
    /// The names of the segments; [`RfmGrid::standard`] where this is `None`.
    pub grid: Option<RfmGrid>,
}

impl Default for RfmOptions {
    fn default() -> RfmOptions {
        RfmOptions {
            bins: 5,
            window: RfmWindow::All,
            recency_breaks: None,
            frequency_breaks: None,
            monetary_breaks: None,
            grid: None,
        }
    }
}

impl RfmOptions {
    /// The same with thresholds that were found before, so that scores of two dates can be compared.
    #[must_use]
    pub fn with_breaks(mut self, breaks: &RfmBreaks) -> RfmOptions {
        self.recency_breaks = Some(breaks.recency.clone());
        self.frequency_breaks = Some(breaks.frequency.clone());
        self.monetary_breaks = Some(breaks.monetary.clone());
        self
    }
}

/// Which purchases an RFM analysis looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum RfmWindow {
    /// All that were observed.
    #[default]
    All,
    /// Those of this many days before the end of the observation.
    Days(u32),
    /// Those of a period; recency is as of its end, or of the end of the observation where that is earlier.
    Period(Period),
}

/// From which value on a customer has which score.
///
/// The first value of each list is the threshold of score 2, the next that of score 3, and so on. Two scores with the
/// same threshold are one step: no customer has the lower one. A list that ends early has no customer in the scores
/// above.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RfmBreaks {
    /// The most days since the last purchase with which a customer has score 2, score 3, …; descending.
    pub recency: Vec<u32>,
    /// The fewest purchases with which a customer has score 2, score 3, …; ascending.
    pub frequency: Vec<u32>,
    /// The least net revenue with which a customer has score 2, score 3, …; ascending.
    pub monetary: Vec<Money>,
}

/// Every buyer's recency, frequency and monetary value, scored from 1 to [`bins`](RfmGroups::bins), the best.
///
/// As [`Columns`] it has one row per customer, in the order in which the history keeps them: that of their keys' hashes,
/// which is the same however the orders came in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Rfm {
    /// The customers in groups. In JSON its fields stand beside `customers`.
    #[serde(flatten)]
    pub groups: RfmGroups,
    /// The customers, column by column.
    pub customers: RfmCustomers,
}

/// The buyers by segment and by score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RfmGroups {
    /// The days whose purchases count.
    pub period: Period,
    /// Whether observation lasted to the period's end. Recency is as of the end of what was observed.
    pub complete: bool,
    /// The day from which recency is counted back: the first that no longer counts.
    pub as_of: NaiveDate,
    /// The number of scores.
    pub bins: u8,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The thresholds that were used.
    pub breaks: RfmBreaks,
    /// The names of the segments by scores.
    pub grid: RfmGrid,
    /// The segments, best first, those without customers included.
    pub segments: Vec<RfmSegment>,
    /// Customers by the three scores, in ascending order of them; only combinations that occur.
    pub cells: Vec<RfmCell>,
}

/// The customers of one segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RfmSegment {
    /// Its name.
    pub name: String,
    /// Customers in it ÷ all buyers.
    pub share: Rate,
    /// The net revenue of its customers.
    pub revenue: Money,
}

/// The customers with the same three scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RfmCell {
    /// The score of recency.
    pub r: u8,
    /// The score of frequency.
    pub f: u8,
    /// The score of monetary value.
    pub m: u8,
    /// How many customers.
    pub customers: u64,
}

/// The customers of an [`Rfm`], one entry of every column each.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RfmCustomers {
    keys: KeyVec,
    /// Days from the last purchase to [`RfmGroups::as_of`]: 1 for a purchase on the last day that counts.
    pub recency: Vec<u32>,
    /// Purchases.
    pub frequency: Vec<u32>,
    /// Net revenue in minor units, credit notes included.
    pub monetary_minor: Vec<i64>,
    /// Scores of recency; the more recent, the higher.
    pub r: Vec<u8>,
    /// Scores of frequency.
    pub f: Vec<u8>,
    /// Scores of monetary value.
    pub m: Vec<u8>,
    /// Places in [`RfmGroups::segments`].
    pub segment: Vec<u8>,
}

impl RfmCustomers {
    /// How many customers.
    pub fn len(&self) -> usize {
        self.recency.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.recency.is_empty()
    }

    /// Who stands in a row.
    pub fn key(&self, row: usize) -> Option<CustomerKey> {
        self.keys.key(row)
    }
}

impl OrderHistory {
    /// Recency, frequency and monetary value of every buyer, with scores, segments, and the thresholds that were used.
    ///
    /// Score = 1 + ⌊bins × share of customers who are strictly worse⌋, so that equal customers have equal scores and the
    /// highest is the best. Fixed thresholds take the place of the ranking where the options have them.
    ///
    /// # Errors
    /// [`Error::InvalidRfmBins`], [`Error::InvalidRfmBreaks`] and [`Error::InvalidRfmGrid`] where the options cannot be
    /// applied; [`Error::MixedCurrencies`] for thresholds in another currency; [`Error::EmptyPeriod`] for a window that
    /// begins after the observation ends.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, RfmOptions};
    /// # let order = |who: &str, d, usd: i64| {
    /// #     let date = NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// #     Order::new(date, Money::from_minor(100 * usd, Currency::USD)).customer(who)
    /// # };
    /// let orders = [order("ann", 1, 30), order("ann", 20, 40), order("bob", 3, 20)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let rfm = history.rfm(&RfmOptions::default())?;
    /// let bob = (0..2).find(|&row| rfm.customers.key(row).unwrap().to_string() == "bob").unwrap();
    /// // The 3rd is 18 days before the 21st. Nobody is worse than Bob, half of all are worse than Ann.
    /// assert_eq!((rfm.customers.recency[bob], rfm.customers.r[bob], rfm.customers.r[1 - bob]), (18, 1, 3));
    ///
    /// let later = history.rfm(&RfmOptions::default().with_breaks(&rfm.groups.breaks))?;
    /// assert_eq!(later.customers, rfm.customers);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn rfm(&self, options: &RfmOptions) -> Result<Rfm> {
        let plan = RfmPlan::new(self, options)?;
        let mut counter = self.ledger().count(|| plan.counter());
        let spread = counter.spread().ascending();
        let scores = plan.scores(&counter, &spread);
        let groups = plan.groups(&counter, &scores);
        Ok(Rfm { groups, customers: plan.customers(&counter, &scores) })
    }

    /// The period of a window, its first day, and the day after its last that was observed.
    fn rfm_window(&self, window: RfmWindow) -> Result<(Period, Day, Day)> {
        let until = self.observed_until();
        let end = boundary_day(until);
        let period = match window {
            RfmWindow::All => self.span(),
            RfmWindow::Days(days) => {
                let days = i32::try_from(days).unwrap_or(i32::MAX);
                Period::new(date_of(end.saturating_sub(days)), until)?
            }
            RfmWindow::Period(period) => period,
        };
        let observed = Period::new(period.start(), period.end().min(until))?;
        let as_of = boundary_day(observed.end());
        Ok((period, day_of(observed.start())?, as_of))
    }
}

/// What is asked of a pass: recency, frequency and monetary value of every buyer.
#[derive(Debug)]
pub(crate) struct RfmPlan<'a> {
    history: &'a OrderHistory,
    period: Period,
    /// The days that count.
    days: Range<Day>,
    bins: u8,
    grid: RfmGrid,
    /// The names of the grid.
    names: Vec<String>,
    recency: Option<Vec<u32>>,
    frequency: Option<Vec<u32>>,
    monetary: Option<Vec<i64>>,
}

/// Recency, frequency and monetary value of a buyer.
type Buyer = (u32, u32, i64);

/// The same in half of the memory: the system hands it out page by page, and that took longer than to count.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    recency: u16,
    /// 0 for those who bought nothing, and for buyers who do not fit.
    frequency: u16,
    monetary: i32,
}

impl Row {
    #[inline]
    fn of((recency, frequency, monetary): Buyer) -> Option<Row> {
        Some(Row {
            recency: recency.try_into().ok()?,
            frequency: frequency.try_into().ok()?,
            monetary: monetary.try_into().ok()?,
        })
    }
}

/// Buyers among consecutive customers.
#[derive(Debug, Default)]
struct Buyers {
    /// The place of the first of these customers in the ledger.
    first: usize,
    /// Of every customer from there on.
    rows: Vec<Row>,
    /// The buyers who do not fit into their row, by their place in the ledger, which ascends.
    large: Vec<(usize, Buyer)>,
}

#[derive(Debug)]
pub(crate) struct RfmCounter<'a> {
    plan: &'a RfmPlan<'a>,
    parts: Vec<Buyers>,
    recency: Tally,
    frequency: Tally,
    spread: Spread,
}

impl RfmCounter<'_> {
    /// How many buyers have each net revenue.
    pub(crate) fn spread(&mut self) -> Spread {
        core::mem::take(&mut self.spread)
    }
}

impl Counter for RfmCounter<'_> {
    fn look(&mut self, block: &Block) {
        let plan = self.plan;
        let all = plan.days.start <= plan.history.days().start && plan.days.end >= plan.history.days().end;
        if self.parts.is_empty() {
            self.parts.push(Buyers { first: block.places().start, ..Buyers::default() });
        }
        let Some(Buyers { first, rows, large }) = self.parts.last_mut() else { return };
        rows.resize(block.places().end - *first, Row::default());
        let before = large.len();
        block.for_each(|shopper| {
            let (mut last, mut frequency, mut monetary) =
                (shopper.last_purchase(), shopper.purchases, shopper.net);
            if !all {
                let entries = || shopper.entries.iter().filter(|entry| plan.days.contains(&entry.day));
                let purchases = || entries().filter(|entry| entry.is_purchase());
                last = purchases().next_back().map(|entry| entry.day);
                frequency = purchases().map(|_| 1).sum();
                monetary = entries().map(|entry| entry.net).sum();
            }
            let Some(last) = last else { return };
            #[expect(clippy::cast_sign_loss, reason = "the last day lies before the end")]
            let recency = (plan.days.end - last) as u32;
            self.recency.count(recency);
            self.frequency.count(frequency);
            self.spread.add(monetary);
            let buyer = (recency, frequency, monetary);
            match (Row::of(buyer), rows.get_mut(shopper.place - *first)) {
                (Some(packed), Some(row)) => *row = packed,
                _ => large.push((shopper.place, buyer)),
            }
        });
        if let Some(large) = large.get_mut(before..) {
            sort::by(large, Ord::cmp);
        }
    }

    fn merge(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.recency.add(&other.recency);
        self.frequency.add(&other.frequency);
        self.spread.merge(other.spread);
    }
}

impl Buyers {
    /// Each by the place in the ledger, in its order.
    fn iter(&self) -> impl Iterator<Item = (usize, Buyer)> {
        let mut large = self.large.iter().copied().peekable();
        (self.first..).zip(&self.rows).filter_map(move |(place, row)| match row.frequency {
            0 => large.next_if(|&(other, _)| other == place),
            _ => Some((place, (row.recency.into(), row.frequency.into(), row.monetary.into()))),
        })
    }
}

/// The thresholds, and tables of the scores of small numbers.
#[derive(Debug)]
pub(crate) struct Scores {
    breaks: RfmBreaks,
    recency: Vec<u8>,
    frequency: Vec<u8>,
    monetary: Vec<i64>,
}

impl Scores {
    #[inline]
    fn of(&self, (recency, frequency, monetary): Buyer) -> [u8; 3] {
        let score = |table: &[u8], value: u32| table.get(value as usize).copied().unwrap_or(1);
        [
            score(&self.recency, recency),
            score(&self.frequency, frequency),
            score_of(&self.monetary, |&least| monetary >= least),
        ]
    }
}

/// The customers with the same scores.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    customers: u64,
    revenue: i64,
}

impl<'a> RfmPlan<'a> {
    pub(crate) fn new(history: &'a OrderHistory, options: &RfmOptions) -> Result<RfmPlan<'a>> {
        let bins = options.bins;
        if !(2..=10).contains(&bins) {
            return Err(Error::InvalidRfmBins { bins });
        }
        let grid = options.grid.clone().unwrap_or_else(|| RfmGrid::standard(bins));
        grid.check(bins)?;
        check_breaks("recency", options.recency_breaks.as_deref(), bins, |a, b| a >= b)?;
        check_breaks("frequency", options.frequency_breaks.as_deref(), bins, |a, b| a <= b)?;
        let currency = history.options().currency;
        let monetary = options.monetary_breaks.as_ref().map(|breaks| {
            let minor = |money: &Money| {
                if money.currency().code() == currency.code() {
                    money.minor_with(currency.decimals())
                } else {
                    Err(Error::MixedCurrencies { expected: currency, found: money.currency() })
                }
            };
            breaks.iter().map(minor).collect::<Result<Vec<i64>>>()
        });
        let monetary = monetary.transpose()?;
        check_breaks("monetary", monetary.as_deref(), bins, |a, b| a <= b)?;
        let (period, first, as_of) = history.rfm_window(options.window)?;
        Ok(RfmPlan {
            history,
            period,
            days: first..as_of,
            bins,
            names: grid.names(),
            grid,
            recency: options.recency_breaks.clone(),
            frequency: options.frequency_breaks.clone(),
            monetary,
        })
    }

    pub(crate) fn counter(&self) -> RfmCounter<'_> {
        RfmCounter {
            plan: self,
            parts: Vec::new(),
            recency: Tally::default(),
            frequency: Tally::default(),
            spread: Spread::default(),
        }
    }

    /// The thresholds of what was counted; `spread` is how many buyers have each net revenue.
    pub(crate) fn scores(&self, counter: &RfmCounter<'_>, spread: &[(i64, u64)]) -> Scores {
        let total = spread.iter().map(|&(_, count)| count).sum();
        let ranked = |tally: &Tally| breaks_of(tally.ascending(), total, self.bins);
        let recency = || breaks_of(counter.recency.ascending().rev(), total, self.bins);
        let recency = self.recency.clone().unwrap_or_else(recency);
        let frequency = self.frequency.clone().unwrap_or_else(|| ranked(&counter.frequency));
        let monetary =
            self.monetary.clone().unwrap_or_else(|| breaks_of(spread.iter().copied(), total, self.bins));
        let table =
            |tally: &Tally, score: &dyn Fn(u32) -> u8| tally.ascending().map(|(v, _)| score(v)).collect();
        let money = |&minor: &i64| Money::from_minor(minor, self.history.options().currency);
        Scores {
            recency: table(&counter.recency, &|days| score_of(&recency, |&most| days <= most)),
            frequency: table(&counter.frequency, &|n| score_of(&frequency, |&least| n >= least)),
            breaks: RfmBreaks { recency, frequency, monetary: monetary.iter().map(money).collect() },
            monetary,
        }
    }

    /// Where a combination of scores stands among all.
    #[inline]
    fn cell(&self, [r, f, m]: [u8; 3]) -> usize {
        let bins = usize::from(self.bins);
        (usize::from(r - 1) * bins + usize::from(f - 1)) * bins + usize::from(m - 1)
    }

    /// All combinations of scores, in ascending order, each with the place of its segment among the names.
    fn combinations(&self) -> impl Iterator<Item = ([u8; 3], usize)> {
        let bins = self.bins;
        let all =
            (1..=bins).flat_map(move |r| (1..=bins).flat_map(move |f| (1..=bins).map(move |m| [r, f, m])));
        all.map(|[r, f, m]| {
            let name = self.grid.name(r, u8::midpoint(f, m + 1));
            let segment = self.names.iter().position(|known| Some(known.as_str()) == name).unwrap_or(0);
            ([r, f, m], segment)
        })
    }

    pub(crate) fn groups(&self, counter: &RfmCounter<'_>, scores: &Scores) -> RfmGroups {
        let bins = usize::from(self.bins);
        let cells = |part: &Buyers| {
            let mut cells = vec![Cell::default(); bins * bins * bins];
            for (_, buyer) in part.iter() {
                if let Some(cell) = cells.get_mut(self.cell(scores.of(buyer))) {
                    cell.customers += 1;
                    cell.revenue += buyer.2;
                }
            }
            cells
        };
        let sums = parallel::reduce(&counter.parts, cells, |sums, more| {
            for (sum, more) in sums.iter_mut().zip(more) {
                sum.customers += more.customers;
                sum.revenue += more.revenue;
            }
        });
        let (mut cells, mut segments) = (Vec::new(), vec![Cell::default(); self.names.len()]);
        for (([r, f, m], segment), sum) in self.combinations().zip(sums.unwrap_or_default()) {
            if sum.customers > 0 {
                cells.push(RfmCell { r, f, m, customers: sum.customers });
            }
            if let Some(segment) = segments.get_mut(segment) {
                segment.customers += sum.customers;
                segment.revenue += sum.revenue;
            }
        }
        let currency = self.history.options().currency;
        let buyers = segments.iter().map(|segment| segment.customers).sum();
        let segment = |(name, sum): (&String, Cell)| RfmSegment {
            name: name.clone(),
            share: Rate::of(sum.customers, buyers),
            revenue: Money::from_minor(sum.revenue, currency),
        };
        RfmGroups {
            period: self.period,
            complete: self.period.end() <= self.history.observed_until(),
            as_of: date_of(self.days.end),
            bins: self.bins,
            currency,
            breaks: scores.breaks.clone(),
            grid: self.grid.clone(),
            segments: self.names.iter().zip(segments).map(segment).collect(),
            cells,
        }
    }

    fn customers(&self, counter: &RfmCounter<'_>, scores: &Scores) -> RfmCustomers {
        let mut segments = vec![0; usize::from(self.bins).pow(3)];
        for (scores, segment) in self.combinations() {
            if let Some(cell) = segments.get_mut(self.cell(scores)) {
                *cell = u8::try_from(segment).unwrap_or(u8::MAX);
            }
        }
        let buyers = || counter.parts.iter().flat_map(Buyers::iter);
        let keys = self.history.ledger().keys.select(buyers().map(|(place, _)| place));
        let count = keys.len();
        let mut customers = RfmCustomers {
            keys,
            recency: Vec::with_capacity(count),
            frequency: Vec::with_capacity(count),
            monetary_minor: Vec::with_capacity(count),
            r: Vec::with_capacity(count),
            f: Vec::with_capacity(count),
            m: Vec::with_capacity(count),
            segment: Vec::with_capacity(count),
        };
        for (_, buyer) in buyers() {
            let scores @ [r, f, m] = scores.of(buyer);
            customers.recency.push(buyer.0);
            customers.frequency.push(buyer.1);
            customers.monetary_minor.push(buyer.2);
            customers.r.push(r);
            customers.f.push(f);
            customers.m.push(m);
            customers.segment.push(segments.get(self.cell(scores)).copied().unwrap_or_default());
        }
        customers
    }
}

fn check_breaks<T>(
    dimension: &'static str,
    breaks: Option<&[T]>,
    bins: u8,
    in_order: fn(&T, &T) -> bool,
) -> Result<()> {
    let breaks = breaks.unwrap_or_default();
    if breaks.len() < usize::from(bins) && breaks.is_sorted_by(in_order) {
        Ok(())
    } else {
        Err(Error::InvalidRfmBreaks { dimension, most: usize::from(bins) - 1 })
    }
}

/// The thresholds of `total` customers by how many have each value, from the worst value to the best.
fn breaks_of<T: Copy>(counts: impl IntoIterator<Item = (T, u64)>, total: u64, bins: u8) -> Vec<T> {
    let mut breaks = Vec::with_capacity(bins.into());
    let mut worse = 0;
    for (value, count) in counts.into_iter().filter(|&(_, count)| count > 0) {
        // `worse` is less than `total`, so that this is at most `bins` − 1.
        #[expect(clippy::cast_possible_truncation, reason = "at most 9")]
        let above_first = (u64::from(bins) * worse / total) as usize;
        breaks.resize(breaks.len().max(above_first), value);
        worse += count;
    }
    breaks
}

/// 1 and one more for each threshold that is met; they are met in order.
#[inline]
fn score_of<T>(breaks: &[T], meets: impl Fn(&T) -> bool) -> u8 {
    1 + breaks.iter().map(|value| u8::from(meets(value))).sum::<u8>()
}

impl Rfm {
    /// The segment of a row.
    pub fn segment_of(&self, row: usize) -> Option<&RfmSegment> {
        self.groups.segments.get(usize::from(*self.customers.segment.get(row)?))
    }
}

impl Columns for Rfm {
    fn rows(&self) -> usize {
        self.customers.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let customers = &self.customers;
        let money = |&minor: &i64| Money::from_minor(minor, self.groups.currency);
        let rows = 0..customers.len();
        let scores = |scores: &[u8]| Values::U32(scores.iter().map(|&score| score.into()).collect());
        let name = |row| self.segment_of(row).map_or("", |segment| &segment.name).into();
        vec![
            Column::new("customer", Values::Text(rows.clone().map(|row| customers.keys.text(row)).collect())),
            Column::new("recency", Values::U32(customers.recency.as_slice().into())),
            Column::new("frequency", Values::U32(customers.frequency.as_slice().into())),
            Column::money("monetary", customers.monetary_minor.iter().map(money)),
            Column::new("r", scores(&customers.r)),
            Column::new("f", scores(&customers.f)),
            Column::new("m", scores(&customers.m)),
            Column::new("segment", Values::Text(rows.map(name).collect())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HistoryOptions, Order};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Orders (customer, date, cents), observed until 2024-07-01.
    fn history(orders: &[(u32, &str, i64)]) -> OrderHistory {
        let order = |&(who, day, cents): &(u32, &str, i64)| {
            Order::new(date(day), Money::from_minor(cents, Currency::USD)).customer(&who.to_string())
        };
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = Some(date("2024-07-01"));
        OrderHistory::from_orders(orders.iter().map(order), options).unwrap()
    }

    /// So many customers with so many purchases each, of 1 USD.
    fn buyers(by_purchases: &[u32]) -> OrderHistory {
        let mut orders = Vec::new();
        let mut who = 0;
        for (&customers, purchases) in by_purchases.iter().zip(1..) {
            for _ in 0..customers {
                who += 1;
                orders.extend((0..purchases).map(|day| (who, date("2024-05-01") + chrono::Days::new(day))));
            }
        }
        let order = |(who, day): (u32, NaiveDate)| {
            Order::new(day, Money::from_minor(100, Currency::USD)).customer(&who.to_string())
        };
        OrderHistory::from_orders(orders.into_iter().map(order), HistoryOptions::new(Currency::USD)).unwrap()
    }

    fn scored(history: &OrderHistory, options: &RfmOptions) -> Rfm {
        history.rfm(options).unwrap()
    }

    /// (recency, frequency, cents, r, f, m, segment) of a customer.
    fn row(rfm: &Rfm, who: u32) -> (u32, u32, i64, [u8; 3], &str) {
        let customers = &rfm.customers;
        let row = (0..customers.len())
            .find(|&row| customers.key(row) == CustomerKey::new(&who.to_string()))
            .unwrap();
        (
            customers.recency[row],
            customers.frequency[row],
            customers.monetary_minor[row],
            [customers.r[row], customers.f[row], customers.m[row]],
            &rfm.segment_of(row).unwrap().name,
        )
    }

    /// 54 of 100 customers have 1 purchase, 20 have 2, 12 have 3, 8 have 4, 6 have 5. Strictly worse than these are 0,
    /// .54, .74, .86 and .94 of all, times 5: 0, 2.7, 3.7, 4.3, 4.7. Quintiles of rank would tear the 54 apart.
    #[test]
    fn equal_customers_have_equal_scores() {
        let rfm = scored(&buyers(&[54, 20, 12, 8, 6]), &RfmOptions::default());
        let mut scores = [0; 6];
        for (&frequency, &f) in rfm.customers.frequency.iter().zip(&rfm.customers.f) {
            let known = &mut scores[frequency as usize];
            assert!(*known == 0 || *known == f, "{frequency} purchases score {known} and {f}");
            *known = f;
        }
        assert_eq!(scores[1..], [1, 3, 4, 5, 5]);
        assert_eq!(rfm.groups.breaks.frequency, [2, 2, 3, 4]);
        assert_eq!(rfm.groups.cells.iter().map(|cell| cell.customers).sum::<u64>(), 100);
    }

    /// Five customers who differ in everything: each is worse than nobody, 1, 2, 3 or 4 of 5.
    fn five() -> OrderHistory {
        history(&[
            (1, "2024-01-01", 1000),
            (2, "2024-02-01", 1500),
            (2, "2024-02-02", 1500),
            (3, "2024-03-01", 2000),
            (3, "2024-03-02", 2000),
            (3, "2024-03-03", 2000),
            (4, "2024-04-01", 2500),
            (4, "2024-04-02", 2500),
            (4, "2024-04-03", 2500),
            (4, "2024-04-04", 2500),
            (5, "2024-06-26", 3000),
            (5, "2024-06-27", 3000),
            (5, "2024-06-28", 3000),
            (5, "2024-06-29", 3000),
            (5, "2024-06-30", 3000),
            (6, "2024-06-30", -500),
        ])
    }

    /// The last observed day is 2024-06-30, one day before the end. From 2024-01-01 to 2024-07-01 there are 182 days.
    #[test]
    fn the_recent_score_high_and_who_never_bought_not_at_all() {
        let rfm = scored(&five(), &RfmOptions::default());
        assert_eq!(rfm.customers.len(), 5);
        assert_eq!(row(&rfm, 5), (1, 5, 15_000, [5, 5, 5], "Champions"));
        assert_eq!(row(&rfm, 1), (182, 1, 1000, [1, 1, 1], "Lost"));
        assert_eq!(row(&rfm, 3).3, [3, 3, 3]);
        // 2024-02-02, 03-03, 04-04 and 06-30 to 07-01: 150, 120, 88 and 1 days.
        assert_eq!(rfm.groups.breaks.recency, [150, 120, 88, 1]);
        assert_eq!(rfm.groups.breaks.frequency, [2, 3, 4, 5]);
        assert_eq!(
            rfm.groups.breaks.monetary.iter().map(Money::minor).collect::<Vec<_>>(),
            [3000, 6000, 10_000, 15_000]
        );
        let share = |name: &str| rfm.groups.segments.iter().find(|s| s.name == name).unwrap().share;
        assert_eq!(
            (share("Champions").numerator, share("Champions").denominator, share("New").numerator),
            (1, 5, 0)
        );
    }

    /// Of 12 purchases since 2024-03-03, in windows of 120 days and of a period.
    #[test]
    fn a_window_looks_at_its_own_purchases() {
        let mut options = RfmOptions { window: RfmWindow::Days(120), ..RfmOptions::default() };
        let rfm = scored(&five(), &options);
        assert_eq!(rfm.groups.period.to_string(), "2024-03-03/2024-07-01");
        assert_eq!((rfm.customers.len(), row(&rfm, 3).0, row(&rfm, 3).1, row(&rfm, 3).2), (3, 120, 1, 2000));
        options.window = RfmWindow::Period("2024-03-02/2024-04-03".parse().unwrap());
        let rfm = scored(&five(), &options);
        assert_eq!(rfm.groups.as_of, date("2024-04-03"));
        assert_eq!((row(&rfm, 3).0, row(&rfm, 3).1), (31, 2));
        assert_eq!((row(&rfm, 4).0, row(&rfm, 4).1), (1, 2));
        assert!(rfm.groups.complete);
        options.window = RfmWindow::Period("2024".parse().unwrap());
        let rfm = scored(&five(), &options);
        assert_eq!((rfm.groups.complete, rfm.groups.as_of), (false, date("2024-07-01")));
        for window in [RfmWindow::Days(0), RfmWindow::Period("2025".parse().unwrap())] {
            options.window = window;
            assert_eq!(five().rfm(&options).unwrap_err().code(), "empty_period");
        }
    }

    #[test]
    fn credit_notes_lower_the_money_and_not_the_frequency() {
        let rfm = scored(
            &history(&[(1, "2024-05-01", 1000), (1, "2024-06-01", -1500), (2, "2024-05-01", 10)]),
            &RfmOptions::default(),
        );
        // −5.00 against 0.10: strictly worse than the second is half of all, 1 + ⌊2.5⌋ = 3.
        assert_eq!((row(&rfm, 1).0, row(&rfm, 1).1, row(&rfm, 1).2), (61, 1, -500));
        assert_eq!((row(&rfm, 1).3, row(&rfm, 2).3), ([1, 1, 1], [1, 1, 3]));
    }

    /// Days, money and debts that are too large for a row, among others, and a customer of a credit note alone. From 1800-01-01
    /// to 2024-07-01 are 224 years of 365 days, 54 leap days and 182 days.
    #[test]
    fn a_buyer_of_any_size_keeps_the_place() {
        let rfm = scored(
            &history(&[
                (1, "2024-06-30", 10),
                (2, "1800-01-01", 20),
                (3, "2024-06-30", -5),
                (4, "2024-06-29", 3_000_000_000),
                (5, "2024-06-28", 30),
                (6, "2024-06-27", 40),
                (6, "2024-06-28", -3_000_000_000),
                (7, "2024-06-26", i64::from(i32::MAX)),
            ]),
            &RfmOptions::default(),
        );
        let found = [1, 2, 4, 5, 6, 7].map(|who| {
            let (recency, frequency, cents, ..) = row(&rfm, who);
            (recency, frequency, cents)
        });
        let expected = [
            (1, 1, 10),
            (81_996, 1, 20),
            (2, 1, 3_000_000_000),
            (3, 1, 30),
            (4, 1, -2_999_999_960),
            (5, 1, i64::from(i32::MAX)),
        ];
        assert_eq!((found, rfm.customers.len()), (expected, 6));
        assert_eq!(rfm.groups.cells.iter().map(|cell| cell.customers).sum::<u64>(), 6);
        let revenue: i64 = rfm.groups.segments.iter().map(|segment| segment.revenue.minor()).sum();
        assert_eq!(revenue, expected.iter().map(|&(_, _, cents)| cents).sum::<i64>());
    }

    #[test]
    fn fixed_thresholds_take_the_place_of_ranks() {
        let free = scored(&five(), &RfmOptions::default());
        assert_eq!(scored(&five(), &RfmOptions::default().with_breaks(&free.groups.breaks)), free);
        let usd = |cents| Money::from_minor(cents, Currency::USD);
        let mut options = RfmOptions {
            recency_breaks: Some(vec![90, 30]),
            frequency_breaks: Some(vec![2, 2, 5]),
            monetary_breaks: Some(vec![usd(15_001)]),
            ..RfmOptions::default()
        };
        let rfm = scored(&five(), &options);
        assert_eq!(row(&rfm, 1).3, [1, 1, 1]);
        assert_eq!(row(&rfm, 4).3, [2, 3, 1]);
        assert_eq!(row(&rfm, 5).3, [3, 4, 1]);
        let refused = |options: &RfmOptions| five().rfm(options).unwrap_err().code();
        options.recency_breaks = Some(vec![30, 90]);
        assert_eq!(refused(&options), "invalid_rfm_breaks");
        options.recency_breaks = Some(vec![5, 4, 3, 2, 1]);
        assert_eq!(refused(&options), "invalid_rfm_breaks");
        options.recency_breaks = None;
        options.monetary_breaks = Some(vec![Money::from_minor(1, Currency::EUR)]);
        assert_eq!(refused(&options), "mixed_currencies");
        options = RfmOptions { bins: 1, ..RfmOptions::default() };
        assert_eq!(refused(&options), "invalid_rfm_bins");
        options.bins = 3;
        options.grid = Some(RfmGrid::new([["a", "b", "c"], ["d", "e", "f"]]));
        assert_eq!(refused(&options), "invalid_rfm_grid");
        options.grid = Some(RfmGrid::new([["a", "b", "c"], ["d", "e", "f"], ["g", "", "i"]]));
        assert_eq!(refused(&options), "invalid_rfm_grid");
    }

    #[test]
    fn a_grid_names_every_cell() {
        for bins in 2..=10 {
            let grid = RfmGrid::standard(bins);
            grid.check(bins).unwrap();
            assert_eq!((grid.name(bins, bins), grid.name(1, 1)), (Some("Champions"), Some("Lost")));
            assert_eq!((grid.name(0, 1), grid.name(1, bins + 1)), (None, None));
        }
        assert_eq!(RfmGrid::standard(5).names(), grid::SEGMENTS);
        let grid = RfmGrid::new([["asleep", "missed"], ["new", "regular"]]);
        let options = RfmOptions { bins: 2, grid: Some(grid), ..RfmOptions::default() };
        let rfm = scored(&five(), &options);
        let names: Vec<_> =
            rfm.groups.segments.iter().map(|s| (s.name.as_str(), s.share.numerator)).collect();
        // Worse than 0, .2, .4, .6, .8 of all, times 2: customers 4 and 5 are in the better half.
        assert_eq!(names, [("regular", 2), ("new", 0), ("missed", 0), ("asleep", 3)]);
    }

    #[test]
    fn a_table_exports_its_rows() {
        let rfm = scored(&five(), &RfmOptions::default());
        let columns = rfm.columns();
        let names: Vec<_> = columns.iter().map(|column| column.name.as_ref()).collect();
        assert_eq!(names, ["customer", "recency", "frequency", "monetary", "r", "f", "m", "segment"]);
        let Values::Text(customers) = &columns[0].values else { panic!() };
        let mut sorted: Vec<_> = customers.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        assert_eq!(sorted, ["1", "2", "3", "4", "5"]);
        assert_eq!(Columns::rows(&rfm), 5);
    }
}
