//! The time between a customer's purchases.

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::spread::Tally;
use crate::calendar::{Day, LAST_DAY, day_of};
use crate::error::Result;
use crate::measure::{Average, Interval, Rate};
use crate::orders::{Block, Counter, OrderHistory, Shopper};
use crate::survival::KaplanMeier;
use crate::table::{Column, Columns};

/// How [`OrderHistory::time_between_purchases`] presents the gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TimeBetweenPurchasesOptions {
    /// How many days a bar of the histogram is wide; a week unless told otherwise.
    pub bin_days: NonZeroU32,
}

impl Default for TimeBetweenPurchasesOptions {
    fn default() -> TimeBetweenPurchasesOptions {
        TimeBetweenPurchasesOptions { bin_days: NonZeroU32::MIN.saturating_add(6) }
    }
}

/// The gaps in days between consecutive purchases, and what they say of those who are still waiting.
///
/// A quantile of gaps is the smallest number of days that at least that share of the gaps does not exceed. It is always
/// a gap that occurred.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimeBetweenPurchases {
    /// Customers with a purchase. Each has one open gap: the days of silence since the last.
    pub customers: u64,
    /// Customers with exactly one purchase. They have no gap, which is not a gap of 0.
    pub one_time_customers: u64,
    /// Gaps between two purchases: purchases − customers.
    pub gaps: u64,
    /// Days between purchases ÷ gaps. Of the gaps that have ended, so that it is too short where customers are young.
    pub mean: Average<u64>,
    /// The median of the gaps that have ended.
    pub median: Option<u32>,
    /// Their 80th percentile.
    pub p80: Option<u32>,
    /// Their 90th percentile.
    pub p90: Option<u32>,
    /// The median with those who still wait: the first day by which half of all purchases have been followed by another,
    /// by Kaplan–Meier. `None` where that many have not been.
    pub corrected_median: Option<u32>,
    /// The same for 80 %: the shop's rhythm.
    pub corrected_p80: Option<u32>,
    /// The same for 90 %.
    pub corrected_p90: Option<u32>,
    /// The gaps that have ended, by their length, from 1 day to the longest.
    pub histogram: Vec<GapBin>,
    /// The share of purchases that no other has followed, by the days since; open gaps are censored.
    pub curve: KaplanMeier,
}

/// One bar of the histogram of [`TimeBetweenPurchases`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GapBin {
    /// The shortest gap in it, in days.
    pub start: u32,
    /// The shortest gap that is no longer in it.
    pub end: u32,
    /// How many gaps.
    pub gaps: u64,
}

impl Columns for TimeBetweenPurchases {
    fn rows(&self) -> usize {
        self.histogram.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.histogram.iter();
        vec![
            Column::i64("start", all().map(|bin| i64::from(bin.start))),
            Column::i64("end", all().map(|bin| i64::from(bin.end))),
            count("gaps", all().map(|bin| bin.gaps)),
        ]
    }
}

/// What [`OrderHistory::purchase_funnel`] looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PurchaseFunnelOptions {
    /// Up to which purchase, 10 unless told otherwise.
    pub steps: u32,
    /// How soon the next purchase is to follow to be counted in [`FunnelStep::next_within`], in days; 90 unless told
    /// otherwise.
    pub within_days: u32,
}

impl Default for PurchaseFunnelOptions {
    fn default() -> PurchaseFunnelOptions {
        PurchaseFunnelOptions { steps: 10, within_days: 90 }
    }
}

/// For figures that need no funnel.
const NO_FUNNEL: PurchaseFunnelOptions = PurchaseFunnelOptions { steps: 0, within_days: 0 };

/// How many customers go on from one purchase to the next.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseFunnel {
    /// How soon the next purchase had to follow in [`FunnelStep::next_within`], in days.
    pub within_days: u32,
    /// One for each number of purchases that a customer has reached, up to the number asked for.
    pub steps: Vec<FunnelStep>,
    /// Customers left out because their first known purchase falls into the warm-up, so that their k-th purchase may not
    /// be the k-th.
    pub left_out: u64,
}

/// One step of a [`PurchaseFunnel`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FunnelStep {
    /// k, the number of purchases.
    pub purchases: u32,
    /// Customers with at least k + 1 purchases ÷ customers with at least k. It rises as time passes, and is low for
    /// purchases that few had the time to follow.
    pub next: Rate,
    /// Of the customers observed for all of the days asked for after their k-th purchase, those whose next followed
    /// within them ÷ all of these. It does not depend on how long ago the purchases are.
    pub next_within: Rate,
}

impl Columns for PurchaseFunnel {
    fn rows(&self) -> usize {
        self.steps.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.steps.iter();
        vec![
            Column::i64("purchases", all().map(|step| i64::from(step.purchases))),
            count("customers", all().map(|step| step.next.denominator)),
            count("next_customers", all().map(|step| step.next.numerator)),
            Column::f64("next", all().map(|step| step.next.value)),
            count("observed_customers", all().map(|step| step.next_within.denominator)),
            count("next_within_customers", all().map(|step| step.next_within.numerator)),
            Column::f64("next_within", all().map(|step| step.next_within.value)),
        ]
    }
}

/// What [`OrderHistory::time_to_second_purchase`] looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TimeToSecondPurchaseOptions {
    /// By how many days after the first purchase; 30, 60, 90, 180 and 365 unless told otherwise.
    pub days: Vec<u32>,
    /// The level of confidence of the intervals, 0.95 unless told otherwise.
    pub level: f64,
}

impl Default for TimeToSecondPurchaseOptions {
    fn default() -> TimeToSecondPurchaseOptions {
        TimeToSecondPurchaseOptions { days: vec![30, 60, 90, 180, 365], level: Interval::DEFAULT_LEVEL }
    }
}

/// How soon after their first purchase customers make the second, by Kaplan–Meier.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimeToSecondPurchase {
    /// Customers whose first purchase is believed to be one.
    pub customers: u64,
    /// Of these, those who have made a second purchase.
    pub returned: u64,
    /// Customers left out because their first known purchase falls into the warm-up.
    pub left_out: u64,
    /// The share that has returned by each of the days asked for.
    pub returned_by: Vec<ReturnedBy>,
    /// The first day by which half of the customers have returned; `None` where that many have not.
    pub median: Option<u32>,
    /// The share that has not returned, by the days since the first purchase; who has not yet is censored.
    pub curve: KaplanMeier,
}

/// The share of customers that has returned by a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReturnedBy {
    /// Days since the first purchase.
    pub days: u32,
    /// The share, 1 − S(days); `None` where nobody has been observed for as long.
    pub share: Option<f64>,
    /// Its interval; `None` also where the share is 0 or 1, of which Greenwood's variance says nothing.
    pub interval: Option<Interval>,
    /// Customers who were observed for at least that many days and had not returned before: how many the last part of the
    /// curve up to there rests on.
    pub at_risk: u64,
}

impl Columns for TimeToSecondPurchase {
    fn rows(&self) -> usize {
        self.returned_by.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.returned_by.iter();
        vec![
            Column::i64("days", all().map(|by| i64::from(by.days))),
            Column::f64("share", all().map(|by| by.share)),
            Column::f64("low", all().map(|by| by.interval.map(|interval| interval.low))),
            Column::f64("high", all().map(|by| by.interval.map(|interval| interval.high))),
            count("at_risk", all().map(|by| by.at_risk)),
        ]
    }
}

fn count(name: &'static str, cells: impl Iterator<Item = u64>) -> Column<'static> {
    Column::i64(name, cells.map(|count| i64::try_from(count).unwrap_or(i64::MAX)))
}

impl OrderHistory {
    /// The gaps in days between consecutive purchases of a customer: mean, median, percentiles, histogram; and beside
    /// them the Kaplan–Meier estimate, which counts those who are still waiting.
    ///
    /// See [the guide](crate::guide::timing).
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |who, d| Order::new(day(d), Money::from_minor(1000, Currency::USD)).customer(who);
    /// // Ann comes back after 4 and after 10 days, Bob has not for 11.
    /// let orders = [order("ann", 1), order("ann", 5), order("ann", 15), order("bob", 4)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let gaps = history.time_between_purchases(&Default::default());
    /// assert_eq!((gaps.gaps, gaps.mean.value, gaps.median), (2, Some(7.0), Some(4)));
    /// assert_eq!((gaps.one_time_customers, gaps.corrected_median), (1, Some(10)));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn time_between_purchases(&self, options: &TimeBetweenPurchasesOptions) -> TimeBetweenPurchases {
        Timing::of(self, &NO_FUNNEL).between(options)
    }

    /// From each purchase to the next: customers with at least k + 1 purchases ÷ customers with at least k, and the same
    /// within some days, over those observed for as long.
    ///
    /// See [the guide](crate::guide::timing).
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, PurchaseFunnelOptions};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |who, d| Order::new(day(d), Money::from_minor(1000, Currency::USD)).customer(who);
    /// let orders = [order("ann", 1), order("ann", 5), order("bob", 4), order("cid", 20)];
    /// let mut options = HistoryOptions::new(Currency::USD);
    /// options.observed_until = Some(day(22));
    /// let history = OrderHistory::from_orders(orders, options)?;
    /// let mut within = PurchaseFunnelOptions::default();
    /// within.within_days = 7;
    /// let second = history.purchase_funnel(&within).steps[0];
    /// assert_eq!((second.next.numerator, second.next.denominator), (1, 3));
    /// // Cid has been observed for a day only.
    /// assert_eq!((second.next_within.numerator, second.next_within.denominator), (1, 2));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn purchase_funnel(&self, options: &PurchaseFunnelOptions) -> PurchaseFunnel {
        Timing::of(self, options).funnel()
    }

    /// How soon customers make their second purchase: the share that has returned by 30, 60, 90, 180 and 365 days, by
    /// Kaplan–Meier over all customers, however long each has been observed.
    ///
    /// See [the guide](crate::guide::timing).
    ///
    /// # Errors
    /// [`Error::InvalidLevel`](crate::Error::InvalidLevel) where the level is not between 0 and 1.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, TimeToSecondPurchaseOptions};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |who, d| Order::new(day(d), Money::from_minor(1000, Currency::USD)).customer(who);
    /// let orders = [order("ann", 1), order("ann", 5), order("bob", 4), order("cid", 20)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let mut options = TimeToSecondPurchaseOptions::default();
    /// options.days = vec![7, 30];
    /// let second = history.time_to_second_purchase(&options)?;
    /// // Cid, who bought on the last day, says nothing of Ann's and Bob's days: 1 of 2.
    /// assert_eq!((second.returned_by[0].share, second.returned_by[0].at_risk), (Some(0.5), 1));
    /// assert_eq!(second.returned_by[1].share, None); // nobody was observed for 30 days
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn time_to_second_purchase(
        &self,
        options: &TimeToSecondPurchaseOptions,
    ) -> Result<TimeToSecondPurchase> {
        Timing::of(self, &NO_FUNNEL).second(options)
    }
}

/// The shop's rhythm: the first day by which 80 % of all purchases have been followed by another of the same customer, by
/// Kaplan–Meier over all gaps, those still open included. `None` where so many never return.
pub(crate) fn rhythm(history: &OrderHistory) -> Option<u32> {
    Timing::of(history, &NO_FUNNEL).all.curve().quantile(0.8)
}

/// Gaps between purchases by their length in days.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Gaps {
    pub(crate) closed: Tally,
    /// Days of silence since the last purchase, all of them observed in full.
    pub(crate) open: Tally,
}

/// Of lengths in days.
impl Tally {
    /// The smallest length that at least so many percent do not exceed.
    pub(crate) fn quantile(&self, percent: u64) -> Option<u32> {
        // A history holds fewer than 2³² orders, so that a hundred times as many are no overflow.
        let wanted = percent * self.0.iter().sum::<u64>();
        let mut sum = 0;
        self.ascending().find_map(|(days, count)| {
            sum += count;
            (count > 0 && 100 * sum >= wanted).then_some(days)
        })
    }

    /// From 1 day to the longest. No gap is shorter: what is bought on one day is one purchase.
    fn histogram(&self, width: NonZeroU32) -> Vec<GapBin> {
        let bars = self.0.get(1..).unwrap_or_default().chunks(width.get() as usize);
        let starts = core::iter::successors(Some(1), |&start: &u32| Some(start.saturating_add(width.get())));
        bars.zip(starts)
            .map(|(bar, start)| GapBin {
                start,
                end: start.saturating_add(width.get()),
                gaps: bar.iter().sum(),
            })
            .collect()
    }
}

impl Gaps {
    pub(crate) fn add(&mut self, other: &Gaps) {
        self.closed.add(&other.closed);
        self.open.add(&other.open);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.closed.0.iter().chain(&self.open.0).sum()
    }

    /// How many end on a day, and of how many it is the last that was observed.
    pub(crate) fn on(&self, day: u32) -> (f64, f64) {
        let of = |tally: &Tally| tally.0.get(day as usize).map_or(0.0, |&count| count as f64);
        (of(&self.closed), of(&self.open))
    }

    /// A gap that ends on its d-th day has been open for d days, and one of d days of silence would have ended on the
    /// d-th had there been a purchase: an event and a censoring on day d are both at risk on day d.
    pub(crate) fn curve(&self) -> KaplanMeier {
        KaplanMeier::from_counts(&self.closed.0, &self.open.0)
    }
}

/// The days from one day to another that is not before it.
#[inline]
fn days_between(earlier: Day, later: Day) -> u32 {
    debug_assert!(earlier <= later, "{earlier} is after {later}");
    u32::try_from(later - earlier).unwrap_or(0)
}

/// What a pass counts for all figures of this family.
#[derive(Debug)]
pub(crate) struct Timing {
    /// The last day that was observed, in full.
    last: Day,
    new_from: Day,
    funnel: PurchaseFunnelOptions,
    all: Gaps,
    /// From the first purchase to the second, of customers whose first is believed to be one.
    second: Gaps,
    /// By the number of purchases less one.
    steps: Vec<Step>,
    customers: u64,
    one_time: u64,
    left_out: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    reached: u64,
    returned: u64,
    /// Observed for all of the days asked for.
    observed: u64,
    /// Of these, returned within them.
    within: u64,
}

impl Counter for Timing {
    fn look(&mut self, block: &Block) {
        block.for_each_crowd(|shopper| self.follow(shopper));
    }

    fn merge(&mut self, other: Self) {
        self.all.add(&other.all);
        self.second.add(&other.second);
        if other.steps.len() > self.steps.len() {
            self.steps.resize(other.steps.len(), Step::default());
        }
        for (sum, more) in self.steps.iter_mut().zip(&other.steps) {
            sum.reached += more.reached;
            sum.returned += more.returned;
            sum.observed += more.observed;
            sum.within += more.within;
        }
        self.customers += other.customers;
        self.one_time += other.one_time;
        self.left_out += other.left_out;
    }
}

impl Timing {
    pub(crate) fn new(history: &OrderHistory, funnel: &PurchaseFunnelOptions) -> Timing {
        Timing {
            last: day_of(history.observed_until()).map_or(LAST_DAY, |end| end - 1),
            new_from: history.new_customers_from(),
            funnel: funnel.clone(),
            all: Gaps::default(),
            second: Gaps::default(),
            steps: Vec::new(),
            customers: 0,
            one_time: 0,
            left_out: 0,
        }
    }

    fn of(history: &OrderHistory, funnel: &PurchaseFunnelOptions) -> Timing {
        history.ledger().count(|| Timing::new(history, funnel))
    }

    #[inline]
    fn follow(&mut self, shopper: Shopper<'_>) {
        let mut days = shopper.purchases().map(|entry| entry.day);
        let Some(first) = days.next() else { return };
        let believed = first >= self.new_from;
        let steps = if believed { self.funnel.steps as usize } else { 0 };
        let customers = u64::from(shopper.customers);
        self.customers += customers;
        self.left_out += if believed { 0 } else { customers };
        let mut before = first;
        let mut made = 0;
        for day in days {
            let gap = days_between(before, day);
            self.all.closed.count(gap);
            if believed && made == 0 {
                self.second.closed.count(gap);
            }
            if made < steps {
                self.step(1, made, before, Some(gap));
            }
            before = day;
            made += 1;
        }
        let silence = days_between(before, self.last);
        self.all.open.count_times(silence, shopper.customers);
        if made == 0 {
            self.one_time += customers;
            if believed {
                self.second.open.count_times(silence, shopper.customers);
            }
        }
        if made < steps {
            self.step(customers, made, before, None);
        }
    }

    /// From the purchase of this day by so many customers to the next, which followed after `gap` days; `made` have been made
    /// before it.
    #[inline]
    fn step(&mut self, customers: u64, made: usize, day: Day, gap: Option<u32>) {
        if made >= self.steps.len() {
            // The steps before have been taken by the same customer.
            self.steps.push(Step::default());
        }
        let Some(step) = self.steps.get_mut(made) else { return };
        let observed = days_between(day, self.last) >= self.funnel.within_days;
        let within = gap.is_some_and(|gap| gap <= self.funnel.within_days);
        step.reached += customers;
        step.returned += customers * u64::from(gap.is_some());
        step.observed += customers * u64::from(observed);
        step.within += customers * u64::from(observed & within);
    }

    pub(crate) fn between(&self, options: &TimeBetweenPurchasesOptions) -> TimeBetweenPurchases {
        let closed = &self.all.closed;
        let gaps = closed.0.iter().sum();
        let total = closed.ascending().map(|(days, count)| u64::from(days) * count).sum();
        let curve = self.all.curve();
        TimeBetweenPurchases {
            customers: self.customers,
            one_time_customers: self.one_time,
            gaps,
            mean: Average::new(total, gaps),
            median: closed.quantile(50),
            p80: closed.quantile(80),
            p90: closed.quantile(90),
            corrected_median: curve.median(),
            corrected_p80: curve.quantile(0.8),
            corrected_p90: curve.quantile(0.9),
            histogram: closed.histogram(options.bin_days),
            curve,
        }
    }

    pub(crate) fn funnel(&self) -> PurchaseFunnel {
        let steps = (1..).zip(&self.steps).map(|(purchases, step)| FunnelStep {
            purchases,
            next: Rate::of(step.returned, step.reached),
            next_within: Rate::of(step.within, step.observed),
        });
        PurchaseFunnel {
            within_days: self.funnel.within_days,
            steps: steps.collect(),
            left_out: self.left_out,
        }
    }

    pub(crate) fn second(&self, options: &TimeToSecondPurchaseOptions) -> Result<TimeToSecondPurchase> {
        let curve = self.second.curve().with_level(options.level)?;
        let returned_by = options.days.iter().map(|&days| ReturnedBy {
            days,
            share: curve.survival(days).map(|waiting| 1.0 - waiting),
            interval: curve.interval(days).map(|waiting| Interval {
                low: 1.0 - waiting.high,
                high: 1.0 - waiting.low,
                level: waiting.level,
            }),
            at_risk: curve.at_risk(days),
        });
        Ok(TimeToSecondPurchase {
            customers: curve.subjects,
            returned: curve.events,
            left_out: self.left_out,
            returned_by: returned_by.collect(),
            median: curve.median(),
            curve,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::money::{Currency, Money};
    use crate::orders::{HistoryOptions, Order};

    const START: NaiveDate = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();

    /// One order for each day, counted from the start, on which a customer buys.
    fn shop_orders(customers: &[&[u64]]) -> Vec<Order> {
        let orders = customers.iter().zip(1..).flat_map(|(days, who)| {
            days.iter().map(move |&day| {
                let money = Money::from_minor(100, Currency::USD);
                Order::new(START + chrono::Days::new(day), money).customer(&format!("{who}"))
            })
        });
        orders.collect()
    }

    /// A shop that is observed before so many days after the start.
    fn shop(until: u64, customers: &[&[u64]]) -> OrderHistory {
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = Some(START + chrono::Days::new(until));
        OrderHistory::from_orders(shop_orders(customers), options).unwrap()
    }

    /// Day 59 is the last that is observed in full. Closed gaps 10, 10, 20; open 39, 39, 59, 59: S(10) = 5/7 and S(20) =
    /// 4/7, and nobody ever returns after more. Over closed gaps alone it would be 20.
    #[test]
    fn the_rhythm_waits_for_those_who_wait() {
        assert_eq!(rhythm(&shop(60, &[&[0, 10, 20], &[0, 20], &[0], &[0]])), None);
        // Closed 10, 10, 10, 10, 40; open 19, 19, 9, 9, 19: ten in all. At risk on day 10: all but the two that leave after day 9, 8; S(10) = 4/8. The three that leave after day 19
        // leave one, who returns on day 40: S(40) = 0. Over closed gaps alone it would be 10.
        let history = shop(60, &[&[0, 40], &[30, 40], &[30, 40], &[40, 50], &[40, 50]]);
        assert_eq!(rhythm(&history), Some(40));
    }

    #[test]
    fn the_rhythm_is_the_first_day_that_reaches_eighty_percent() {
        // Ten gaps of 1 to 10 days that all end on the last observed day: ten are open at 0 and say nothing.
        // Eight of the ten have ended by day 8.
        let days: Vec<[u64; 2]> = (1..=10).map(|gap| [20 - gap, 20]).collect();
        let customers: Vec<&[u64]> = days.iter().map(|days| &days[..]).collect();
        assert_eq!(rhythm(&shop(21, &customers)), Some(8));
    }

    fn rate(rate: Rate) -> (u64, u64) {
        (rate.numerator, rate.denominator)
    }

    /// Ann: days 0, 10, 30, gaps 10 and 20, silent for 69; Bob: 5, 15, gap 10, silent for 84; Cid: 60, silent for 39; Dan:
    /// 99, the last day, silent for 0.
    fn four() -> OrderHistory {
        shop(100, &[&[0, 10, 30], &[5, 15], &[60], &[99]])
    }

    /// Gaps 10, 10, 20: mean 40/3. Median: two of three are at most 10, 2/3 ≥ 1/2. 80 and 90 % need all three: 20. With
    /// the open ones of 0, 39, 69 and 84: at risk on day 10 are 6, S(10) = 4/6; on day 20 four, S(20) = 4/6 · 3/4 = 1/2.
    #[test]
    fn gaps_of_four_customers() {
        let found = four().time_between_purchases(&TimeBetweenPurchasesOptions::default());
        assert_eq!((found.customers, found.one_time_customers, found.gaps), (4, 2, 3));
        assert_eq!((found.mean.total, found.mean.value), (40, Some(40.0 / 3.0)));
        assert_eq!((found.median, found.p80, found.p90), (Some(10), Some(20), Some(20)));
        assert_eq!(
            (found.corrected_median, found.corrected_p80, found.corrected_p90),
            (Some(20), None, None)
        );
        let bars: Vec<_> = found.histogram.iter().map(|bin| (bin.start, bin.end, bin.gaps)).collect();
        assert_eq!(bars, [(1, 8, 0), (8, 15, 2), (15, 22, 1)]);
        let open: Vec<_> =
            found.curve.steps.iter().filter(|s| s.censored > 0).map(|s| (s.day, s.censored)).collect();
        assert_eq!(open, [(0, 1), (39, 1), (69, 1), (84, 1)]);
    }

    /// The mistake: one-time customers as gaps of 0 (mean 40/5 = 8), or the span ÷ purchases less one with 0 ÷ 0; and the
    /// mean over returners only given for what a customer takes, where half never return.
    #[test]
    fn customers_with_one_purchase_have_no_gap() {
        let found = shop(100, &[&[3], &[4]]).time_between_purchases(&TimeBetweenPurchasesOptions::default());
        assert_eq!((found.gaps, found.mean.value, found.median, found.p90), (0, None, None, None));
        assert_eq!((found.one_time_customers, found.histogram.len()), (2, 0));
        assert_eq!((found.curve.subjects, found.curve.events), (2, 0));
        assert_eq!(found.corrected_median, None);
        // One returns after 10 days, nine have not for 90: nobody may say that it takes ten days.
        let customers: [&[u64]; 10] = [&[0, 10], &[9], &[9], &[9], &[9], &[9], &[9], &[9], &[9], &[9]];
        let found = shop(100, &customers).time_between_purchases(&TimeBetweenPurchasesOptions::default());
        assert_eq!((found.median, found.corrected_median), (Some(10), None));
    }

    #[test]
    fn bars_are_as_wide_as_asked_for() {
        let options = TimeBetweenPurchasesOptions { bin_days: NonZeroU32::new(10).unwrap() };
        let found = four().time_between_purchases(&options);
        let bars: Vec<_> = found.histogram.iter().map(|bin| (bin.start, bin.end, bin.gaps)).collect();
        assert_eq!(bars, [(1, 11, 2), (11, 21, 1)]);
        let options = TimeBetweenPurchasesOptions { bin_days: NonZeroU32::MAX };
        assert_eq!(four().time_between_purchases(&options).histogram[0].gaps, 3);
    }

    /// Twenty gaps of 1 to 20 days: 10 of 20 are at most 10, 16 at most 16, 18 at most 18.
    #[test]
    fn quantiles_of_gaps_count() {
        let days: Vec<[u64; 2]> = (1..=20).map(|gap| [0, gap]).collect();
        let customers: Vec<&[u64]> = days.iter().map(|days| &days[..]).collect();
        let found = shop(30, &customers).time_between_purchases(&TimeBetweenPurchasesOptions::default());
        assert_eq!((found.median, found.p80, found.p90), (Some(10), Some(16), Some(18)));
    }

    /// Four have a first purchase, two a second, one a third. Within 15 days of the first, of those observed for 15 days
    /// (Dan is not): Ann after 10, Bob after 10, of three. Of the second: Bob none, Ann after 20.
    #[test]
    fn the_funnel_of_four_customers() {
        let options = PurchaseFunnelOptions { within_days: 15, ..PurchaseFunnelOptions::default() };
        let found = four().purchase_funnel(&options);
        let steps: Vec<_> =
            found.steps.iter().map(|s| (s.purchases, rate(s.next), rate(s.next_within))).collect();
        assert_eq!(steps, [(1, (2, 4), (2, 3)), (2, (1, 2), (0, 2)), (3, (0, 1), (0, 1))]);
        let options = PurchaseFunnelOptions { steps: 2, ..options };
        assert_eq!(four().purchase_funnel(&options).steps, found.steps[..2]);
    }

    /// Bought on day 0 and again on day 10, observed for 9, 10 and 11 days after: within 10 days needs the tenth.
    #[test]
    fn within_ten_days_needs_ten_days_of_observation() {
        let within = |days, until| {
            let options = PurchaseFunnelOptions { within_days: days, ..PurchaseFunnelOptions::default() };
            rate(shop(until, &[&[0, 10]]).purchase_funnel(&options).steps[0].next_within)
        };
        assert_eq!(within(9, 11), (0, 1));
        assert_eq!(within(10, 11), (1, 1));
        // Back already, and yet not observed for 11 days: whoever takes 11 days could not be counted either.
        assert_eq!(within(11, 11), (0, 0));
        assert_eq!(within(11, 12), (1, 1));
    }

    /// The mistake: young customers beside old ones. Five of 2024-01-01 of whom four came back in 30 days, and five of
    /// whom nobody can know yet: 4 of 5, not 4 of 10.
    #[test]
    fn customers_of_yesterday_are_not_those_who_did_not_return() {
        let old: [&[u64]; 5] = [&[0, 30], &[0, 9], &[0, 9], &[0, 9], &[0]];
        let young: [&[u64]; 5] = [&[99]; 5];
        let history = shop(101, &[old, young].concat());
        let options = PurchaseFunnelOptions { within_days: 30, ..PurchaseFunnelOptions::default() };
        assert_eq!(rate(history.purchase_funnel(&options).steps[0].next_within), (4, 5));
        assert_eq!(rate(history.purchase_funnel(&options).steps[0].next), (4, 10));
        let second = history.time_to_second_purchase(&TimeToSecondPurchaseOptions::default()).unwrap();
        assert_eq!(second.returned_by[0].share, Some(0.8));
    }

    /// First gaps: Ann 10, Bob 10; Cid waits for 39 days and Dan for 0. By day 10 two of three: S(10) = 1/3. By day 39 the
    /// same; from day 40 on nobody is left.
    #[test]
    fn the_second_purchase_of_four_customers() {
        let mut options = TimeToSecondPurchaseOptions { days: vec![9, 10, 39, 40], level: 0.95 };
        let found = four().time_to_second_purchase(&options).unwrap();
        assert_eq!((found.customers, found.returned, found.left_out), (4, 2, 0));
        let shares: Vec<_> = found.returned_by.iter().map(|by| (by.days, by.share, by.at_risk)).collect();
        let two_thirds = 1.0 - 1.0 / 3.0;
        assert_eq!(
            shares,
            [(9, Some(0.0), 3), (10, Some(two_thirds), 3), (39, Some(two_thirds), 1), (40, None, 0)]
        );
        assert_eq!(found.median, Some(10));
        assert_eq!(found.returned_by[0].interval, None);
        let interval = found.returned_by[1].interval.unwrap();
        assert!(interval.low < two_thirds && two_thirds < interval.high);

        options.level = 0.5;
        let narrow = four().time_to_second_purchase(&options).unwrap().returned_by[1].interval.unwrap();
        assert!(interval.low < narrow.low && narrow.high < interval.high);
        options.level = 0.0;
        assert_eq!(four().time_to_second_purchase(&options).map_err(|e| e.code()), Err("invalid_level"));
    }

    /// Observation ends before day 11, so that day 10 is the last one: silence since day 4 has lasted for 6 full days. A
    /// second who came back on the sixth day is divided by both.
    #[test]
    fn silence_lasts_up_to_the_last_observed_day() {
        let found =
            shop(11, &[&[4], &[0, 6]]).time_to_second_purchase(&TimeToSecondPurchaseOptions::default());
        let curve = found.unwrap().curve;
        assert_eq!((curve.at_risk(6), curve.survival(6)), (2, Some(0.5)));
        assert_eq!(curve.survival(7), None);
        // A day later in the shop's life, one day more of silence.
        let found =
            shop(12, &[&[4], &[0, 6]]).time_to_second_purchase(&TimeToSecondPurchaseOptions::default());
        assert_eq!(found.unwrap().curve.survival(7), Some(0.5));
    }

    /// The mistake: first in the books taken for first ever. Books begin on day 0 and warm up for 10 days: Ann and Bob may
    /// have bought before. Their gaps are gaps all the same.
    #[test]
    fn who_may_have_bought_before_has_no_second_purchase() {
        let mut options = four().options().clone();
        options.history_starts = NaiveDate::from_ymd_opt(2024, 1, 1);
        options.warm_up_days = 10;
        let orders = shop_orders(&[&[0, 10, 30], &[5, 15], &[60], &[99]]);
        let history = OrderHistory::from_orders(orders, options).unwrap();
        let second = history.time_to_second_purchase(&TimeToSecondPurchaseOptions::default()).unwrap();
        assert_eq!((second.customers, second.returned, second.left_out), (2, 0, 2));
        let funnel = history.purchase_funnel(&PurchaseFunnelOptions::default());
        assert_eq!((funnel.steps.len(), rate(funnel.steps[0].next), funnel.left_out), (1, (0, 2), 2));
        assert_eq!(history.time_between_purchases(&TimeBetweenPurchasesOptions::default()).gaps, 3);
    }

    /// The mistakes: two orders of one day as a return after 0 days, and free, cancelled and returned orders as purchases.
    #[test]
    fn only_purchases_on_different_days_make_a_gap() {
        let date = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
        let usd = |cents| Money::from_minor(cents, Currency::USD);
        let order = |day, cents| Order::new(date(day), usd(cents)).customer("ann");
        let orders = [
            order(1, 100),
            order(1, 200),
            order(5, 0),
            order(6, 100).status(crate::OrderStatus::Cancelled),
            order(7, 100).refunded(usd(100)),
            order(8, -50),
            Order::new(date(9), usd(100)),
            order(11, 100),
        ];
        let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap();
        let found = history.time_between_purchases(&TimeBetweenPurchasesOptions::default());
        assert_eq!((found.customers, found.gaps, found.median), (1, 1, Some(10)));
        assert_eq!(found.curve.subjects, 2);
    }

    #[test]
    fn tables_have_a_row_for_each() {
        let history = four();
        let names = |table: &dyn Columns| {
            let columns = table.columns();
            (table.rows(), columns.into_iter().map(|column| column.name).collect::<Vec<_>>().join(" "))
        };
        let between = history.time_between_purchases(&TimeBetweenPurchasesOptions::default());
        assert_eq!(names(&between), (3, "start end gaps".to_owned()));
        let funnel = history.purchase_funnel(&PurchaseFunnelOptions::default());
        let heads =
            "purchases customers next_customers next observed_customers next_within_customers next_within";
        assert_eq!(names(&funnel), (3, heads.to_owned()));
        let second = history.time_to_second_purchase(&TimeToSecondPurchaseOptions::default()).unwrap();
        assert_eq!(names(&second), (5, "days share low high at_risk".to_owned()));
        assert_eq!(names(&second.curve), (3, "day at_risk events censored survival low high".to_owned()));
    }

    #[test]
    fn options_come_from_json() {
        let json = serde_json::to_string(&TimeToSecondPurchaseOptions::default()).unwrap();
        assert_eq!(json, r#"{"days":[30,60,90,180,365],"level":0.95}"#);
        assert!(serde_json::from_str::<TimeBetweenPurchasesOptions>(r#"{"binDays":0}"#).is_err());
        assert!(serde_json::from_str::<PurchaseFunnelOptions>(r#"{"within":9}"#).is_err());
        let options: PurchaseFunnelOptions = serde_json::from_str(r#"{"withinDays":9}"#).unwrap();
        assert_eq!((options.steps, options.within_days), (10, 9));
    }
}
