//! How many of the buyers of one period buy in the next.

use serde::Serialize;

use crate::calendar::{Period, PeriodIndex, boundary_day};
use crate::error::{Error, Result};
use crate::measure::Rate;
use crate::metrics::Window;
use crate::orders::{Block, Counter, OrderHistory};

/// How many of the buyers of one period buy in the next, equally long one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RepurchaseRetention {
    /// The period.
    pub period: Period,
    /// The one before it, [`Period::before`].
    pub previous: Period,
    /// Whether observation lasted to the period's end. Before that the rate is too low.
    pub complete: bool,
    /// Whether the books reach back to the start of the previous period.
    pub reaches_back: bool,
    /// Buyers of the previous period who buy in this one ÷ buyers of the previous period.
    pub rate: Rate,
}

impl Window<'_> {
    /// How many of the buyers of the equally long period before buy in this one.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`] where the period before would leave the years 1 to 9999.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let order = |who: &str, m| {
    /// #     let date = NaiveDate::from_ymd_opt(2024, m, 10).unwrap();
    /// #     Order::new(date, Money::from_minor(1000, Currency::USD)).customer(who)
    /// # };
    /// // Ann buys in January and May, Bob in January, Cid in June.
    /// # let orders = [order("ann", 1), order("ann", 5), order("bob", 1), order("cid", 6)];
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let rate = history.during("2024-Q2")?.repurchase_retention()?.rate;
    /// assert_eq!((rate.numerator, rate.denominator), (1, 2));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn repurchase_retention(&self) -> Result<RepurchaseRetention> {
        let (history, period) = (self.history(), self.period());
        let periods = [previous_of(period)?, period];
        let plan = RepurchasePlan::new(history, &periods);
        Ok(plan.finish(&history.ledger().count(|| plan.counter())).remove(0))
    }
}

/// The period before, as an error where there is none.
pub(crate) fn previous_of(period: Period) -> Result<Period> {
    period.before().ok_or_else(|| Error::DateOutOfRange { value: format!("the period before {period}") })
}

/// What is asked of a pass: how many buyers of each of several consecutive periods buy in the next.
#[derive(Debug)]
pub(crate) struct RepurchasePlan<'a> {
    history: &'a OrderHistory,
    periods: &'a [Period],
    index: PeriodIndex,
}

impl<'a> RepurchasePlan<'a> {
    pub(crate) fn new(history: &'a OrderHistory, periods: &'a [Period]) -> RepurchasePlan<'a> {
        RepurchasePlan { history, periods, index: PeriodIndex::of(periods, history.days()) }
    }

    pub(crate) fn counter(&self) -> RepurchaseCounter<'_> {
        RepurchaseCounter { plan: self, buyers: vec![Buyers::default(); self.index.len()] }
    }

    /// Each period but the first beside the one before it.
    pub(crate) fn finish(&self, counter: &RepurchaseCounter<'_>) -> Vec<RepurchaseRetention> {
        let pairs = self.periods.iter().zip(self.periods.iter().skip(1));
        // Days before the first period have the number 0.
        let counts = counter.buyers.iter().skip(1).zip(counter.buyers.iter().skip(2));
        pairs
            .zip(counts)
            .map(|((&previous, &period), (before, now))| RepurchaseRetention {
                period,
                previous,
                complete: period.end() <= self.history.observed_until(),
                reaches_back: self.history.books_reach(boundary_day(previous.start())),
                rate: Rate::of(now.again.into(), before.all.into()),
            })
            .collect()
    }
}

#[derive(Debug)]
pub(crate) struct RepurchaseCounter<'a> {
    plan: &'a RepurchasePlan<'a>,
    buyers: Vec<Buyers>,
}

/// The buyers of a period, and those of them who had bought in the period before.
#[derive(Debug, Clone, Copy, Default)]
struct Buyers {
    all: u32,
    again: u32,
}

impl Counter for RepurchaseCounter<'_> {
    #[expect(clippy::indexing_slicing, reason = "there are buyers for every number of a period")]
    fn look(&mut self, block: &Block) {
        block.for_each_crowd(|shopper| {
            let mut last = usize::MAX - 1;
            for entry in shopper.purchases() {
                let number = self.plan.index.number(entry.day);
                let buyers = &mut self.buyers[number];
                buyers.all += shopper.customers * u32::from(number != last);
                buyers.again += shopper.customers * u32::from(number == last + 1);
                last = number;
            }
        });
    }

    fn merge(&mut self, other: Self) {
        for (sum, more) in self.buyers.iter_mut().zip(other.buyers) {
            sum.all += more.all;
            sum.again += more.again;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{Currency, HistoryOptions, Money, Order};

    /// January: ann, bob, cid. February: ann and dee; of the three, one.
    #[test]
    fn buyers_of_the_period_before_are_looked_for_in_this_one() {
        let purchases: [(&str, &[&str]); 4] = [
            ("ann", &["2024-01-05", "2024-01-06", "2024-02-05"]),
            ("bob", &["2024-01-31"]),
            ("cid", &["2023-12-31", "2024-01-01", "2024-03-05"]),
            ("dee", &["2023-12-01", "2024-02-29"]),
        ];
        let orders = purchases.iter().flat_map(|(who, days)| {
            days.iter().map(|day| {
                let date: NaiveDate = day.parse().unwrap();
                Order::new(date, Money::from_minor(1000, Currency::EUR)).customer(who)
            })
        });
        let mut options = HistoryOptions::new(Currency::EUR);
        options.observed_until = NaiveDate::from_ymd_opt(2024, 3, 1);
        let history = OrderHistory::from_orders(orders, options).unwrap();
        let february = history.during("2024-02").unwrap().repurchase_retention().unwrap();
        assert_eq!((february.rate.numerator, february.rate.denominator), (1, 3));
        assert_eq!(february.previous, "2024-01".parse().unwrap());
        assert!(february.complete && february.reaches_back);
        let march = history.during("2024-03").unwrap().repurchase_retention().unwrap();
        assert!(!march.complete);
        let year = history.during("2024").unwrap().repurchase_retention().unwrap();
        assert!(!year.reaches_back);
        let first = history.during("0001-01").unwrap().repurchase_retention();
        assert_eq!(first.map_err(|error| error.code()), Err("date_out_of_range"));
    }
}
