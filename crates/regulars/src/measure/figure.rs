use serde::Serialize;

use super::{Average, Rate};
use crate::money::Money;

/// A figure of any kind, as it stands in a table or among headlines. In JSON it is the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Figure {
    /// A number of customers, purchases or orders.
    Count(u64),
    /// So much revenue.
    Money(Money),
    /// A share of customers.
    Rate(Rate),
    /// A mean of counts.
    MeanCount(Average<u64>),
    /// A mean of money.
    MeanMoney(Average<Money>),
    /// What nobody can know; `null` in JSON.
    Unknown,
}

impl Figure {
    /// The value as a number, money in units of its currency; `None` where the denominator is 0.
    ///
    /// ```
    /// use regulars::{Figure, Rate};
    ///
    /// assert_eq!(Figure::Rate(Rate::new(1, 4)?).to_f64(), Some(0.25));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn to_f64(self) -> Option<f64> {
        match self {
            Figure::Count(count) => Some(count as f64),
            Figure::Money(money) => Some(money.to_f64()),
            Figure::Rate(rate) => rate.value,
            Figure::MeanCount(mean) => mean.value,
            Figure::MeanMoney(mean) => mean.value,
            Figure::Unknown => None,
        }
    }

    /// What it is made of, as whole numbers: numerator and denominator, money in minor units.
    pub(crate) fn parts(self) -> (i64, u64) {
        #[expect(clippy::cast_possible_wrap, reason = "a history holds fewer than 2³² orders")]
        match self {
            Figure::Count(count) => (count as i64, 1),
            Figure::Money(money) => (money.minor(), 1),
            Figure::Rate(rate) => (rate.numerator as i64, rate.denominator),
            Figure::MeanCount(mean) => (mean.total as i64, mean.count),
            Figure::MeanMoney(mean) => (mean.total.minor(), mean.count),
            Figure::Unknown => (0, 0),
        }
    }
}
