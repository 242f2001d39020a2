//! What customers spend by how long they have been customers.

use core::num::NonZeroU32;
use core::ops::RangeInclusive;

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::calendar::{Day, date_of, day_of};
use crate::error::{Error, Result};
use crate::measure::{Average, Rate};
use crate::money::{Currency, Money};
use crate::orders::{Block, Counter, OrderHistory, Shopper};
use crate::table::{Column, Columns};

/// How [`OrderHistory::spend_by_tenure`] divides the time since a first purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TenureOptions {
    /// How many months make a band: 1 for month by month, 6 for half-years.
    pub months_per_band: NonZeroU32,
}

impl Default for TenureOptions {
    /// Month by month.
    fn default() -> TenureOptions {
        TenureOptions { months_per_band: NonZeroU32::MIN }
    }
}

/// What customers spend by months since their first purchase.
///
/// Month 1 begins with the day of the first purchase, month *k* + 1 on the day of the same number *k* months later, or
/// on the last day of that month where it has none: after a first purchase on January 31 on February 29, March 31,
/// April 30. A customer counts in a band only where observation lasted through all of it, so young customers do not
/// dilute it, and counts in it whether or not they still buy.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SpendByTenure {
    /// The bands, from month 1 to the last that a customer was observed through.
    pub bands: Vec<TenureBand>,
    /// Customers whose first purchase is believed to be one.
    pub customers: u64,
    /// Customers who are left out, because their first known purchase falls into the warm-up of the books
    /// ([`history_starts`](crate::HistoryOptions::history_starts)): nobody knows how long they have been customers.
    pub unknown_tenure: u64,
    /// Net revenue of identified customers that lies in no band: of bands not yet observed to their end, of customers
    /// of unknown tenure or without a purchase, and credit notes before a first purchase. With the bands it sums to the
    /// net revenue of all customers.
    pub outside: Money,
}

/// What customers spend in a band of months since their first purchase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TenureBand {
    /// Its first month; 1 begins with the first purchase.
    pub first_month: u32,
    /// Its last month.
    pub last_month: u32,
    /// Those of the customers observed through the whole band who bought in it ÷ these customers.
    pub active: Rate,
    /// Purchases in it.
    pub purchases: u64,
    /// Net revenue in it; credit notes count on their date.
    pub revenue: Money,
    /// Revenue ÷ customers who bought in it; `None` where none did, or credit notes outweigh what they bought.
    pub revenue_per_active_customer: Average<Money>,
    /// Revenue ÷ customers observed through the whole band, whether or not they still buy: it never shrinks to the
    /// survivors. `None` where credit notes outweigh it.
    pub revenue_per_original_customer: Average<Money>,
}

/// What the same customers spend in two bands of months since their first purchase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TenureRatio {
    /// The band that was asked about.
    pub band: TenureBand,
    /// The band that it is compared with. Both count the same customers: those observed through both.
    pub base: TenureBand,
    /// Revenue per active customer in the one ÷ in the other; `None` where either has no value or the latter is not
    /// positive.
    pub per_active_customer: Option<f64>,
    /// The same of revenue per original customer.
    pub per_original_customer: Option<f64>,
}

impl Columns for SpendByTenure {
    fn rows(&self) -> usize {
        self.bands.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.bands.iter();
        #[expect(clippy::cast_possible_wrap, reason = "a history holds fewer than 2³² orders")]
        let count = |name, of: fn(&TenureBand) -> u64| Column::i64(name, all().map(move |b| of(b) as i64));
        let value = |name, of: fn(&TenureBand) -> Option<f64>| Column::f64(name, all().map(of));
        vec![
            count("first_month", |band| band.first_month.into()),
            count("last_month", |band| band.last_month.into()),
            count("customers", |band| band.active.denominator),
            count("active_customers", |band| band.active.numerator),
            value("active_rate", |band| band.active.value),
            count("purchases", |band| band.purchases),
            Column::money("revenue", all().map(|band| band.revenue)),
            value("revenue_per_active_customer", |band| band.revenue_per_active_customer.value),
            value("revenue_per_original_customer", |band| band.revenue_per_original_customer.value),
        ]
    }
}

impl OrderHistory {
    /// Revenue per active and per original customer by months since the first purchase.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, TenureOptions};
    /// # let date = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let orders = [
    ///     Order::new(date(1, 31), usd(5000)).customer("ann"),
    ///     Order::new(date(2, 29), usd(2000)).customer("ann"),
    ///     Order::new(date(3, 5), usd(3000)).customer("bob"),
    /// ];
    /// let mut options = HistoryOptions::new(Currency::USD);
    /// options.observed_until = Some(date(4, 5));
    /// let history = OrderHistory::from_orders(orders, options)?;
    /// let spend = history.spend_by_tenure(&TenureOptions::default());
    /// // Ann's second month begins on February 29 and ends before March 31; Bob is observed through one month only.
    /// let per_original: Vec<_> = spend.bands.iter().map(|band| band.revenue_per_original_customer.value).collect();
    /// assert_eq!(per_original, [Some(40.0), Some(20.0)]);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn spend_by_tenure(&self, options: &TenureOptions) -> SpendByTenure {
        let (calendar, new_from) = (Calendar::of(self), self.new_customers_from());
        let width = i32::try_from(options.months_per_band.get()).unwrap_or(i32::MAX);
        let longest = full_months(calendar.start(calendar.base), calendar.end) / width;
        let bands = usize::try_from(longest).unwrap_or(0) + 1;
        let mut counts = self.ledger().count(|| Counts {
            calendar: &calendar,
            new_from,
            width,
            bands: vec![Spend::default(); bands],
            customers: 0,
            unknown_tenure: 0,
            outside: 0,
        });

        let currency = self.options().currency;
        // So far `observed` counts those for whom a band is the last; whoever saw a later one saw this one too.
        let mut observed = 0;
        for band in counts.bands.iter_mut().rev() {
            observed += band.observed;
            band.observed = observed;
        }
        let months = options.months_per_band.get();
        let bands = (0..).zip(&counts.bands).take_while(|(_, spend)| spend.observed > 0);
        SpendByTenure {
            bands: bands
                .map(|(band, spend)| spend.band(band * months + 1..=(band + 1) * months, currency))
                .collect(),
            customers: counts.customers,
            unknown_tenure: counts.unknown_tenure,
            outside: Money::from_minor(counts.outside, currency),
        }
    }

    /// What the same customers spend in one band of months since their first purchase against another, such as months
    /// 31 to 36 against months 1 to 6.
    ///
    /// Both bands count only customers who were observed through both. Two rows of
    /// [`spend_by_tenure`](OrderHistory::spend_by_tenure) would compare customers of the early years with all customers.
    ///
    /// # Errors
    /// [`Error::InvalidTenure`] where a band is empty or begins before month 1.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let date = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let orders = [
    ///     Order::new(date(1, 7), usd(4000)).customer("ann"),
    ///     Order::new(date(3, 9), usd(5000)).customer("ann"),
    ///     Order::new(date(3, 5), usd(9000)).customer("bob"),
    /// ];
    /// let mut options = HistoryOptions::new(Currency::USD);
    /// options.observed_until = Some(date(5, 1));
    /// let ratio = OrderHistory::from_orders(orders, options)?.tenure_ratio(3..=3, 1..=1)?;
    /// assert_eq!((ratio.per_active_customer, ratio.base.active.denominator), (Some(1.25), 1));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn tenure_ratio(&self, band: RangeInclusive<u32>, base: RangeInclusive<u32>) -> Result<TenureRatio> {
        for months in [&band, &base] {
            if *months.start() == 0 || months.is_empty() {
                return Err(Error::InvalidTenure { first: *months.start(), last: *months.end() });
            }
        }
        let (calendar, new_from) = (Calendar::of(self), self.new_customers_from());
        // A history is shorter than 2³¹ months, so that no month later than that is ever reached.
        let month = |month: u32| i32::try_from(month).unwrap_or(i32::MAX);
        let bands = [&band, &base].map(|months| month(*months.start())..=month(*months.end()));
        let through = month(*band.end().max(base.end()));
        let counter = self.ledger().count(|| RatioCounter {
            calendar: &calendar,
            new_from,
            bands: &bands,
            through,
            spends: [Spend::default(); 2],
        });
        let [later, earlier] = counter.spends;
        let currency = self.options().currency;
        let (band, base) = (later.band(band, currency), earlier.band(base, currency));
        let ratio = |of: fn(&TenureBand) -> Option<f64>| {
            of(&band).zip(of(&base).filter(|&base| base > 0.0)).map(|(band, base)| band / base)
        };
        Ok(TenureRatio {
            per_active_customer: ratio(|band| band.revenue_per_active_customer.value),
            per_original_customer: ratio(|band| band.revenue_per_original_customer.value),
            band,
            base,
        })
    }
}

/// Places of days such that the full months between two of them are one subtraction and one shift.
///
/// A place is 32 × the month + the day of the month. As the *start* of a tenure the day is taken as it is; as a day that
/// is *reached*, the last of a month is taken for 31, because a month without the start's number has its anniversary
/// then.
#[derive(Debug)]
struct Calendar {
    base: Day,
    /// (start, reached) by day from `base` on, up to the end of the observation.
    places: Vec<(i32, i32)>,
    /// The place of the end of the observation, a day that is reached if it lies no later.
    end: i32,
}

impl Calendar {
    fn of(history: &OrderHistory) -> Calendar {
        let span = history.span();
        let base = day_of(span.start()).unwrap_or(0);
        let number = |number: u32| i32::try_from(number).unwrap_or(0);
        let places: Vec<(i32, i32)> = (0..=span.days())
            .scan(base, |day, _| {
                let date = date_of(*day);
                *day += 1;
                let month = 32 * (12 * date.year() + number(date.month0()));
                let is_last = date.succ_opt().is_none_or(|next| next.day() == 1);
                let day_of_month = number(date.day());
                Some((month + day_of_month, month + if is_last { 31 } else { day_of_month }))
            })
            .collect();
        let end = places.last().map_or(0, |&(_, reached)| reached);
        Calendar { base, places, end }
    }

    fn at(&self, day: Day) -> (i32, i32) {
        let place = usize::try_from(day - self.base).ok().and_then(|at| self.places.get(at));
        debug_assert!(place.is_some(), "every day of a history lies in its span");
        place.copied().unwrap_or_default()
    }

    #[inline]
    fn start(&self, day: Day) -> i32 {
        self.at(day).0
    }

    #[inline]
    fn place(&self, day: Day) -> i32 {
        self.at(day).1
    }
}

/// Full months from a start to a day that is reached; below 0 for an earlier one.
#[inline]
fn full_months(start: i32, reached: i32) -> i32 {
    (reached - start) >> 5
}

/// The day of the first purchase, where that is believed to be one.
#[inline]
fn tenure_from(shopper: Shopper<'_>, new_from: Day) -> Option<Day> {
    shopper.first_purchase().filter(|&first| first >= new_from)
}

/// What a pass counts of one band.
#[derive(Debug, Clone, Copy, Default)]
struct Spend {
    observed: u64,
    active: u64,
    purchases: u64,
    revenue: i64,
}

impl Spend {
    fn add(&mut self, other: &Spend) {
        self.observed += other.observed;
        self.active += other.active;
        self.purchases += other.purchases;
        self.revenue += other.revenue;
    }

    fn band(&self, months: RangeInclusive<u32>, currency: Currency) -> TenureBand {
        let revenue = Money::from_minor(self.revenue, currency);
        TenureBand {
            first_month: *months.start(),
            last_month: *months.end(),
            active: Rate::of(self.active, self.observed),
            purchases: self.purchases,
            revenue,
            revenue_per_active_customer: Average::new(revenue, self.active),
            revenue_per_original_customer: Average::new(revenue, self.observed),
        }
    }
}

/// What a pass counts of all bands.
#[derive(Debug)]
struct Counts<'a> {
    calendar: &'a Calendar,
    new_from: Day,
    /// Months of a band.
    width: i32,
    bands: Vec<Spend>,
    customers: u64,
    unknown_tenure: u64,
    outside: i64,
}

impl Counts<'_> {
    fn follow(&mut self, shopper: Shopper<'_>) {
        let Some(first) = tenure_from(shopper, self.new_from) else {
            self.unknown_tenure += u64::from(shopper.purchases > 0);
            self.outside += shopper.net;
            return;
        };
        self.customers += 1;
        let start = self.calendar.start(first);
        let complete = full_months(start, self.calendar.end).div_euclid(self.width);
        let slot = |band: i32| usize::try_from(band).ok();
        if let Some(last) = slot(complete - 1).and_then(|band| self.bands.get_mut(band)) {
            last.observed += 1;
        }
        let mut latest = None;
        for entry in shopper.entries {
            let band = full_months(start, self.calendar.place(entry.day)).div_euclid(self.width);
            let spend =
                if band < complete { slot(band).and_then(|band| self.bands.get_mut(band)) } else { None };
            let Some(spend) = spend else {
                self.outside += entry.net;
                continue;
            };
            spend.revenue += entry.net;
            if entry.is_purchase() {
                spend.purchases += 1;
                spend.active += u64::from(latest != Some(band));
                latest = Some(band);
            }
        }
    }
}

impl Counter for Counts<'_> {
    fn look(&mut self, block: &Block) {
        block.for_each(|shopper| self.follow(shopper));
    }

    fn merge(&mut self, other: Self) {
        self.bands.iter_mut().zip(&other.bands).for_each(|(sum, more)| sum.add(more));
        self.customers += other.customers;
        self.unknown_tenure += other.unknown_tenure;
        self.outside += other.outside;
    }
}

/// What a pass counts of two bands, of customers observed through both.
#[derive(Debug)]
struct RatioCounter<'a> {
    calendar: &'a Calendar,
    new_from: Day,
    bands: &'a [RangeInclusive<i32>; 2],
    /// The last month of either.
    through: i32,
    spends: [Spend; 2],
}

impl Counter for RatioCounter<'_> {
    fn look(&mut self, block: &Block) {
        block.for_each(|shopper| {
            let first = tenure_from(shopper, self.new_from);
            let Some(start) = first.map(|first| self.calendar.start(first)) else { return };
            if full_months(start, self.calendar.end) < self.through {
                return;
            }
            for (spend, months) in self.spends.iter_mut().zip(self.bands) {
                spend.observed += 1;
                let mut active = false;
                for entry in shopper.entries {
                    if months.contains(&(full_months(start, self.calendar.place(entry.day)) + 1)) {
                        spend.revenue += entry.net;
                        spend.purchases += u64::from(entry.is_purchase());
                        active |= entry.is_purchase();
                    }
                }
                spend.active += u64::from(active);
            }
        });
    }

    fn merge(&mut self, other: Self) {
        self.spends.iter_mut().zip(&other.spends).for_each(|(sum, more)| sum.add(more));
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Months, NaiveDate};

    use super::*;
    use crate::{HistoryOptions, Order};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn history(orders: &[(&str, &str, i64)], until: &str) -> OrderHistory {
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = Some(date(until));
        build(orders, options)
    }

    fn build(orders: &[(&str, &str, i64)], options: HistoryOptions) -> OrderHistory {
        let orders = orders.iter().map(|&(who, day, cents)| {
            Order::new(date(day), Money::from_minor(cents, Currency::USD)).customer(who)
        });
        OrderHistory::from_orders(orders, options).unwrap()
    }

    fn months(spend: &SpendByTenure) -> Vec<(u64, u64, u64, i64)> {
        let row = |b: &TenureBand| (b.active.denominator, b.active.numerator, b.purchases, b.revenue.minor());
        spend.bands.iter().map(row).collect()
    }

    /// Each day of four years as a first purchase, against chrono's own sum of months, to every end within three years.
    #[test]
    fn months_are_those_of_the_calendar() {
        let history = history(&[("ann", "2023-01-01", 1)], "2030-06-01");
        let calendar = Calendar::of(&history);
        for first in (0..4 * 365).map(|day| date_of(calendar.base + day)) {
            for later in (0..3 * 366).step_by(7).map(|days| first + chrono::Days::new(days)) {
                let full = (0..40).take_while(|&k| first + Months::new(k + 1) <= later).count();
                let [first, later] = [first, later].map(|date| day_of(date).unwrap());
                let found = full_months(calendar.start(first), calendar.place(later));
                assert_eq!(usize::try_from(found), Ok(full), "{} {}", date_of(first), date_of(later));
            }
        }
    }

    /// First purchase on January 31: the second month begins on February 29, the third on March 31.
    #[test]
    fn anniversaries_at_the_end_of_a_month_do_not_wander() {
        let orders = [
            ("ann", "2024-01-31", 100),
            ("ann", "2024-02-28", 10),
            ("ann", "2024-02-29", 20),
            ("ann", "2024-03-30", 30),
            ("ann", "2024-03-31", 40),
        ];
        let spend = history(&orders, "2024-04-30").spend_by_tenure(&TenureOptions::default());
        assert_eq!(months(&spend), [(1, 1, 2, 110), (1, 1, 2, 50), (1, 1, 1, 40)]);
        // A day earlier the third month is not over, and what it brought is in no band.
        let spend = history(&orders, "2024-04-29").spend_by_tenure(&TenureOptions::default());
        assert_eq!((months(&spend).len(), spend.outside.minor()), (2, 40));
    }

    /// Ann is observed through months 1 to 3, Bob through month 1. In month 3 nobody buys.
    #[test]
    fn young_customers_do_not_dilute_and_gone_ones_stay() {
        let orders = [
            ("ann", "2024-01-10", 1000),
            ("ann", "2024-02-15", 500),
            ("ann", "2024-02-15", 100),
            ("bob", "2024-03-01", 3000),
            ("bob", "2024-04-02", 700),
        ];
        let spend = history(&orders, "2024-04-15").spend_by_tenure(&TenureOptions::default());
        assert_eq!(months(&spend), [(2, 2, 2, 4000), (1, 1, 1, 600), (1, 0, 0, 0)]);
        assert_eq!(spend.outside.minor(), 700);
        let third = spend.bands[2];
        assert_eq!(third.revenue_per_active_customer.value, None);
        assert_eq!(third.revenue_per_original_customer.value, Some(0.0));
        // Mistakes: with Bob, who has not been there long enough, and only over those who bought.
        assert_eq!(spend.bands[1].revenue_per_original_customer.value, Some(6.0));
        assert_ne!(spend.bands[1].revenue_per_original_customer.value, Some(f64::midpoint(6.0, 7.0)));
    }

    #[test]
    fn bands_of_several_months_are_complete_or_not_there() {
        let orders = [("ann", "2024-01-10", 1000), ("ann", "2024-02-15", 500), ("bob", "2024-01-20", 300)];
        let options = TenureOptions { months_per_band: NonZeroU32::new(3).unwrap() };
        let spend = history(&orders, "2024-04-15").spend_by_tenure(&options);
        assert_eq!(months(&spend), [(1, 1, 2, 1500)]);
        assert_eq!((spend.bands[0].first_month, spend.bands[0].last_month), (1, 3));
        assert_eq!((spend.customers, spend.outside.minor()), (2, 300));
    }

    /// Credit notes count on their date; one before the first purchase is in no month, nor is one of a customer who
    /// never bought.
    #[test]
    fn credit_notes_count_on_their_date() {
        let orders = [
            ("ann", "2024-01-05", -70),
            ("ann", "2024-01-10", 1000),
            ("ann", "2024-02-20", -200),
            ("bob", "2024-01-10", -5),
        ];
        let spend = history(&orders, "2024-03-10").spend_by_tenure(&TenureOptions::default());
        assert_eq!(months(&spend), [(1, 1, 1, 1000), (1, 0, 0, -200)]);
        assert_eq!((spend.customers, spend.outside.minor()), (1, -75));
    }

    #[test]
    fn customers_of_the_warm_up_are_left_out() {
        let mut options = HistoryOptions::new(Currency::USD);
        options.history_starts = Some(date("2024-01-01"));
        options.warm_up_days = 31;
        options.observed_until = Some(date("2024-04-01"));
        let history = build(&[("ann", "2024-01-10", 1000), ("bob", "2024-02-01", 300)], options);
        let spend = history.spend_by_tenure(&TenureOptions::default());
        assert_eq!((spend.customers, spend.unknown_tenure, spend.outside.minor()), (1, 1, 1000));
        assert_eq!(months(&spend), [(1, 1, 1, 300), (1, 0, 0, 0)]);
        assert_eq!(history.tenure_ratio(2..=2, 1..=1).unwrap().base.active.denominator, 1);
    }

    #[test]
    fn nobody_has_reached_a_month() {
        let history = history(&[("ann", "2024-01-10", 1000)], "2024-02-09");
        let spend = history.spend_by_tenure(&TenureOptions::default());
        assert_eq!((spend.bands.len(), spend.customers, spend.outside.minor()), (0, 1, 1000));
        let ratio = history.tenure_ratio(31..=36, 1..=6).unwrap();
        assert_eq!((ratio.per_active_customer, ratio.per_original_customer), (None, None));
        assert_eq!(ratio.band.revenue_per_original_customer.value, None);
    }

    /// Ann 1000 in months 1–6 and 1670 in months 31–36; Bob 500 and nothing; Cid, a customer of month 1, is in neither.
    #[test]
    fn two_bands_are_of_the_same_customers() {
        let orders = [
            ("ann", "2020-01-01", 600),
            ("ann", "2020-06-30", 400),
            ("ann", "2020-07-01", 9999),
            ("ann", "2022-07-01", 1670),
            ("bob", "2020-01-01", 500),
            ("cid", "2022-12-01", 9000),
        ];
        let history = history(&orders, "2023-01-01");
        let ratio = history.tenure_ratio(31..=36, 1..=6).unwrap();
        assert_eq!((ratio.band.active.numerator, ratio.band.revenue.minor()), (1, 1670));
        assert_eq!(
            (ratio.base.active.numerator, ratio.base.revenue.minor(), ratio.base.purchases),
            (2, 1500, 3)
        );
        assert_eq!(ratio.per_active_customer, Some(16.7 / 7.5));
        assert_eq!(ratio.per_original_customer, Some(8.35 / 7.5));
        for (first, last) in [(0, 3), (4, 3)] {
            let error = history.tenure_ratio(first..=last, 1..=1).unwrap_err();
            assert_eq!(error.code(), "invalid_tenure");
        }
    }
}
