//! How much of the revenue comes from how few customers.

use serde::{Deserialize, Serialize};

use super::spread::Spread;
use crate::error::{Error, Result};
use crate::money::{Currency, Money};
use crate::orders::OrderHistory;
use crate::table::{Column, Columns};

/// Which shares of customers and of revenue a [`Concentration`] names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConcentrationOptions {
    /// The shares of customers, best first, whose revenue is asked for; each above 0 and at most 1.
    pub top: Vec<f64>,
    /// The share of revenue whose fewest customers are asked for; above 0 and at most 1.
    pub revenue_share: f64,
}

impl Default for ConcentrationOptions {
    /// The best 1, 5, 10 and 20 % of customers, and 80 % of revenue.
    fn default() -> ConcentrationOptions {
        ConcentrationOptions { top: vec![0.01, 0.05, 0.1, 0.2], revenue_share: 0.8 }
    }
}

/// How much of the revenue comes from how few customers.
///
/// Customers are those with a purchase, each with their net revenue so far, credit notes included. A total below 0 is
/// taken as 0 and counted in `floored`: shares of a whole have no meaning among negative parts. Revenue of nobody is no
/// customer's and not in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Concentration {
    /// Customers with a purchase.
    pub customers: u64,
    /// Their revenue, totals below 0 taken as 0: the whole of which all shares here are parts.
    pub revenue: Money,
    /// Customers whose total is below 0.
    pub floored: u64,
    /// What these come to, 0 or less: `revenue` + `floored_revenue` is the customers' net revenue.
    pub floored_revenue: Money,
    /// The best customers, a group for each share in [`ConcentrationOptions::top`]: ⌈n·p⌉ of n customers.
    pub top: Vec<TopCustomers>,
    /// The fewest customers who make at least [`ConcentrationOptions::revenue_share`] of the revenue; `None` where there
    /// is no revenue.
    pub fewest: Option<TopCustomers>,
    /// The coefficient of Gini: 0 where all customers bring the same, near 1 where one brings it all; `None` where there
    /// is no revenue.
    ///
    /// With totals x₁ ≤ … ≤ xₙ: Σ (2i − n − 1)·xᵢ ÷ (n·Σ xᵢ), which is 1 less twice the area under the Lorenz curve by
    /// trapezoids. There is no correction by n ÷ (n − 1): the customers are all of them, not a sample.
    ///
    /// Source: C. Gini, "Variabilità e mutabilità" (1912).
    pub gini: Option<f64>,
    /// The Lorenz curve, from (0, 0) to (1, 1): every customer up to 100 of them, beyond that the 101 points at
    /// ⌊n·k ÷ 100⌋ customers, exact at each; empty where there is no revenue.
    ///
    /// Source: M. O. Lorenz, "Methods of measuring the concentration of wealth", JASA 9 (1905).
    pub lorenz: Vec<LorenzPoint>,
}

/// Some of the best customers, and what they bring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TopCustomers {
    /// The share that was asked for: of customers in [`Concentration::top`], of revenue in [`Concentration::fewest`].
    pub asked: f64,
    /// How many they are.
    pub customers: u64,
    /// Their share of the customers; `None` where there are none.
    pub customer_share: Option<f64>,
    /// Their revenue.
    pub revenue: Money,
    /// Their share of the revenue; `None` where there is none.
    pub revenue_share: Option<f64>,
}

/// A point of a Lorenz curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LorenzPoint {
    /// This share of the customers, those who bring least first …
    pub customer_share: f64,
    /// … brings this share of the revenue.
    pub revenue_share: f64,
}

/// The Lorenz curve, a row for each of its points.
impl Columns for Concentration {
    fn rows(&self) -> usize {
        self.lorenz.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        vec![
            Column::f64("customer_share", self.lorenz.iter().map(|point| Some(point.customer_share))),
            Column::f64("revenue_share", self.lorenz.iter().map(|point| Some(point.revenue_share))),
        ]
    }
}

impl OrderHistory {
    /// How much of the revenue comes from how few customers.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where a share in the options is not above 0 and at most 1.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{ConcentrationOptions, Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
    /// let order = |who: &str, cents| Order::new(day, Money::from_minor(cents, Currency::USD)).customer(who);
    /// let orders = [order("ann", 8000), order("bob", 1000), order("cid", 1000)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let concentration = history.concentration(&ConcentrationOptions::default())?;
    /// assert_eq!(concentration.top[3].revenue_share, Some(0.8));
    /// assert_eq!(concentration.fewest.unwrap().customers, 1);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn concentration(&self, options: &ConcentrationOptions) -> Result<Concentration> {
        let spread = self.ledger().count(Spread::default);
        Concentration::of_spread(&spread.ascending(), self.options().currency, options)
    }
}

impl Concentration {
    /// The same of plain totals, one a customer, in minor units and any order.
    ///
    /// # Errors
    /// As [`OrderHistory::concentration`], and [`Error::SumOutOfRange`] where the totals without their signs sum beyond
    /// 64 bits.
    ///
    /// ```
    /// use regulars::{Concentration, ConcentrationOptions, Currency};
    ///
    /// let totals = vec![100, 100, 200, 600, -50];
    /// let concentration = Concentration::of_minor(totals, Currency::EUR, &ConcentrationOptions::default())?;
    /// assert_eq!((concentration.customers, concentration.floored), (5, 1));
    /// assert_eq!(concentration.gini, Some(0.52));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn of_minor(
        totals: Vec<i64>,
        currency: Currency,
        options: &ConcentrationOptions,
    ) -> Result<Concentration> {
        let magnitude: u128 = totals.iter().map(|&total| u128::from(total.unsigned_abs())).sum();
        if i64::try_from(magnitude).is_err() {
            return Err(Error::SumOutOfRange);
        }
        let spread: Spread = totals.into_iter().collect();
        Concentration::of_spread(&spread.ascending(), currency, options)
    }

    /// Of every total that occurs and how often, in ascending order. In all, totals without their signs sum to less than
    /// 2⁶³.
    pub(crate) fn of_spread(
        spread: &[(i64, u64)],
        currency: Currency,
        options: &ConcentrationOptions,
    ) -> Result<Concentration> {
        let tops = options.top.iter().map(|&share| Ok((share, billionths("top", share)?)));
        let tops: Vec<(f64, u64)> = tops.collect::<Result<_>>()?;
        let target = billionths("revenue_share", options.revenue_share)?;

        let below = spread.partition_point(|&(total, _)| total < 0);
        let (negative, _) = spread.split_at(below);
        let floored = negative.iter().map(|&(_, count)| count).sum();
        let floored_revenue = negative.iter().map(|&(total, count)| total * signed(count)).sum();
        let runs = || spread.iter().map(|&(total, count)| (total.max(0), count));
        let customers: u64 = runs().map(|(_, count)| count).sum();
        let revenue: i64 = runs().map(|(total, count)| total * signed(count)).sum();

        let group = |asked, some: u64, sum: i64| TopCustomers {
            asked,
            customers: some,
            customer_share: ratio(some as f64, customers as f64),
            revenue: Money::from_minor(sum, currency),
            revenue_share: ratio(sum as f64, revenue as f64),
        };
        let best = |mut count: u64| {
            let taken = runs().rev().map(|(total, customers)| {
                let taken = customers.min(count);
                count -= taken;
                total * signed(taken)
            });
            taken.sum()
        };
        let top = tops.iter().map(|&(asked, billionths)| {
            let count = portion(customers, billionths);
            group(asked, count, best(count))
        });
        let fewest = || {
            let mut missing = i64::try_from(portion(revenue.unsigned_abs(), target)).unwrap_or(i64::MAX);
            let (mut some, mut sum) = (0, 0);
            for (total, count) in runs().rev().filter(|&(total, _)| total > 0) {
                // Rounded up, but not with a sum that may be out of range.
                let wanted = missing / total + i64::from(missing % total > 0);
                let taken = wanted.min(signed(count));
                some += taken.unsigned_abs();
                sum += taken * total;
                missing -= taken * total;
                if missing <= 0 {
                    break;
                }
            }
            group(options.revenue_share, some, sum)
        };
        Ok(Concentration {
            customers,
            revenue: Money::from_minor(revenue, currency),
            floored,
            floored_revenue: Money::from_minor(floored_revenue, currency),
            top: top.collect(),
            fewest: (revenue > 0).then(fewest),
            gini: gini(runs(), customers),
            lorenz: if revenue > 0 { lorenz(runs(), customers, revenue) } else { Vec::new() },
        })
    }
}

/// A number of customers as a factor of amounts; a history has fewer than 2³².
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A share in whole billionths, so that 7 % of 100 are 7: the float 0.07 stands for a little more than that.
fn billionths(name: &'static str, share: f64) -> Result<u64> {
    let billionths = libm::round(share * 1e9);
    if !(1.0..=1e9).contains(&billionths) {
        return Err(Error::InvalidArgument { name, value: share, expected: "above 0 and at most 1" });
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 1 to 10⁹"
    )]
    Ok(billionths as u64)
}

/// ⌈whole · share⌉.
fn portion(whole: u64, billionths: u64) -> u64 {
    let portion = (u128::from(whole) * u128::from(billionths)).div_ceil(1_000_000_000);
    u64::try_from(portion).unwrap_or(whole)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// Exact up to the one division: fewer than 2³² totals that sum to less than 2⁶³ keep the sum of the ranks below 2⁹⁶.
fn gini(ascending: impl Iterator<Item = (i64, u64)>, customers: u64) -> Option<f64> {
    let n = i128::from(customers);
    let (mut whole, mut weighted, mut before) = (0, 0, 0);
    for (total, count) in ascending {
        let (total, count) = (i128::from(total), i128::from(count));
        whole += total * count;
        // 2i − n − 1, summed over the ranks i of `count` customers after those `before`.
        weighted += total * count * (2 * before + count - n);
        before += count;
    }
    ratio(weighted as f64, (n * whole) as f64)
}

fn lorenz(ascending: impl Iterator<Item = (i64, u64)>, n: u64, revenue: i64) -> Vec<LorenzPoint> {
    let mut points = Vec::new();
    let mut runs = ascending;
    let (mut total, mut left) = (0, 0);
    let (mut taken, mut sum) = (0, 0);
    for percent in 0..=100 {
        let customers = n * percent / 100;
        // Fewer than 100 customers lie on fewer points.
        if percent > 0 && customers == taken {
            continue;
        }
        while taken < customers {
            if left == 0 {
                let Some(run) = runs.next() else { break };
                (total, left) = run;
            }
            let more = left.min(customers - taken);
            sum += total * signed(more);
            taken += more;
            left -= more;
        }
        points.push(LorenzPoint {
            customer_share: customers as f64 / n as f64,
            revenue_share: sum as f64 / revenue as f64,
        });
    }
    points
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{HistoryOptions, Order};

    fn of(totals: Vec<i64>) -> Concentration {
        Concentration::of_minor(totals, Currency::USD, &ConcentrationOptions::default()).unwrap()
    }

    /// A published kind of example: buyers of 1, 2, 3, 4 and 5 units are 45, 25, 15, 10 and 5. Units: 45 + 50 + 45 + 40 +
    /// 25 = 205. Lorenz: 45 ÷ 205, 95 ÷ 205, 140 ÷ 205, 180 ÷ 205. Area by trapezoids × 2: .45·(45) + .25·(45 + 95) +
    /// .15·(95 + 140) + .10·(140 + 180) + .05·(180 + 205) = 141.75, ÷ 205 = .691463; Gini = .308537.
    #[test]
    fn buyers_of_one_to_five_units() {
        let groups = [(45, 1), (25, 2), (15, 3), (10, 4), (5, 5)];
        let totals = groups.iter().flat_map(|&(buyers, units)| core::iter::repeat_n(units, buyers));
        let found = of(totals.collect());
        assert_eq!((found.customers, found.revenue.minor(), found.lorenz.len()), (100, 205, 101));
        for (buyers, units) in [(0, 0), (45, 45), (70, 95), (85, 140), (95, 180), (100, 205)] {
            let point = found.lorenz[buyers];
            assert_eq!(Some(point.customer_share), ratio(buyers as f64, 100.0));
            assert_eq!(Some(point.revenue_share), ratio(f64::from(units), 205.0));
        }
        assert_eq!(found.gini.map(|gini| format!("{gini:.6}")).as_deref(), Some("0.308537"));
        // The best 1, 5, 10, 20: 5; 5·5; 25 + 5·4; 25 + 10·4 + 5·3.
        let top: Vec<(u64, i64)> = found.top.iter().map(|top| (top.customers, top.revenue.minor())).collect();
        assert_eq!(top, [(1, 5), (5, 25), (10, 45), (20, 80)]);
        // 80 % of 205 are 164: 25 + 40 + 45 + 50 = 160 of the 55 best, and four more with one unit each.
        let fewest = found.fewest.unwrap();
        assert_eq!((fewest.customers, fewest.revenue.minor()), (59, 164));
    }

    /// ⌈n·p⌉, of the number and not of the float that stands for it: 0.07 · 100 is 7.000000000000001.
    #[test]
    fn a_share_of_customers_is_rounded_up_once() {
        let options = ConcentrationOptions { top: vec![0.07, 0.01, 1.0], ..ConcentrationOptions::default() };
        let count = |n: usize| -> Vec<u64> {
            let found = Concentration::of_minor(vec![1; n], Currency::USD, &options).unwrap();
            found.top.iter().map(|top| top.customers).collect()
        };
        assert_eq!(count(100), [7, 1, 100]);
        assert_eq!(count(101), [8, 2, 101]);
        assert_eq!(count(3), [1, 1, 3]);
    }

    #[test]
    fn equal_customers_have_no_concentration_and_one_has_all_there_can_be() {
        let equal = of(vec![70; 5]);
        assert_eq!(equal.gini, Some(0.0));
        assert_eq!(equal.fewest.unwrap().customers, 4);
        // (2·5 − 5 − 1) ÷ 5
        assert_eq!(of(vec![0, 0, 0, 0, 9]).gini, Some(0.8));
    }

    /// −50 among 100, 300: as parts of 350 the best would bring 86 %, and the curve would fall below 0.
    #[test]
    fn negative_totals_are_floored_and_counted() {
        let found = of(vec![100, -50, 300]);
        assert_eq!((found.floored, found.floored_revenue.minor(), found.revenue.minor()), (1, -50, 400));
        assert_eq!(found.top[0].revenue_share, Some(0.75));
        assert_ne!(found.top[0].revenue_share, Some(300.0 / 350.0));
        assert!(found.lorenz.iter().all(|point| point.revenue_share >= 0.0));
    }

    #[test]
    fn without_revenue_there_are_no_shares() {
        for totals in [vec![], vec![0, 0], vec![-3]] {
            let found = of(totals);
            assert_eq!((found.gini, found.fewest, found.lorenz.len()), (None, None, 0));
            assert!(found.top.iter().all(|top| top.revenue_share.is_none()));
        }
    }

    #[test]
    fn shares_outside_of_0_to_1_are_refused() {
        for share in [0.0, -0.1, 1.5, f64::NAN, 1e-12] {
            let options = ConcentrationOptions { top: vec![share], ..ConcentrationOptions::default() };
            let error = Concentration::of_minor(vec![1], Currency::USD, &options).unwrap_err();
            assert_eq!(error.code(), "invalid_argument", "{share}");
        }
        let options = ConcentrationOptions::default();
        let error = Concentration::of_minor(vec![i64::MAX, 1], Currency::USD, &options).unwrap_err();
        assert_eq!(error.code(), "sum_out_of_range");
    }

    /// Ann has two orders and a credit note, Bob one order; Cid has a credit note alone and is no buyer; one order is
    /// nobody's.
    #[test]
    fn customers_are_buyers() {
        let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
        let order = |d, cents| Order::new(day(d), Money::from_minor(cents, Currency::USD));
        let orders = [
            order(1, 500).customer("ann"),
            order(2, 700).customer("ann"),
            order(9, -200).customer("ann"),
            order(1, 1000).customer("bob"),
            order(3, -900).customer("cid"),
            order(4, 5000),
        ];
        let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap();
        let found = history.concentration(&ConcentrationOptions::default()).unwrap();
        assert_eq!((found.customers, found.floored, found.revenue.minor()), (2, 0, 2000));
    }

    #[test]
    fn many_customers_have_a_curve_of_percentiles() {
        let found = of((1..=1000).collect());
        assert_eq!(found.lorenz.len(), 101);
        // The 500 who bring least: 500 · 501 ÷ 2 of 1000 · 1001 ÷ 2.
        assert_eq!(Some(found.lorenz[50].revenue_share), ratio(125_250.0, 500_500.0));
        let few = of(vec![1, 2, 3]);
        let shares: Vec<f64> = few.lorenz.iter().map(|point| point.revenue_share).collect();
        assert_eq!(shares, [0.0, 1.0 / 6.0, 0.5, 1.0]);
    }
}
