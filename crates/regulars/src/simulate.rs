//! What if: customers and revenue of periods to come under plain assumptions.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::metrics::Window;
use crate::table::{Column, Columns};
use crate::value::{at_least_0, at_most_1, finite, share, shrinkage};

/// The assumptions of a simulation: how many customers there are, what each spends in a period, and how many stay and
/// come from one period to the next.
///
/// ```
/// use regulars::Scenario;
///
/// // 100 customers who spend 10 a month; 5 % of them are kept from month to month, and nobody comes.
/// let scenario = Scenario::new(100.0, 10.0, 0.05)?;
/// let months = scenario.simulate(3).periods;
/// let revenue: Vec<f64> = months.iter().map(|month| month.revenue).collect();
/// assert_eq!(revenue, [1000.0, 50.0, 2.5]);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    customers: f64,
    spend: f64,
    retention_rate: f64,
    acquired: f64,
}

/// A scenario period by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Simulation {
    /// The assumptions.
    pub scenario: Scenario,
    /// The periods, from 1 on.
    pub periods: Vec<SimulatedPeriod>,
}

/// One period of a [`Simulation`]. All of it are expectations: there are fractions of customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SimulatedPeriod {
    /// Its number. All customers of the start spend in period 1; who stays and who comes shows from period 2 on.
    pub period: u32,
    /// Customers in it: those kept from the period before, and those who came.
    pub customers: f64,
    /// What they spend.
    pub revenue: f64,
    /// The same from period 1 on.
    pub cumulative_revenue: f64,
}

/// Two scenarios over the same periods.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Comparison {
    /// The scenario that is compared with.
    pub base: Simulation,
    /// The other scenario.
    pub other: Simulation,
    /// Revenue of the other over all periods less that of the base.
    pub difference: f64,
    /// The same ÷ revenue of the base; `None` where that is 0.
    pub lift: Option<f64>,
}

/// What a customer brings and costs, from which [`lift`](ProfitFigures::lift) tells what a change of retention would do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProfitFigures {
    /// Margin that a customer brings in a period.
    pub margin: f64,
    /// The share of customers kept from one period to the next.
    pub retention_rate: f64,
    /// What it costs to win a customer.
    pub acquisition_cost: f64,
    /// The discount for one period.
    pub discount_rate: f64,
}

/// Profit per customer won, before and after a change of retention.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProfitLift {
    /// The change, in points of the retention rate: 0.05 for 5 points.
    pub retention_change: f64,
    /// Profit per customer as it is; `None` where nobody leaves and nothing is discounted.
    pub before: Option<f64>,
    /// Profit per customer after the change; `None` likewise.
    pub after: Option<f64>,
    /// After ÷ before − 1; `None` where either has no value or there is no profit before.
    pub lift: Option<f64>,
}

impl Scenario {
    /// The number of customers at the start, what each spends in a period, and the share of them that is kept from one
    /// period to the next. No new customers come unless [`acquiring`](Scenario::acquiring) says so.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where customers or spend are negative or not finite, or the retention rate is not
    /// between 0 and 1.
    pub fn new(customers: f64, spend: f64, retention_rate: f64) -> Result<Scenario> {
        Ok(Scenario {
            customers: at_least_0("customers", customers)?,
            spend: at_least_0("spend", spend)?,
            retention_rate: share("retention_rate", retention_rate)?,
            acquired: 0.0,
        })
    }

    /// The same scenario with this many new customers in every period from the second on.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where that is negative or not finite.
    pub fn acquiring(self, customers: f64) -> Result<Scenario> {
        Ok(Scenario { acquired: at_least_0("acquired", customers)?, ..self })
    }

    /// Customers, revenue and cumulative revenue of a number of periods: customersₖ₊₁ = customersₖ × retention rate + new ones.
    ///
    /// With n at the start, retention rate r < 1 and a new ones, customersₖ = n·rᵏ⁻¹ + a·(1 − rᵏ⁻¹) ÷ (1 − r), which tends to
    /// a ÷ (1 − r): a shop grows to where it loses as many as it wins.
    ///
    /// ```
    /// use regulars::Scenario;
    ///
    /// let growing = Scenario::new(100.0, 10.0, 0.5)?.acquiring(100.0)?;
    /// let customers: Vec<f64> = growing.simulate(4).periods.iter().map(|period| period.customers).collect();
    /// assert_eq!(customers, [100.0, 150.0, 175.0, 187.5]);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn simulate(&self, periods: u16) -> Simulation {
        let (mut customers, mut cumulative_revenue) = (self.customers, 0.0);
        let periods = (1..=u32::from(periods)).map(|period| {
            if period > 1 {
                customers = customers * self.retention_rate + self.acquired;
            }
            let revenue = customers * self.spend;
            cumulative_revenue += revenue;
            SimulatedPeriod { period, customers, revenue, cumulative_revenue }
        });
        Simulation { scenario: *self, periods: periods.collect() }
    }

    /// This scenario and another one side by side.
    ///
    /// ```
    /// use regulars::Scenario;
    ///
    /// let (five, ten) = (Scenario::new(100.0, 10.0, 0.05)?, Scenario::new(100.0, 10.0, 0.1)?);
    /// let year = five.compare(&ten, 12);
    /// // 1000 ÷ 0.95 against 1000 ÷ 0.9
    /// assert_eq!(format!("{:.2} {:.4}", year.difference, year.lift.unwrap()), "58.48 0.0556");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn compare(&self, other: &Scenario, periods: u16) -> Comparison {
        let (base, other) = (self.simulate(periods), other.simulate(periods));
        let total = |of: &Simulation| of.periods.last().map_or(0.0, |last| last.cumulative_revenue);
        let (before, after) = (total(&base), total(&other));
        let difference = after - before;
        Comparison { base, other, difference, lift: (before > 0.0).then(|| difference / before) }
    }
}

impl Columns for Simulation {
    fn rows(&self) -> usize {
        self.periods.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.periods.iter();
        let value =
            |name, of: fn(&SimulatedPeriod) -> f64| Column::f64(name, all().map(move |row| Some(of(row))));
        vec![
            Column::i64("period", all().map(|row| row.period.into())),
            value("customers", |row| row.customers),
            value("revenue", |row| row.revenue),
            value("cumulative_revenue", |row| row.cumulative_revenue),
        ]
    }
}

impl Columns for Comparison {
    fn rows(&self) -> usize {
        self.base.rows()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let value = |name, side: &Simulation, of: fn(&SimulatedPeriod) -> f64| {
            Column::f64(name, side.periods.iter().map(|row| Some(of(row))))
        };
        vec![
            Column::i64("period", self.base.periods.iter().map(|row| row.period.into())),
            value("base_customers", &self.base, |row| row.customers),
            value("base_revenue", &self.base, |row| row.revenue),
            value("base_cumulative_revenue", &self.base, |row| row.cumulative_revenue),
            value("other_customers", &self.other, |row| row.customers),
            value("other_revenue", &self.other, |row| row.revenue),
            value("other_cumulative_revenue", &self.other, |row| row.cumulative_revenue),
        ]
    }
}

impl ProfitFigures {
    /// Margin per customer and period, and the share of customers kept from one period to the next. Acquisition cost and
    /// discount are 0 until they are set.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the margin is not finite or the retention rate not between 0 and 1.
    pub fn new(margin: f64, retention_rate: f64) -> Result<ProfitFigures> {
        Ok(ProfitFigures {
            margin: finite("margin", margin)?,
            retention_rate: share("retention_rate", retention_rate)?,
            acquisition_cost: 0.0,
            discount_rate: 0.0,
        })
    }

    /// What profit per customer would be if the retention rate changed by this much: 0.05 for 5 percentage points.
    ///
    /// Profit is the discounted margin of a customer's life, the first one included, less what it cost to win them:
    /// m·(1 + d) ÷ (1 + d − r) − cost. Everything else stays as it is; keeping more customers costs nothing here.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where retention would leave 0 to 1, or cost or discount are negative.
    ///
    /// ```
    /// use regulars::ProfitFigures;
    ///
    /// // 100 a year: at 80 % kept a customer brings 500, at 85 % 666.67.
    /// let mut figures = ProfitFigures::new(100.0, 0.8)?;
    /// assert_eq!(format!("{:.3}", figures.lift(0.05)?.lift.unwrap()), "0.333");
    /// // Half of the 500 went into winning the customer: profit rises by two thirds.
    /// figures.acquisition_cost = 250.0;
    /// assert_eq!(format!("{:.3}", figures.lift(0.05)?.lift.unwrap()), "0.667");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn lift(&self, retention_change: f64) -> Result<ProfitLift> {
        let (m, r) = (finite("margin", self.margin)?, share("retention_rate", self.retention_rate)?);
        let cost = at_least_0("acquisition_cost", self.acquisition_cost)?;
        let d = at_least_0("discount_rate", self.discount_rate)?;
        let changed = r + finite("retention_change", retention_change)?;
        if !(0.0..=1.0).contains(&changed) {
            let expected = "a change that keeps the retention rate between 0 and 1";
            return Err(Error::InvalidArgument {
                name: "retention_change",
                value: retention_change,
                expected,
            });
        }
        let profit = |r: f64| shrinkage(r, d).map(|shrinkage| m * (1.0 + d) / shrinkage - cost);
        let (before, after) = (profit(r), profit(changed));
        let lift = before.zip(after).filter(|&(before, _)| before > 0.0);
        Ok(ProfitLift {
            retention_change,
            before,
            after,
            lift: lift.map(|(before, after)| after / before - 1.0),
        })
    }
}

impl Window<'_> {
    /// This shop's own figures for [`ProfitFigures::lift`]: the average revenue of a customer of the period × margin (a
    /// share of revenue), and the share of customers kept from one period of this length to the next, as one of the
    /// retention rates has it. `None` where nobody bought.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the margin is above 1 or the retention rate not between 0 and 1.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |m| NaiveDate::from_ymd_opt(2023, m, 7).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// # let orders = [1, 4, 8].map(|m| Order::new(day(m), usd(2000)).customer("ann"));
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// // Customers bought for 60 in the year, at a margin of 40 %; 30 % come back the year after.
    /// let figures = history.during("2023")?.profit_figures(0.4, 0.3)?.unwrap();
    /// assert_eq!(figures.margin, 24.0);
    /// // Five points more lift profit by 0.7 ÷ 0.65 − 1, which is 8 % and not 25.
    /// assert_eq!(format!("{:.3}", figures.lift(0.05)?.lift.unwrap()), "0.077");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn profit_figures(&self, margin: f64, retention_rate: f64) -> Result<Option<ProfitFigures>> {
        let margin = at_most_1("margin", margin)?;
        let revenue = self.average_revenue_per_customer().value;
        revenue.map(|revenue| ProfitFigures::new(revenue * margin, retention_rate)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::near;

    /// 100 customers at 10 a month: with 5 % kept 1000 + 50 + 2.5 + 0.125, with 10 % 1000 + 100 + 10 + 1.
    #[test]
    fn a_hundred_customers_at_ten_a_month() {
        let five = Scenario::new(100.0, 10.0, 0.05).unwrap();
        let ten = Scenario::new(100.0, 10.0, 0.1).unwrap();
        let found = five.compare(&ten, 4);
        near(found.base.periods[3].cumulative_revenue, 1052.625);
        near(found.other.periods[3].cumulative_revenue, 1111.0);
        near(found.difference, 58.375);
        near(found.lift.unwrap(), 58.375 / 1052.625);
        // The same with 100 won every month: 100, 105, 105.25 against 100, 110, 111.
        let customers =
            |scenario: Scenario| scenario.acquiring(100.0).unwrap().simulate(3).periods[2].customers;
        near(customers(five), 105.25);
        near(customers(ten), 111.0);
    }

    #[test]
    fn the_recursion_is_its_closed_form() {
        for (n, r, a) in [(100.0, 0.05, 0.0), (0.0, 0.9, 10.0), (250.0, 0.7, 33.0), (10.0, 0.0, 4.0)] {
            let simulation = Scenario::new(n, 7.0, r).unwrap().acquiring(a).unwrap().simulate(60);
            let mut cumulative = 0.0;
            for period in &simulation.periods {
                let power = libm::pow(r, f64::from(period.period - 1));
                let customers = n * power + a * (1.0 - power) / (1.0 - r);
                cumulative += customers * 7.0;
                near(period.customers, customers);
                near(period.revenue, customers * 7.0);
                near(period.cumulative_revenue, cumulative);
            }
        }
        let all_stay = Scenario::new(10.0, 1.0, 1.0).unwrap().acquiring(2.0).unwrap().simulate(5);
        near(all_stay.periods[4].customers, 18.0);
    }

    #[test]
    fn no_periods_have_no_revenue() {
        let scenario = Scenario::new(10.0, 1.0, 0.5).unwrap();
        let found = scenario.compare(&scenario, 0);
        assert_eq!((found.rows(), found.lift), (0, None));
        near(found.difference, 0.0);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (n, spend, r) in [(-1.0, 1.0, 0.5), (1.0, -1.0, 0.5), (1.0, 1.0, 1.5), (1.0, f64::NAN, 0.5)] {
            assert_eq!(Scenario::new(n, spend, r).unwrap_err().code(), "invalid_argument");
        }
        assert!(Scenario::new(1.0, 1.0, 0.5).unwrap().acquiring(f64::INFINITY).is_err());
        let figures = ProfitFigures::new(100.0, 0.97).unwrap();
        assert_eq!(figures.lift(0.05).unwrap_err().code(), "invalid_argument");
    }

    /// At 90 % and 10 % discount: 110 ÷ .2 = 550, at 95 % 110 ÷ .15 = 733.33; less 450 to win them 100 and 283.33.
    #[test]
    fn five_points_of_retention() {
        let mut figures = ProfitFigures::new(100.0, 0.9).unwrap();
        figures.discount_rate = 0.1;
        figures.acquisition_cost = 450.0;
        let found = figures.lift(0.05).unwrap();
        near(found.before.unwrap(), 100.0);
        near(found.after.unwrap(), 110.0 / 0.15 - 450.0);
        near(found.lift.unwrap(), 1.833_333_333_333_333);
        // No profit before has nothing to rise from.
        figures.acquisition_cost = 600.0;
        assert_eq!(figures.lift(0.05).unwrap().lift, None);
        // Everyone stays, nothing is discounted: no bound, no value.
        assert_eq!(ProfitFigures::new(100.0, 0.95).unwrap().lift(1.0 - 0.95).unwrap().after, None);
    }
}
