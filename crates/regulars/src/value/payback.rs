//! When the cost to acquire a customer is paid back.

use serde::Serialize;

use super::{at_least_0, at_most_1};
use crate::error::Result;
use crate::metrics::TenureOptions;
use crate::orders::OrderHistory;

/// When the cost to acquire a customer is paid back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Payback {
    /// By the end of this month, 1 being the one that begins with the first purchase; 0 where there is nothing to pay.
    Month {
        /// The month.
        month: u32,
    },
    /// Not within the months observed so far. It may still come.
    NotYet {
        /// How many months that are.
        observed_months: u32,
    },
    /// Not at all: over a whole life the customer brings less than they cost.
    Never,
}

/// What the average customer has brought by month since the first purchase, against what it cost to win one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ObservedPayback {
    /// What it cost to win a customer, in units of the currency.
    pub acquisition_cost: f64,
    /// The margin as a share of revenue.
    pub margin: f64,
    /// Margin per original customer by the end of each month, 1 being the one that begins with the first purchase: the
    /// sum of the months of [`spend_by_tenure`](OrderHistory::spend_by_tenure).
    pub cumulative: Vec<f64>,
    /// The first month by whose end it reaches the cost.
    pub payback: Payback,
}

impl OrderHistory {
    /// By which month the margin on what the average customer really brought has paid for the cost to win one, in units
    /// of the currency.
    ///
    /// Every month counts all customers observed through it, so the sum does not shrink to those who stayed. Where the
    /// cost is not reached in the months observed, it is *not yet*; *never* only where there is no margin.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) where the cost is negative or the margin above 1.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, Payback};
    /// # let day = |m| NaiveDate::from_ymd_opt(2024, m, 7).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// # let orders = [1, 3, 4].map(|m| Order::new(day(m), usd(4000)).customer("ann"));
    /// # let mut options = HistoryOptions::new(Currency::USD);
    /// # options.observed_until = Some(day(7));
    /// # let history = OrderHistory::from_orders(orders, options)?;
    /// // Ann bought for 40 in her first, third and fourth month and is observed through six; half of it is margin.
    /// assert_eq!(history.payback(30.0, 0.5)?.payback, Payback::Month { month: 3 });
    /// assert_eq!(history.payback(90.0, 0.5)?.payback, Payback::NotYet { observed_months: 6 });
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn payback(&self, acquisition_cost: f64, margin: f64) -> Result<ObservedPayback> {
        let cost = at_least_0("acquisition_cost", acquisition_cost)?;
        let margin = at_most_1("margin", margin)?;
        let months = self.spend_by_tenure(&TenureOptions::default()).bands;
        // Not the average of the month, which has no value where credit notes outweigh it.
        let revenue = months.iter().map(|month| month.revenue.to_f64() / month.active.denominator as f64);
        let cumulative: Vec<f64> = revenue
            .scan(0.0, |sum, revenue| {
                *sum += revenue;
                Some(*sum * margin)
            })
            .collect();
        // Ten months of 0.10, which floats sum to 0.9999999999999999, pay back 1.00.
        let enough = cost * (1.0 - 1e-9);
        let reached = (1..).zip(&cumulative).find(|&(_, &sum)| sum >= enough).map(|(month, _)| month);
        let payback = match reached {
            _ if cost <= 0.0 => Payback::Month { month: 0 },
            // Without a margin, credit notes that outweigh the purchases would "bring" something.
            _ if margin <= 0.0 => Payback::Never,
            Some(month) => Payback::Month { month },
            None => Payback::NotYet { observed_months: u32::try_from(cumulative.len()).unwrap_or(u32::MAX) },
        };
        Ok(ObservedPayback { acquisition_cost: cost, margin, cumulative, payback })
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{Currency, HistoryOptions, Money, Order};

    fn order(who: &str, day: &str, cents: i64) -> Order {
        let money = Money::from_minor(cents, Currency::USD);
        Order::new(day.parse::<NaiveDate>().unwrap(), money).customer(who)
    }

    /// Ten months of 0.10 are 1.00, though the floats sum to 0.9999999999999999.
    #[test]
    fn payback_is_reached_where_the_sum_is_the_cost() {
        let orders = (1..=10).map(|month| order("ann", &format!("2024-{month:02}-05"), 10));
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = NaiveDate::from_ymd_opt(2025, 1, 5);
        let history = OrderHistory::from_orders(orders, options).unwrap();
        assert_eq!(history.payback(1.0, 1.0).unwrap().payback, Payback::Month { month: 10 });
        assert_eq!(history.payback(1.000_001, 1.0).unwrap().payback, Payback::NotYet { observed_months: 12 });
    }

    /// Ann 40 in month 1 and 40 in month 3, observed through three; Bob 20 in month 1, observed through one. Per original
    /// customer 30, 0, 40: at half margin 15, 15, 35.
    #[test]
    fn not_yet_is_not_never() {
        let orders = [
            order("ann", "2024-01-05", 4000),
            order("ann", "2024-03-05", 4000),
            order("bob", "2024-03-06", 2000),
        ];
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = NaiveDate::from_ymd_opt(2024, 4, 6);
        let history = OrderHistory::from_orders(orders, options).unwrap();
        assert_eq!(history.payback(1.0, 0.5).unwrap().cumulative, [15.0, 15.0, 35.0]);
        let payback = |cost, margin| history.payback(cost, margin).unwrap().payback;
        assert_eq!(payback(15.0, 0.5), Payback::Month { month: 1 });
        assert_eq!(payback(15.01, 0.5), Payback::Month { month: 3 });
        assert_eq!(payback(35.01, 0.5), Payback::NotYet { observed_months: 3 });
        assert_eq!(payback(35.01, 0.0), Payback::Never);
        assert_eq!(payback(0.0, 0.0), Payback::Month { month: 0 });
        let refunds = OrderHistory::from_orders(
            [order("ann", "2024-01-05", 100), order("ann", "2024-01-06", -50_000)],
            HistoryOptions::new(Currency::USD),
        );
        assert_eq!(refunds.unwrap().payback(100.0, -0.5).unwrap().payback, Payback::Never);
        assert!(history.payback(-1.0, 0.5).is_err() && history.payback(1.0, 1.5).is_err());
    }
}
