//! Average order value × purchases × lifespan, on revenue and on margin, with units that cannot be mixed up.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::payback::Payback;
use super::{at_least_0, at_most_1, finite};
use crate::calendar::{Grain, Period};
use crate::error::Result;
use crate::metrics::Window;

/// How often something happens in a time. It knows its unit, so that times a month and years of life multiply to the
/// number that they mean.
///
/// ```
/// use regulars::{Frequency, Grain, Lifespan};
///
/// let twice_a_month = Frequency::new(2.0, Grain::Month)?;
/// assert_eq!(twice_a_month.over(Lifespan::new(3.0, Grain::Year)?), 72.0);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Frequency {
    times: f64,
    per: Grain,
}

/// For how long a customer stays one: a length of time with its unit.
///
/// ```
/// use regulars::{Grain, Lifespan};
///
/// assert_eq!(Lifespan::new(1.5, Grain::Year)?.in_units(Grain::Month), 18.0);
/// assert_eq!(Lifespan::of("2024-Q1".parse()?).in_units(Grain::Month), 3.0);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifespan {
    length: f64,
    unit: Grain,
}

/// Average order value × purchases per customer and unit of time × lifespan.
///
/// The formula of textbooks and shop blogs: it knows neither cost nor discount, and takes the lifespan on trust.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SimpleValue {
    /// What a purchase brings, in units of the currency.
    pub average_order_value: f64,
    /// How often a customer buys.
    pub frequency: Frequency,
    /// For how long.
    pub lifespan: Lifespan,
    /// Purchases over the lifespan.
    pub purchases: f64,
    /// Average order value × purchases, in units of the currency.
    pub value: f64,
    /// Whether the period that it was taken from was observed to its end; always so for plain numbers.
    pub complete: bool,
}

/// The simple value on contribution margin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MarginValue {
    /// What is left of revenue after the costs that come with it, as a share of revenue.
    pub margin: f64,
    /// Over which time it comes in, evenly.
    pub lifespan: Lifespan,
    /// Simple value × margin, in units of the currency.
    pub value: f64,
}

/// Lifetime value against the cost to acquire a customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ValueToCost {
    /// The value on contribution margin, in units of the currency.
    pub value: f64,
    /// What it cost to win the customer, in the same units.
    pub acquisition_cost: f64,
    /// Value ÷ cost (LTV : CAC); `None` where the cost is 0.
    pub ratio: Option<f64>,
    /// When the margin has paid for it.
    pub payback: Payback,
}

impl Frequency {
    /// This many times in each day, week, month, quarter or year.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) unless `times` is 0 or more, and finite.
    pub fn new(times: f64, per: Grain) -> Result<Frequency> {
        Ok(Frequency { times: at_least_0("times", times)?, per })
    }

    /// How many times in each [`per`](Frequency::per).
    pub fn times(&self) -> f64 {
        self.times
    }

    /// The unit of time.
    pub fn per(&self) -> Grain {
        self.per
    }

    /// How many times in a length of time.
    pub fn over(&self, lifespan: Lifespan) -> f64 {
        self.times * lifespan.in_units(self.per)
    }
}

impl Lifespan {
    /// This many days, weeks, months, quarters or years.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) unless `length` is 0 or more, and finite: a lifetime value has a horizon.
    pub fn new(length: f64, unit: Grain) -> Result<Lifespan> {
        Ok(Lifespan { length: at_least_0("length", length)?, unit })
    }

    /// The length of a period: in months where it is made of whole ones, else in days.
    pub fn of(period: Period) -> Lifespan {
        let (start, end) = (period.start(), period.end());
        let months = |date: NaiveDate| f64::from(date.year()) * 12.0 + f64::from(date.month());
        if start.day() == 1 && end.day() == 1 {
            Lifespan { length: months(end) - months(start), unit: Grain::Month }
        } else {
            Lifespan { length: period.days() as f64, unit: Grain::Day }
        }
    }

    /// How many [`unit`](Lifespan::unit)s.
    pub fn length(&self) -> f64 {
        self.length
    }

    /// The unit of time.
    pub fn unit(&self) -> Grain {
        self.unit
    }

    /// The same length in another unit.
    ///
    /// A year has 12 months, 4 quarters and, on average in the Gregorian calendar, 365.2425 days. Months and days are
    /// exact among themselves; from one to the other only that average can be meant.
    pub fn in_units(&self, unit: Grain) -> f64 {
        self.length * (size(self.unit) / size(unit))
    }
}

/// The length of a unit in parts of a day of which all are whole: 365.2425 days · 120 000 = 43 829 100.
pub(super) fn size(unit: Grain) -> f64 {
    match unit {
        Grain::Day => 120_000.0,
        Grain::Week(_) => 840_000.0,
        Grain::Month => 3_652_425.0,
        Grain::Quarter => 10_957_275.0,
        Grain::Year => 43_829_100.0,
    }
}

impl SimpleValue {
    /// Of plain numbers; the average order value in units of the currency.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) where the average is not finite.
    ///
    /// ```
    /// use regulars::{Frequency, Grain, Lifespan, SimpleValue};
    ///
    /// let once_in_two_months = Frequency::new(0.5, Grain::Month)?;
    /// let simple = SimpleValue::new(40.0, once_in_two_months, Lifespan::new(3.0, Grain::Year)?)?;
    /// assert_eq!((simple.purchases, simple.value), (18.0, 720.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn new(average_order_value: f64, frequency: Frequency, lifespan: Lifespan) -> Result<SimpleValue> {
        let average_order_value = finite("average_order_value", average_order_value)?;
        let purchases = frequency.over(lifespan);
        let value = average_order_value * purchases;
        Ok(SimpleValue { average_order_value, frequency, lifespan, purchases, value, complete: true })
    }

    /// The same on contribution margin, a share of revenue. It may be negative.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) where it is above 1 or not finite.
    pub fn with_margin(&self, margin: f64) -> Result<MarginValue> {
        let margin = at_most_1("margin", margin)?;
        Ok(MarginValue { margin, lifespan: self.lifespan, value: self.value * margin })
    }
}

impl MarginValue {
    /// Against the cost to acquire a customer, in units of the currency.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) where the cost is negative or not finite.
    ///
    /// ```
    /// use regulars::{Frequency, Grain, Lifespan, Payback, SimpleValue};
    ///
    /// // 40 × ½ a month × 3 years × 25 % = 180, 5 a month.
    /// let simple = SimpleValue::new(40.0, Frequency::new(0.5, Grain::Month)?, Lifespan::new(3.0, Grain::Year)?)?;
    /// let margin = simple.with_margin(0.25)?;
    /// let won = margin.against(60.0)?;
    /// assert_eq!((won.ratio, won.payback), (Some(3.0), Payback::Month { month: 12 }));
    /// assert_eq!(margin.against(181.0)?.payback, Payback::Never);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn against(&self, acquisition_cost: f64) -> Result<ValueToCost> {
        let cost = at_least_0("acquisition_cost", acquisition_cost)?;
        let value = self.value;
        let payback = if cost <= 0.0 {
            Payback::Month { month: 0 }
        } else if value < cost {
            Payback::Never
        } else {
            let months = self.lifespan.in_units(Grain::Month) * (cost / value);
            // Twelve months that floats put at 12.000000000000002 are twelve.
            let nearest = libm::round(months);
            let months = if (months - nearest).abs() <= 1e-9 * months { nearest } else { libm::ceil(months) };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a cast of floats saturates"
            )]
            let month = months as u32;
            Payback::Month { month: month.max(1) }
        };
        let ratio = (cost > 0.0).then(|| value / cost);
        Ok(ValueToCost { value, acquisition_cost: cost, ratio, payback })
    }
}

impl Window<'_> {
    /// The simple lifetime value by what customers bought in this period: their average revenue per purchase × purchases
    /// per customer and length of the period × lifespan. `None` where nobody bought.
    ///
    /// Take a year. Among the buyers of a month nobody buys less than once a month, and the value of a shop whose
    /// customers come once a year would be twelve times too high.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, Grain, HistoryOptions, Lifespan, Money, Order, OrderHistory};
    /// # let day = |m| NaiveDate::from_ymd_opt(2023, m, 7).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// # let orders = [1, 4, 8].map(|m| Order::new(day(m), usd(2000)).customer("ann"));
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// // Ann bought three times in the year, for 20 each.
    /// let value = history.during("2023")?.simple_value(Lifespan::new(2.0, Grain::Year)?).unwrap();
    /// assert_eq!((value.purchases, value.value), (6.0, 120.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn simple_value(&self, lifespan: Lifespan) -> Option<SimpleValue> {
        let buying = self.buying();
        let revenue = buying.average_revenue_per_customer.total.to_f64();
        let length = Lifespan::of(self.period());
        let frequency =
            Frequency { times: buying.purchase_frequency.value? / length.length(), per: length.unit() };
        let value = SimpleValue::new(revenue / buying.purchases as f64, frequency, lifespan).ok()?;
        Some(SimpleValue { complete: buying.complete, ..value })
    }
}

#[cfg(test)]
mod tests {
    use super::super::near;
    use super::*;
    use crate::{Currency, HistoryOptions, Money, Order, OrderHistory};

    /// Twice a month for three years are 72 purchases. The mistake, 2 × 3, is not to be had.
    #[test]
    fn a_month_and_a_year_multiply_to_what_they_mean() {
        let purchases = |times, per, length, unit| {
            Frequency::new(times, per).unwrap().over(Lifespan::new(length, unit).unwrap())
        };
        near(purchases(2.0, Grain::Month, 3.0, Grain::Year), 72.0);
        near(purchases(24.0, Grain::Year, 36.0, Grain::Month), 72.0);
        near(purchases(1.0, Grain::Quarter, 2.0, Grain::Year), 8.0);
        near(purchases(1.0, Grain::WEEK, 14.0, Grain::Day), 2.0);
        // 365.2425 ÷ 7 weeks a year; not 52, and not 4 a month.
        near(purchases(1.0, Grain::WEEK, 1.0, Grain::Year), 52.177_5);
        for bad in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(Lifespan::new(bad, Grain::Year).unwrap_err().code(), "invalid_argument");
            assert_eq!(Frequency::new(bad, Grain::Year).unwrap_err().code(), "invalid_argument");
        }
    }

    #[test]
    fn a_period_has_its_length() {
        let of = |text: &str| Lifespan::of(text.parse().unwrap());
        assert_eq!((of("2024").length(), of("2024").unit()), (12.0, Grain::Month));
        assert_eq!((of("2024-02").length(), of("2024-02").unit()), (1.0, Grain::Month));
        assert_eq!((of("2024-W07").length(), of("2024-W07").unit()), (7.0, Grain::Day));
    }

    /// In 2023 two customers bought three times for 90 in all: 45 a year each, 30 a purchase, 1.5 purchases a year.
    #[test]
    fn simple_value_by_the_buyers_of_a_year() {
        let order = |who: &str, day: &str, cents| {
            let money = Money::from_minor(cents, Currency::USD);
            Order::new(day.parse::<NaiveDate>().unwrap(), money).customer(who)
        };
        let orders = [
            order("ann", "2023-02-01", 2000),
            order("ann", "2023-09-01", 3000),
            order("bob", "2023-03-01", 4000),
            order("bob", "2024-01-01", 9000),
            order("", "2023-05-04", 9900),
        ];
        let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap();
        let lifespan = Lifespan::new(4.0, Grain::Year).unwrap();
        let value = history.during("2023").unwrap().simple_value(lifespan).unwrap();
        near(value.average_order_value, 30.0);
        near(value.purchases, 6.0);
        near(value.value, 180.0);
        assert!(value.complete);
        assert!(!history.during("2024").unwrap().simple_value(lifespan).unwrap().complete);
        assert_eq!(history.during("2022").unwrap().simple_value(lifespan), None);
    }

    /// 10 a month for a year at a margin of 1: 120.
    #[test]
    fn payback_of_an_even_margin() {
        let simple = SimpleValue::new(
            10.0,
            Frequency::new(1.0, Grain::Month).unwrap(),
            Lifespan::new(1.0, Grain::Year).unwrap(),
        );
        let margin = simple.unwrap().with_margin(1.0).unwrap();
        let payback = |cost| margin.against(cost).unwrap().payback;
        for (cost, month) in [(0.0, 0), (1.0, 1), (10.0, 1), (10.01, 2), (90.0, 9), (120.0, 12)] {
            assert_eq!(payback(cost), Payback::Month { month }, "{cost}");
        }
        assert_eq!(payback(120.01), Payback::Never);
        assert_eq!(margin.against(40.0).unwrap().ratio, Some(3.0));
        assert_eq!(margin.against(0.0).unwrap().ratio, None);
        let loss = simple_loss().against(1.0).unwrap();
        assert_eq!(loss.payback, Payback::Never);
    }

    fn simple_loss() -> MarginValue {
        let frequency = Frequency::new(1.0, Grain::Month).unwrap();
        let simple = SimpleValue::new(10.0, frequency, Lifespan::new(1.0, Grain::Year).unwrap()).unwrap();
        simple.with_margin(-0.5).unwrap()
    }
}
