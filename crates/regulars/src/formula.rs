//! The formulas of keeping customers on plain counts and amounts, for people who have only these.
//!
//! With the orders at hand, [`Window::customer_flow`](crate::Window::customer_flow) and
//! [`Window::revenue_movements`](crate::Window::revenue_movements) know who is who, and say more.
//!
//! ```
//! use regulars::formula;
//!
//! // 10 000 customers at the start, 5 500 won, 2 500 lost, 13 000 at the end.
//! let retention = formula::retention_rate(10_000, 13_000, 5_500)?;
//! assert_eq!(retention.value, Some(0.75));
//! assert_eq!(formula::churn_rate(10_000, 2_500)?.value, Some(0.25));
//! # Ok::<(), regulars::Error>(())
//! ```

use crate::error::{Error, Result};
use crate::measure::{Rate, Ratio};
use crate::money::Money;

/// Customers of the start who are still there at the end ÷ customers at the start: (`at_end` − `new`) ÷ `at_start`.
///
/// `new` are customers won in the period and still there at its end.
///
/// # Errors
/// [`Error::InvalidRate`] where `new` exceeds `at_end`, or what is left exceeds `at_start`: then customers who came back
/// are among them, which these three counts cannot tell; see [`retention_rate_by_headcount`].
///
/// ```
/// let rate = regulars::formula::retention_rate(10_000, 13_000, 5_500)?;
/// assert_eq!((rate.numerator, rate.denominator, rate.value), (7_500, 10_000, Some(0.75)));
/// assert!(regulars::formula::retention_rate(100, 130, 20).is_err());
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn retention_rate(at_start: u64, at_end: u64, new: u64) -> Result<Rate> {
    Rate::new(stayed(at_end, new)?, at_start)
}

/// The same formula, (`at_end` − `new`) ÷ `at_start`, as a ratio that may exceed 1: customers who came back in the period
/// count as if they had stayed.
///
/// # Errors
/// [`Error::InvalidRate`] where `new` exceeds `at_end`.
///
/// ```
/// let ratio = regulars::formula::retention_rate_by_headcount(100, 130, 20)?;
/// assert_eq!(ratio.value, Some(1.1));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn retention_rate_by_headcount(at_start: u64, at_end: u64, new: u64) -> Result<Ratio<u64>> {
    Ok(Ratio::new(stayed(at_end, new)?, at_start))
}

fn stayed(at_end: u64, new: u64) -> Result<u64> {
    at_end.checked_sub(new).ok_or(Error::InvalidRate { numerator: new, denominator: at_end })
}

/// (Customers with repeat purchases − new customers) ÷ customers at the start: a second formula that goes by the name of
/// retention rate, here under its own.
///
/// **It measures no retention.** Most new customers are not among those with repeat purchases, so that more is taken away
/// than was there: it is negative for a shop that grows, and it falls when the shop wins more customers, whether or not
/// anyone leaves. It stands here to reproduce a figure that somebody else reports.
///
/// # Errors
/// [`Error::SumOutOfRange`] beyond 2⁶³ customers.
///
/// ```
/// let figure = regulars::formula::retention_rate_by_repeat_buyers(1_000, 350, 100)?;
/// assert_eq!(figure.value, Some(0.25));
/// let growing = regulars::formula::retention_rate_by_repeat_buyers(1_000, 350, 500)?;
/// assert_eq!(growing.value, Some(-0.15));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn retention_rate_by_repeat_buyers(
    at_start: u64,
    with_repeat_purchases: u64,
    new: u64,
) -> Result<Ratio<i64>> {
    let count = |count: u64| i64::try_from(count).map_err(|_| Error::SumOutOfRange);
    Ok(Ratio::new(count(with_repeat_purchases)? - count(new)?, count(at_start)?))
}

/// Customers lost ÷ customers at the start = 1 − [`retention_rate`].
///
/// `lost` are customers of the start alone: who was won and lost in between is not among them.
///
/// # Errors
/// [`Error::InvalidRate`] where more were lost than there were.
///
/// ```
/// assert_eq!(regulars::formula::churn_rate(10_000, 2_500)?.value, Some(0.25));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn churn_rate(at_start: u64, lost: u64) -> Result<Rate> {
    Rate::new(lost, at_start)
}

/// Customers who came back ÷ customers who were lapsed at the start.
///
/// # Errors
/// [`Error::InvalidRate`] where more came back than had lapsed.
///
/// ```
/// assert_eq!(regulars::formula::reactivation_rate(400, 50)?.value, Some(0.125));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn reactivation_rate(lapsed_at_start: u64, came_back: u64) -> Result<Rate> {
    Rate::new(came_back, lapsed_at_start)
}

/// Buyers of the period before who buy again in this one ÷ buyers of the period before.
///
/// # Errors
/// [`Error::InvalidRate`] where more buy again than bought.
///
/// ```
/// assert_eq!(regulars::formula::repurchase_retention(200, 70)?.value, Some(0.35));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn repurchase_retention(buyers_before: u64, of_them_now: u64) -> Result<Rate> {
    Rate::new(of_them_now, buyers_before)
}

/// What is left of the revenue before, without what grew: (before − churned − contraction) ÷ before.
///
/// `churned` and `contraction` are losses of the customers of the period before, as positive amounts.
///
/// # Errors
/// [`Error::NegativeAmount`] for a loss below 0, [`Error::MixedCurrencies`], [`Error::SumOutOfRange`].
///
/// ```
/// use regulars::{Currency, Money, formula};
///
/// let euro = |units: i64| Money::from_minor(100 * units, Currency::EUR);
/// assert_eq!(formula::gross_revenue_retention(euro(100), euro(10), euro(10))?.value, Some(0.8));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn gross_revenue_retention(before: Money, churned: Money, contraction: Money) -> Result<Ratio<Money>> {
    let left = sum(before, &[], &[churned, contraction])?;
    Ok(Ratio::new(left, before))
}

/// What became of the revenue before, with what grew: (before + expansion − churned − contraction) ÷ before.
///
/// # Errors
/// As [`gross_revenue_retention`].
///
/// ```
/// use regulars::{Currency, Money, formula};
///
/// let euro = |units: i64| Money::from_minor(100 * units, Currency::EUR);
/// let retention = formula::net_revenue_retention(euro(100), euro(10), euro(10), euro(10))?;
/// assert_eq!(retention.value, Some(0.9));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn net_revenue_retention(
    before: Money,
    expansion: Money,
    churned: Money,
    contraction: Money,
) -> Result<Ratio<Money>> {
    let left = sum(before, &[expansion], &[churned, contraction])?;
    Ok(Ratio::new(left, before))
}

/// The share of the revenue before that was lost, without what grew: (churned + contraction) ÷ before = 1 −
/// [`gross_revenue_retention`].
///
/// # Errors
/// As [`gross_revenue_retention`].
///
/// ```
/// use regulars::{Currency, Money, formula};
///
/// let euro = |units: i64| Money::from_minor(100 * units, Currency::EUR);
/// assert_eq!(formula::revenue_churn_rate(euro(100), euro(10), euro(10))?.value, Some(0.2));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn revenue_churn_rate(before: Money, churned: Money, contraction: Money) -> Result<Ratio<Money>> {
    let none = Money::from_minor(0, before.currency());
    Ok(Ratio::new(sum(none, &[churned, contraction], &[])?, before))
}

/// The same less what grew: (churned + contraction − expansion) ÷ before = 1 − [`net_revenue_retention`]. Negative where
/// more grew than was lost.
///
/// # Errors
/// As [`gross_revenue_retention`].
///
/// ```
/// use regulars::{Currency, Money, formula};
///
/// let euro = |units: i64| Money::from_minor(100 * units, Currency::EUR);
/// let churn = formula::net_revenue_churn_rate(euro(100), euro(10), euro(10), euro(10))?;
/// assert_eq!(churn.value, Some(0.1));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn net_revenue_churn_rate(
    before: Money,
    expansion: Money,
    churned: Money,
    contraction: Money,
) -> Result<Ratio<Money>> {
    let none = Money::from_minor(0, before.currency());
    Ok(Ratio::new(sum(none, &[churned, contraction], &[expansion])?, before))
}

/// Revenue gained ÷ revenue lost: (new + expansion + reactivated) ÷ (churned + contraction). Above 1, the shop grows.
///
/// # Errors
/// As [`gross_revenue_retention`].
///
/// ```
/// use regulars::{Currency, Money, formula};
///
/// let euro = |units: i64| Money::from_minor(100 * units, Currency::EUR);
/// let ratio = formula::quick_ratio(euro(20), euro(8), euro(0), euro(5), euro(3))?;
/// assert_eq!(ratio.value, Some(3.5));
/// # Ok::<(), regulars::Error>(())
/// ```
pub fn quick_ratio(
    new: Money,
    expansion: Money,
    reactivated: Money,
    churned: Money,
    contraction: Money,
) -> Result<Ratio<Money>> {
    let none = Money::from_minor(0, new.currency());
    let gained = sum(none, &[new, expansion, reactivated], &[])?;
    Ok(Ratio::new(gained, sum(none, &[churned, contraction], &[])?))
}

/// An amount with others added and taken away, none of which may be negative.
fn sum(start: Money, add: &[Money], take: &[Money]) -> Result<Money> {
    let mut total = i128::from(start.minor());
    for (sign, money) in add.iter().map(|money| (1, money)).chain(take.iter().map(|money| (-1, money))) {
        if money.currency() != start.currency() {
            return Err(Error::MixedCurrencies { expected: start.currency(), found: money.currency() });
        }
        if money.minor() < 0 {
            return Err(Error::NegativeAmount { value: money.to_string() });
        }
        total += sign * i128::from(money.minor());
    }
    let minor = i64::try_from(total).map_err(|_| Error::SumOutOfRange)?;
    Ok(Money::from_minor(minor, start.currency()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn usd(units: i64) -> Money {
        Money::from_minor(100 * units, Currency::USD)
    }

    #[test]
    fn counts_that_contradict_each_other_are_refused() {
        assert_eq!(retention_rate(100, 10, 20).unwrap_err().code(), "invalid_rate");
        assert_eq!(retention_rate_by_headcount(100, 10, 20).unwrap_err().code(), "invalid_rate");
        assert_eq!(churn_rate(10, 11).unwrap_err().code(), "invalid_rate");
        assert_eq!(retention_rate(0, 5, 5).unwrap().value, None);
        assert_eq!(retention_rate_by_repeat_buyers(0, 5, 5).unwrap().value, None);
        assert_eq!(retention_rate_by_repeat_buyers(0, u64::MAX, 5).unwrap_err().code(), "sum_out_of_range");
    }

    #[test]
    fn amounts_that_cannot_be_compared_are_refused() {
        let euro = Money::from_minor(1, Currency::EUR);
        let code = |result: Result<Ratio<Money>>| result.unwrap_err().code();
        assert_eq!(code(gross_revenue_retention(usd(1), euro, usd(0))), "mixed_currencies");
        assert_eq!(code(quick_ratio(usd(1), usd(0), usd(0), usd(-1), usd(0))), "negative_amount");
        let most = Money::from_minor(i64::MAX, Currency::USD);
        assert_eq!(code(revenue_churn_rate(usd(1), most, most)), "sum_out_of_range");
        assert_eq!(gross_revenue_retention(usd(0), usd(0), usd(0)).unwrap().value, None);
        assert_eq!(quick_ratio(usd(5), usd(0), usd(0), usd(0), usd(0)).unwrap().value, None);
    }
}
