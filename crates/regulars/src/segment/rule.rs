//! The rule: two axes, one override, cuts that are fitted once and kept.

use core::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::assessment::{Flag, Reason, Segment};
use super::buyers::{Buyer, Buyers};
use super::outlook::{Outlook, OutlookOptions};
use super::segments::{Held, Segments};
use crate::calendar::{Day, boundary_day};
use crate::error::{Error, Result};
use crate::money::{Currency, Money};
use crate::orders::{NO_AMOUNT, OrderHistory};

/// What a customer's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueBasis {
    /// Net revenue: orders less refunds and credit notes.
    Revenue,
    /// Net revenue less what the goods cost.
    Contribution,
}

/// From which value on a customer counts as valuable. A value that is not above 0 is never high.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ValueCut {
    /// The mean value of the customers who bought within the window.
    #[default]
    Mean,
    /// The median of their values: the quantile of 0.5, so one of them.
    Median,
    /// The smallest of their values that at least this share of them does not exceed.
    Quantile(f64),
    /// The value of the last of those who, the most valuable first, together bring this share of all that customers with a
    /// positive value bring: 0.8 for those who make 80 % of it.
    RevenueShare(f64),
    /// This value.
    Absolute(Money),
}

/// From which outlook on a customer counts as likely to buy again. An outlook of 0 is never high.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum OutlookCut {
    /// The base's own repurchase rate: of those who were customers H days before the end of the observation, the share that
    /// has bought since. Where the books are no older than that, the mean of all outlooks.
    #[default]
    RepurchaseRate,
    /// The median of all outlooks: the quantile of 0.5, so one of them.
    Median,
    /// The smallest outlook that at least this share of all customers does not exceed.
    Quantile(f64),
    /// This probability.
    Absolute(f64),
}

/// How [`SegmentRule::fit`] finds its cuts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SegmentOptions {
    /// Over how many trailing days value is summed; `None` for all time. 365 unless told otherwise.
    pub window_days: Option<u32>,
    /// Revenue or contribution. Left out, contribution where every order of a customer has a cost, else revenue.
    pub value: Option<ValueBasis>,
    /// Which value is high.
    pub value_cut: ValueCut,
    /// Which outlook is high.
    pub outlook_cut: OutlookCut,
    /// What the outlook rests on.
    pub outlook: OutlookOptions,
    /// From which share of what was sold to a customer in the window and came back, by refunds and credit notes, they are
    /// dissatisfied; 0.5 unless told otherwise.
    pub refund_share: f64,
    /// How many orders in the window it takes to say so, at least 1; 2 unless told otherwise.
    pub refund_orders: u32,
    /// From how many complaints on a customer is dissatisfied, at least 1; 2 unless told otherwise.
    pub complaints: u32,
    /// How far beyond a cut, as a share of it, a customer has to be to change sides in
    /// [`classify_after`](SegmentRule::classify_after); 0 unless told otherwise.
    pub hysteresis: f64,
}

impl Default for SegmentOptions {
    fn default() -> SegmentOptions {
        SegmentOptions {
            window_days: Some(365),
            value: None,
            value_cut: ValueCut::Mean,
            outlook_cut: OutlookCut::RepurchaseRate,
            outlook: OutlookOptions::default(),
            refund_share: 0.5,
            refund_orders: 2,
            complaints: 2,
            hysteresis: 0.0,
        }
    }
}

impl SegmentOptions {
    fn check(&self) -> Result<()> {
        let share = |name, value: f64, positive: bool| {
            if (0.0..=1.0).contains(&value) && !(positive && value <= 0.0) {
                return Ok(());
            }
            let expected = if positive { "above 0 and at most 1" } else { "between 0 and 1" };
            Err(Error::InvalidArgument { name, value, expected })
        };
        if let ValueCut::Quantile(p) | ValueCut::RevenueShare(p) = self.value_cut {
            share("value_cut", p, true)?;
        }
        match self.outlook_cut {
            OutlookCut::Quantile(p) => share("outlook_cut", p, true)?,
            OutlookCut::Absolute(p) => share("outlook_cut", p, false)?,
            _ => {}
        }
        if self.window_days == Some(0) {
            let expected = "at least 1, or null for all time";
            return Err(Error::InvalidArgument { name: "window_days", value: 0.0, expected });
        }
        for (name, count) in [("refund_orders", self.refund_orders), ("complaints", self.complaints)] {
            if count == 0 {
                return Err(Error::InvalidArgument { name, value: 0.0, expected: "at least 1" });
            }
        }
        share("refund_share", self.refund_share, true)?;
        share("hysteresis", self.hysteresis, false)
    }
}

/// Stars, productive customers, question marks, problems: a rule that was fitted to a history and is kept.
///
/// *Value* x and *outlook* y are each high or low, from a cut on: high and high is a star, high value with a low outlook
/// productive, low value with a high outlook a question mark, low and low a problem. A problem is also, whatever x and y,
/// who brought less than nothing, who has so much refunded, or who complains. The cuts are part of the rule and do not move
/// with the data that it is applied to: cuts estimated anew each month would hold the sizes of the segments constant and
/// feign stability.
///
/// As JSON it can be saved and read again.
///
/// Sources: the portfolio of customers by attractiveness and position, known in German as Star-, Ertrags-, Fragezeichen- and
/// Mitnahmekunden; W. Reinartz and V. Kumar, "The mismanagement of customer loyalty", Harvard Business Review 80 (2002), for
/// profitability × expected duration. See [the guide](crate::guide::segments).
///
/// ```
/// # use chrono::NaiveDate;
/// use regulars::{Currency, CustomerKey, HistoryOptions, Money, Order, OrderHistory, Segment, SegmentOptions, SegmentRule};
///
/// # let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
/// # let order = |who: &str, on, usd: i64| Order::new(on, Money::from_minor(100 * usd, Currency::USD)).customer(who);
/// let orders = [
///     order("ann", day(1, 5), 80), order("ann", day(2, 4), 90), order("ann", day(3, 5), 70), order("ann", day(4, 4), 60),
///     order("bob", day(1, 9), 30), order("bob", day(2, 8), 20), order("cid", day(1, 20), 10), order("dee", day(2, 1), 40),
/// ];
/// let mut options = HistoryOptions::new(Currency::USD);
/// options.observed_until = Some(day(5, 1));
/// let history = OrderHistory::from_orders(orders, options)?;
/// let rule = SegmentRule::fit(&history, &SegmentOptions::default())?;
/// assert_eq!(rule.value_cut, Money::from_minor(10_000, Currency::USD)); // 400 ÷ 4
///
/// let segments = rule.classify(&history)?;
/// let ann = segments.explain(&CustomerKey::new("ann").unwrap()).unwrap();
/// assert_eq!(ann.segment, Segment::Star);
/// assert!(ann.to_string().starts_with("Star: brought 300.00 USD in the last 365 days (high is 100.00 USD or more)"));
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "SegmentRuleJson")]
#[non_exhaustive]
pub struct SegmentRule {
    /// The version of this form. It rises when a field changes its meaning.
    pub version: u32,
    /// How it was fitted.
    pub options: SegmentOptions,
    /// The currency of all values.
    pub currency: Currency,
    /// What a value is.
    pub value: ValueBasis,
    /// From this value on it is high.
    pub value_cut: Money,
    /// From this outlook on it is high.
    pub outlook_cut: f64,
    /// How likely customers are to buy again, with the horizon and the day of the fit.
    pub outlook: Outlook,
}

/// The two cuts, in sentences.
impl fmt::Display for SegmentRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self.value {
            ValueBasis::Revenue => "net revenue",
            ValueBasis::Contribution => "net revenue less the cost of goods",
        };
        let (cut, days) = (100.0 * self.outlook_cut, self.outlook.horizon_days);
        writeln!(f, "Fitted to what was observed before {}.", self.outlook.observed_until)?;
        writeln!(f, "Value is {value}, and high from {} on.", self.value_cut)?;
        writeln!(f, "Outlook is the chance to buy within {days} days, and high from {cut:.1} % on.")
    }
}

/// What a [`SegmentRule`] is read from.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SegmentRuleJson {
    version: u32,
    options: SegmentOptions,
    currency: Currency,
    value: ValueBasis,
    value_cut: Money,
    outlook_cut: f64,
    outlook: Outlook,
}

const VERSION: u32 = 1;

impl TryFrom<SegmentRuleJson> for SegmentRule {
    type Error = Error;

    fn try_from(json: SegmentRuleJson) -> Result<SegmentRule> {
        if json.version != VERSION {
            let value = f64::from(json.version);
            return Err(Error::InvalidArgument { name: "version", value, expected: "1" });
        }
        json.options.check()?;
        if !(0.0..=1.0).contains(&json.outlook_cut) {
            let expected = "between 0 and 1";
            return Err(Error::InvalidArgument { name: "outlook_cut", value: json.outlook_cut, expected });
        }
        let SegmentRuleJson { version, options, currency, value, value_cut, outlook_cut, outlook } = json;
        let value_cut = in_currency(value_cut, currency)?;
        Ok(SegmentRule { version, options, currency, value, value_cut, outlook_cut, outlook })
    }
}

/// The same money with a currency's decimals.
fn in_currency(money: Money, currency: Currency) -> Result<Money> {
    if money.currency().code() != currency.code() {
        return Err(Error::MixedCurrencies { expected: currency, found: money.currency() });
    }
    Ok(Money::from_minor(money.minor_with(currency.decimals())?, currency))
}

/// Sums for the cuts that need no list of customers.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// Of those who bought within the window.
    value: i128,
    buyers: u64,
    /// Customers H days ago, and how many of them have bought since.
    known: u64,
    returned: u64,
}

impl SegmentRule {
    /// Finds the cuts on a history.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where an option is outside its range, [`Error::MixedCurrencies`] for a cut in another
    /// currency than the history's, [`Error::NoCosts`] where contribution is asked for and no order has a cost.
    pub fn fit(history: &OrderHistory, options: &SegmentOptions) -> Result<SegmentRule> {
        options.check()?;
        let outlook = history.outlook(&options.outlook)?;
        let currency = history.options().currency;
        let value = options.value.unwrap_or_else(|| basis_of(history));
        if value == ValueBasis::Contribution && history.ledger().facts.costs.is_none() {
            return Err(Error::NoCosts);
        }
        let buyers = Buyers::new(history, options.window_days, value == ValueBasis::Contribution);
        let end = boundary_day(history.observed_until());
        let horizon = i32::try_from(outlook.horizon_days).unwrap_or(i32::MAX);
        let then = end.saturating_sub(horizon);
        let recent = |buyer: &Buyer| options.window_days.is_none_or(|days| buyer.silence < days);

        let look = |sums: &mut Sums, buyer: Buyer, rows: crate::orders::Rows<'_>| {
            if recent(&buyer) {
                sums.value += i128::from(buyer.value);
                sums.buyers += 1;
            }
            let day_of = |stamp: Option<&crate::orders::Stamp>| stamp.map_or(Day::MAX, |stamp| stamp.day());
            let purchases = || rows.stamps.iter().filter(|stamp| stamp.is_purchase());
            if day_of(purchases().next()) < then {
                sums.known += 1;
                sums.returned += u64::from(day_of(purchases().next_back()) >= then);
            }
        };
        let mut sums = Sums::default();
        for part in buyers.fold(Sums::default, look) {
            sums.value += part.value;
            sums.buyers += part.buyers;
            sums.known += part.known;
            sums.returned += part.returned;
        }

        let values = || -> Vec<i64> {
            let look = |values: &mut Vec<i64>, buyer: Buyer, _: crate::orders::Rows<'_>| {
                if recent(&buyer) {
                    values.push(buyer.value);
                }
            };
            buyers.fold(Vec::new, look).concat()
        };
        let value_cut = match options.value_cut {
            // The smallest whole number of minor units that is not below the mean.
            ValueCut::Mean => match i128::from(sums.buyers) {
                0 => 0,
                count => i64::try_from(-(-sums.value).div_euclid(count)).unwrap_or(i64::MAX),
            },
            ValueCut::Median => quantile(values(), 0.5, i64::cmp).unwrap_or(0),
            ValueCut::Quantile(p) => quantile(values(), p, i64::cmp).unwrap_or(0),
            ValueCut::RevenueShare(share) => share_cut(values(), share),
            ValueCut::Absolute(money) => in_currency(money, currency)?.minor(),
        };

        let outlooks = || -> Vec<f64> {
            let look = |outlooks: &mut Vec<f64>, buyer: Buyer, _: crate::orders::Rows<'_>| {
                outlooks.push(outlook.probability(buyer.purchases, buyer.span, buyer.silence).0);
            };
            buyers.fold(Vec::new, look).concat()
        };
        let mean = || {
            let outlooks = outlooks();
            if outlooks.is_empty() { 0.0 } else { outlooks.iter().sum::<f64>() / outlooks.len() as f64 }
        };
        let outlook_cut = match options.outlook_cut {
            OutlookCut::RepurchaseRate if sums.known > 0 => sums.returned as f64 / sums.known as f64,
            OutlookCut::RepurchaseRate => mean(),
            OutlookCut::Median => quantile(outlooks(), 0.5, f64::total_cmp).unwrap_or(0.0),
            OutlookCut::Quantile(p) => quantile(outlooks(), p, f64::total_cmp).unwrap_or(0.0),
            OutlookCut::Absolute(p) => p,
        };
        Ok(SegmentRule {
            version: VERSION,
            options: options.clone(),
            currency,
            value,
            value_cut: Money::from_minor(value_cut, currency),
            outlook_cut,
            outlook,
        })
    }

    /// The day on which the observation of the history ended that it was fitted to.
    pub fn fitted_on(&self) -> NaiveDate {
        self.outlook.observed_until
    }

    /// The segment of every buyer of a history, be it the one of the fit or that of another day, with the reason, the
    /// figures and how far they are from the cuts.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`] where the history is in another currency.
    pub fn classify(&self, history: &OrderHistory) -> Result<Segments> {
        Segments::of(self, history, None)
    }

    /// The same, but who stood on one side of a cut before stays there until they are beyond it by the
    /// [`hysteresis`](SegmentOptions::hysteresis).
    ///
    /// # Errors
    /// As [`classify`](Self::classify).
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, CustomerKey, HistoryOptions, Money, Order, OrderHistory, SegmentOptions, SegmentRule, ValueCut};
    /// # let day = |day| NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
    /// # let usd = |usd: i64| Money::from_minor(100 * usd, Currency::USD);
    /// let orders = [Order::new(day(1), usd(100)).customer("ann"), Order::new(day(20), usd(-5)).customer("ann")];
    /// let now = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let then = now.observe_until(Some(day(10)))?;
    /// let mut options = SegmentOptions::default();
    /// options.value_cut = ValueCut::Absolute(usd(98));
    /// options.hysteresis = 0.1;
    /// let rule = SegmentRule::fit(&then, &options)?;
    /// let ann = CustomerKey::new("ann").unwrap();
    /// let reason = |segments: &regulars::Segments| segments.explain(&ann).unwrap().reason.name();
    /// assert_eq!(reason(&rule.classify(&then)?), "fading");
    /// // 95 is below 98, but not below 98 − 9.80.
    /// assert_eq!(reason(&rule.classify(&now)?), "dormant");
    /// assert_eq!(reason(&rule.classify_after(&now, &rule.classify(&then)?)?), "fading");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn classify_after(&self, history: &OrderHistory, before: &Segments) -> Result<Segments> {
        Segments::of(self, history, Some(before))
    }

    /// Segment, reason and flags of one customer, and the outlook.
    #[inline]
    pub(super) fn judge(&self, buyer: &Buyer, warm_up: bool, held: Held) -> (Segment, Reason, u8, f64) {
        let (outlook, supported) = self.outlook.probability(buyer.purchases, buyer.span, buyer.silence);
        let band = self.options.hysteresis;
        let cut = self.value_cut.minor();
        let plain = (buyer.value >= cut && buyer.value > 0, outlook >= self.outlook_cut && outlook > 0.0);
        let (valuable, lively) = match held {
            Held::No => plain,
            Held::At { valuable, lively } => {
                let near = |distance: f64, cut: f64| distance.abs() < band * cut.abs();
                let close = (buyer.value as f64 - cut as f64, cut as f64);
                (
                    if near(close.0, close.1) { valuable } else { plain.0 },
                    if near(outlook - self.outlook_cut, self.outlook_cut) { lively } else { plain.1 },
                )
            }
        };
        let options = &self.options;
        let returns = buyer.sold > 0
            && buyer.orders >= options.refund_orders
            && buyer.returned as f64 >= options.refund_share * buyer.sold as f64;
        let (segment, reason) = if returns || buyer.complaints >= options.complaints {
            (Segment::Problem, Reason::Dissatisfied)
        } else if buyer.value < 0 {
            (Segment::Problem, Reason::Costly)
        } else {
            let segment = Segment::of(valuable, lively);
            (segment, Reason::of(segment))
        };
        let young = self.outlook.median_gap_days.is_some_and(|gap| buyer.tenure() < gap);
        let mut flags = 0;
        for (flag, holds) in [
            (Flag::Immature, young),
            (Flag::ThinOutlook, !supported),
            (Flag::WarmUp, warm_up),
            (Flag::CostUnknown, buyer.cost_unknown),
            // The override asks for no side of a cut.
            (Flag::Held, reason == Reason::of(segment) && (valuable, lively) != plain),
        ] {
            if holds {
                flags |= flag.bit();
            }
        }
        (segment, reason, flags, outlook)
    }
}

/// Contribution where every order of a customer has a cost, else revenue.
fn basis_of(history: &OrderHistory) -> ValueBasis {
    let ledger = history.ledger();
    let identified = ledger.rows() - ledger.unidentified().stamps.len();
    let Some(costs) = &ledger.facts.costs else { return ValueBasis::Revenue };
    let known = (0..).zip(costs.iter().take(identified)).all(|(row, &cost)| {
        cost != NO_AMOUNT || !ledger.stamp(row).is_some_and(crate::orders::Stamp::is_purchase)
    });
    if known { ValueBasis::Contribution } else { ValueBasis::Revenue }
}

/// The smallest of the values that at least a share `p` of them does not exceed.
pub(super) fn quantile<T: Copy>(
    mut values: Vec<T>,
    p: f64,
    compare: impl Fn(&T, &T) -> core::cmp::Ordering,
) -> Option<T> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "p is above 0, at most 1")]
    let wanted = libm::ceil(p * values.len() as f64 - 1e-9).max(1.0) as usize;
    let at = wanted.min(values.len()).checked_sub(1)?;
    nth(&mut values, at, compare)
}

/// The value at a place of the values in their order.
pub(super) fn nth<T: Copy>(
    values: &mut [T],
    at: usize,
    compare: impl Fn(&T, &T) -> core::cmp::Ordering,
) -> Option<T> {
    let inside = at < values.len();
    inside.then(|| *values.select_nth_unstable_by(at, compare).1)
}

fn share_cut(mut values: Vec<i64>, share: f64) -> i64 {
    values.retain(|&value| value > 0);
    values.sort_unstable();
    let descending = || values.iter().rev();
    let wanted = share * descending().map(|&value| value as f64).sum::<f64>();
    let mut sum = 0.0;
    let last = descending().find(|&&value| {
        sum += value as f64;
        sum >= wanted * (1.0 - 1e-12)
    });
    last.or(values.first()).copied().unwrap_or(0)
}
