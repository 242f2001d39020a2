//! What a customer is worth: four figures that all go by the name of lifetime value, each under a name of its own.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::{Grain, Period};
use crate::error::{Error, Result};
use crate::measure::{Average, Rate};
use crate::metrics::{TenureOptions, Window};
use crate::money::Money;
use crate::orders::{Block, Counter, CustomerKey, NO_AMOUNT, OrderHistory, Stamp};

/// What customers have brought so far: no forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HistoricValue {
    /// Net revenue so far ÷ customers with a purchase. Credit notes of these customers are taken off; revenue of nobody
    /// is no customer's.
    pub revenue: Average<Money>,
    /// Net revenue less the cost of goods ÷ the same customers; `None` unless the cost of every order of theirs is known.
    pub margin: Option<Average<Money>>,
    /// Orders of identified customers whose cost is known ÷ all of them.
    pub orders_with_cost: Rate,
}

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

/// How a [`DiscountedValue`] discounts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DiscountOptions {
    /// The rate of discount for one `per`, compounded; 0 or more.
    pub rate: f64,
    /// The time that the rate is for.
    pub per: Grain,
    /// Whether the margin of the first period, which needs no retention and no discount, is in the value.
    pub first_margin: bool,
}

impl Default for DiscountOptions {
    /// 10 % a year, without the first margin.
    fn default() -> DiscountOptions {
        DiscountOptions { rate: 0.1, per: Grain::Year, first_margin: false }
    }
}

/// The present value of a margin that comes back as long as the customer is kept: m·r ÷ (1 + d − r).
///
/// With the first margin: m + m·r ÷ (1 + d − r) = m·(1 + d) ÷ (1 + d − r). It takes retention for constant. Where it rises with
/// the age of a customer, as it mostly does, the value is too low for those who stayed.
///
/// Source: S. Gupta and D. R. Lehmann, "Customers as assets", Journal of Interactive Marketing 17 (2003).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscountedValue {
    /// m: what a customer brings in a period, in units of the currency.
    pub margin: f64,
    /// r: the share of customers kept from one period to the next.
    pub retention_rate: f64,
    /// The length of a period.
    pub every: Grain,
    /// d: the discount for one period, (1 + rate)^(period ÷ time of the rate) − 1.
    pub discount_rate: f64,
    /// Whether the first margin is in it.
    pub first_margin: bool,
    /// The value in units of the currency; `None` where nobody leaves and nothing is discounted, for then it is without
    /// bound.
    pub value: Option<f64>,
}

impl Frequency {
    /// So many times in each day, week, month, quarter or year.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] unless `times` is 0 or more, and finite.
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
    /// So many days, weeks, months, quarters or years.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] unless `length` is 0 or more, and finite: a lifetime value has a horizon.
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
fn size(unit: Grain) -> f64 {
    match unit {
        Grain::Day => 120_000.0,
        Grain::Week(_) => 840_000.0,
        Grain::Month => 3_652_425.0,
        Grain::Quarter => 10_957_275.0,
        Grain::Year => 43_829_100.0,
    }
}

/// The largest argument. No product of a few of them leaves the range of floats.
const MOST: f64 = 1e15;

pub(crate) fn finite(name: &'static str, value: f64) -> Result<f64> {
    let expected = "a number between -10^15 and 10^15";
    if value.abs() <= MOST { Ok(value) } else { Err(Error::InvalidArgument { name, value, expected }) }
}

pub(crate) fn at_least_0(name: &'static str, value: f64) -> Result<f64> {
    let expected = "a number between 0 and 10^15";
    if (0.0..=MOST).contains(&value) {
        Ok(value)
    } else {
        Err(Error::InvalidArgument { name, value, expected })
    }
}

pub(crate) fn share(name: &'static str, value: f64) -> Result<f64> {
    let expected = "between 0 and 1";
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::InvalidArgument { name, value, expected })
    }
}

pub(crate) fn at_most_1(name: &'static str, value: f64) -> Result<f64> {
    let expected = "finite and at most 1";
    if value.is_finite() && value <= 1.0 {
        Ok(value)
    } else {
        Err(Error::InvalidArgument { name, value, expected })
    }
}

impl SimpleValue {
    /// Of plain numbers; the average order value in units of the currency.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the average is not finite.
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
    /// [`Error::InvalidArgument`] where it is above 1 or not finite.
    pub fn with_margin(&self, margin: f64) -> Result<MarginValue> {
        let margin = at_most_1("margin", margin)?;
        Ok(MarginValue { margin, lifespan: self.lifespan, value: self.value * margin })
    }
}

impl MarginValue {
    /// Against the cost to acquire a customer, in units of the currency.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the cost is negative or not finite.
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

impl DiscountedValue {
    /// Of a margin for each period and the share of customers kept from one to the next. The discount may be for another
    /// time than a period; it is converted by compounding.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the margin is not finite, the retention rate not between 0 and 1, or the rate of
    /// discount negative or without bound when compounded over a period.
    ///
    /// ```
    /// use regulars::{DiscountOptions, DiscountedValue, Grain};
    ///
    /// let mut options = DiscountOptions::default();
    /// let without = DiscountedValue::new(100.0, 0.8, Grain::Year, &options)?.value.unwrap();
    /// options.first_margin = true;
    /// let with = DiscountedValue::new(100.0, 0.8, Grain::Year, &options)?.value.unwrap();
    /// assert_eq!(format!("{without:.2} {with:.2}"), "266.67 366.67");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn new(
        margin: f64,
        retention_rate: f64,
        every: Grain,
        options: &DiscountOptions,
    ) -> Result<DiscountedValue> {
        let margin = finite("margin", margin)?;
        let r = share("retention_rate", retention_rate)?;
        let rate = at_least_0("rate", options.rate)?;
        let d = if every == options.per {
            rate
        } else {
            libm::expm1(libm::log1p(rate) * (size(every) / size(options.per)))
        };
        if d > MOST {
            let expected = "a rate that compounds to at most 10^15 in one period";
            return Err(Error::InvalidArgument { name: "rate", value: rate, expected });
        }
        let leaves = 1.0 - r + d;
        let first = if options.first_margin { margin } else { 0.0 };
        Ok(DiscountedValue {
            margin,
            retention_rate: r,
            every,
            discount_rate: d,
            first_margin: options.first_margin,
            value: (leaves > 0.0).then(|| first + margin * r / leaves),
        })
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

impl OrderHistory {
    /// What customers have brought so far, on average.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let orders = [
    ///     Order::new(day(1), usd(6000)).customer("ann").refunded(usd(3000)),
    ///     Order::new(day(9), usd(4000)).customer("ann"),
    ///     Order::new(day(9), usd(1000)).customer("bob"),
    /// ];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// assert_eq!(history.historic_value().revenue.value, Some(40.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn historic_value(&self) -> HistoricValue {
        self.ledger().count(ValueCounter::default).finish(self)
    }

    /// What one customer has brought so far: orders less refunds and credit notes; `None` for one without a purchase.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, CustomerKey, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let orders = [
    ///     Order::new(day(1), usd(6000)).customer("ann").refunded(usd(3000)),
    ///     Order::new(day(9), usd(4000)).customer("ann"),
    /// ];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// assert_eq!(history.historic_value_of(&CustomerKey::new("ann").unwrap()), Some(usd(7000)));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn historic_value_of(&self, customer: &CustomerKey) -> Option<Money> {
        let orders = self.orders_of(customer);
        let minor = orders.iter().map(|order| order.net.minor()).sum();
        let bought = orders.iter().any(|order| order.is_purchase);
        bought.then(|| Money::from_minor(minor, self.options().currency))
    }

    /// By which month the margin on what the average customer really brought has paid for the cost to win one, in units
    /// of the currency.
    ///
    /// Every month counts all customers observed through it, so the sum does not shrink to those who stayed. Where the
    /// cost is not reached in the months observed, it is *not yet*; *never* only where there is no margin.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the cost is negative or the margin above 1.
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
            Some(month) => Payback::Month { month },
            None if margin <= 0.0 => Payback::Never,
            None => Payback::NotYet { observed_months: u32::try_from(cumulative.len()).unwrap_or(u32::MAX) },
        };
        Ok(ObservedPayback { acquisition_cost: cost, margin, cumulative, payback })
    }
}

/// What a pass counts for [`HistoricValue`].
#[derive(Debug, Default)]
pub(crate) struct ValueCounter {
    customers: u64,
    orders: u64,
    revenue: i64,
}

impl Counter for ValueCounter {
    fn look(&mut self, block: &Block) {
        block.for_each(|shopper| {
            if shopper.purchases > 0 {
                self.customers += 1;
                self.orders += u64::from(shopper.orders);
                self.revenue += shopper.net;
            }
        });
    }

    fn merge(&mut self, other: ValueCounter) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.revenue += other.revenue;
    }
}

impl ValueCounter {
    pub(crate) fn finish(&self, history: &OrderHistory) -> HistoricValue {
        let ledger = history.ledger();
        // Orders of nobody come last.
        let identified = ledger.rows() - ledger.unidentified().stamps.len();
        let costs = ledger.facts.costs.iter().flat_map(|costs| (0..).zip(costs).take(identified));
        let (mut with_cost, mut cost) = (0, 0_i128);
        for (row, &known) in costs {
            if known != NO_AMOUNT && ledger.stamp(row).is_some_and(Stamp::is_purchase) {
                with_cost += 1;
                cost += i128::from(known);
            }
        }
        let currency = history.options().currency;
        let mean = |minor| Average::new(Money::from_minor(minor, currency), self.customers);
        let margin = i64::try_from(i128::from(self.revenue) - cost).ok();
        HistoricValue {
            revenue: mean(self.revenue),
            margin: margin.filter(|_| self.orders > 0 && with_cost == self.orders).map(mean),
            orders_with_cost: Rate::of(with_cost, self.orders),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, HistoryOptions, Order};

    fn usd(cents: i64) -> Money {
        Money::from_minor(cents, Currency::USD)
    }

    fn order(who: &str, day: &str, cents: i64) -> Order {
        Order::new(day.parse::<NaiveDate>().unwrap(), usd(cents)).customer(who)
    }

    fn history(orders: impl IntoIterator<Item = Order>) -> OrderHistory {
        OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap()
    }

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} for {expected}");
    }

    /// Two orders totalling 100, refund 30: 70. Bob was paid back in full and Cid has a credit note alone: no customers.
    #[test]
    fn historic_value_is_net_of_refunds() {
        let orders = [
            order("ann", "2024-05-01", 6000).refunded(usd(3000)),
            order("ann", "2024-05-09", 4000),
            order("bob", "2024-05-02", 800).refunded(usd(800)),
            order("cid", "2024-05-03", -500),
            Order::new(NaiveDate::from_ymd_opt(2024, 5, 4).unwrap(), usd(9900)),
        ];
        let history = history(orders);
        let of = |who| history.historic_value_of(&CustomerKey::new(who).unwrap());
        assert_eq!((of("ann"), of("bob"), of("cid"), of("dee")), (Some(usd(7000)), None, None, None));
        assert_eq!(history.historic_value().revenue, Average::new(usd(7000), 1));
        assert_eq!(history.historic_value().margin, None);
    }

    /// (60 − 25) + (40 − 10) − 5 of credit = 60 for Ann; without the cost of one order there is no margin.
    #[test]
    fn historic_margin_needs_every_cost() {
        let orders = [
            order("ann", "2024-05-01", 6000).cost(usd(2500)),
            order("ann", "2024-05-09", 4000).cost(usd(1000)),
            order("ann", "2024-05-10", -500),
        ];
        let value = history(orders.clone()).historic_value();
        assert_eq!(value.margin, Some(Average::new(usd(6000), 1)));
        assert_eq!((value.orders_with_cost.numerator, value.orders_with_cost.denominator), (2, 2));
        let value = history(orders.into_iter().chain([order("bob", "2024-05-11", 100)])).historic_value();
        assert_eq!((value.margin, value.orders_with_cost.numerator), (None, 2));
    }

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
        let orders = [
            order("ann", "2023-02-01", 2000),
            order("ann", "2023-09-01", 3000),
            order("bob", "2023-03-01", 4000),
            order("bob", "2024-01-01", 9000),
            Order::new(NaiveDate::from_ymd_opt(2023, 5, 4).unwrap(), usd(9900)),
        ];
        let history = history(orders);
        let lifespan = Lifespan::new(4.0, Grain::Year).unwrap();
        let value = history.during("2023").unwrap().simple_value(lifespan).unwrap();
        near(value.average_order_value, 30.0);
        near(value.purchases, 6.0);
        near(value.value, 180.0);
        assert!(value.complete);
        assert!(!history.during("2024").unwrap().simple_value(lifespan).unwrap().complete);
        assert_eq!(history.during("2022").unwrap().simple_value(lifespan), None);
    }

    /// m = 100, r = .8, d = .1: 80 ÷ .3 = 266.67, with the first margin 366.67.
    #[test]
    fn discounted_value_with_and_without_the_first_margin() {
        let value = |r, d, first_margin| {
            let options = DiscountOptions { rate: d, first_margin, ..DiscountOptions::default() };
            DiscountedValue::new(100.0, r, Grain::Year, &options).unwrap().value
        };
        near(value(0.8, 0.1, false).unwrap(), 800.0 / 3.0);
        near(value(0.8, 0.1, true).unwrap(), 1100.0 / 3.0);
        assert_eq!(value(0.0, 0.1, true), Some(100.0));
        // Everyone stays and money keeps its worth: a value without horizon is none.
        assert_eq!(value(1.0, 0.0, false), None);
        // The formula is the sum of the margins to come.
        let sum: f64 = (1..2000).map(|t| 100.0 * libm::pow(0.8 / 1.1, f64::from(t))).sum();
        near(value(0.8, 0.1, false).unwrap(), sum);
    }

    /// A discount of 21 % in two years is 10 % a year; one of 10 % a year is 0.797 % a month and not a twelfth of it.
    #[test]
    fn a_discount_is_converted_by_compounding() {
        let value = DiscountedValue::new(1.0, 0.5, Grain::Month, &DiscountOptions::default()).unwrap();
        near(value.discount_rate, 0.007_974_140_428_903_764);
        let options = DiscountOptions { rate: 0.01, per: Grain::Month, first_margin: false };
        let value = DiscountedValue::new(1.0, 0.5, Grain::Year, &options).unwrap();
        near(value.discount_rate, 0.126_825_030_131_969_7);
        for (r, d) in [(1.2, 0.1), (-0.1, 0.1), (0.5, -0.1), (f64::NAN, 0.1)] {
            let options = DiscountOptions { rate: d, ..DiscountOptions::default() };
            let error = DiscountedValue::new(1.0, r, Grain::Year, &options).unwrap_err();
            assert_eq!(error.code(), "invalid_argument");
        }
    }

    /// A day at 10¹⁵ compounds within a year to more than a float can hold.
    #[test]
    fn a_discount_beyond_all_floats_is_refused() {
        let options = DiscountOptions { rate: 1e15, per: Grain::Day, first_margin: false };
        let error = DiscountedValue::new(1.0, 0.5, Grain::Year, &options).unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        let options = DiscountOptions { rate: 0.05, ..options };
        assert!(DiscountedValue::new(1.0, 0.5, Grain::Year, &options).unwrap().discount_rate.is_finite());
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
        assert!(history.payback(-1.0, 0.5).is_err() && history.payback(1.0, 1.5).is_err());
    }
}
