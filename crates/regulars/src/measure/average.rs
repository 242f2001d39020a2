use core::fmt;

use serde::{Deserialize, Serialize};

use super::agrees;
use crate::money::Money;

/// What can be averaged or compared: a count, a difference of counts, or money.
pub trait Total: Copy {
    /// The total as a float, money in units of its currency.
    fn to_f64(self) -> f64;

    /// This against another, `None` where that is not positive or is money of another currency.
    fn against(self, other: Self) -> Option<f64> {
        let other = other.to_f64();
        (other > 0.0).then(|| self.to_f64() / other)
    }
}

impl Total for u64 {
    fn to_f64(self) -> f64 {
        self as f64
    }
}

impl Total for i64 {
    fn to_f64(self) -> f64 {
        self as f64
    }
}

impl Total for Money {
    fn to_f64(self) -> f64 {
        Money::to_f64(&self)
    }

    /// In minor units, which unlike units are not rounded twice: 28 ct against 8 ct is 3.5 to the last bit.
    fn against(self, other: Money) -> Option<f64> {
        let comparable = self.currency() == other.currency() && other.minor() > 0;
        comparable.then(|| self.minor() as f64 / other.minor() as f64)
    }
}

/// A mean with what it is made of: a total, and of how many things.
///
/// Of none there is no value: `None`, never 0, NaN or infinity. The mean of money is in units of its currency; it is below
/// 0 where more money went back than came in, which its total then shows.
///
/// ```
/// use regulars::{Average, Currency, Money};
///
/// let average = Average::new(Money::from_minor(7000, Currency::USD), 2);
/// assert_eq!(average.value, Some(35.0));
/// assert_eq!(Average::new(0_u64, 0).value, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "AverageJson<T>")]
#[serde(bound(deserialize = "T: Total + Deserialize<'de>"))]
#[non_exhaustive]
pub struct Average<T> {
    /// The sum.
    pub total: T,
    /// How many things it is the sum of.
    pub count: u64,
    /// Total ÷ count, `None` where the count is 0.
    pub value: Option<f64>,
}

impl<T: Total> Average<T> {
    /// The mean of `count` things that sum to `total`.
    ///
    /// ```
    /// assert_eq!(regulars::Average::new(13_u64, 10).value, Some(1.3));
    /// ```
    pub fn new(total: T, count: u64) -> Average<T> {
        Average { total, count, value: (count > 0).then(|| total.to_f64() / count as f64) }
    }
}

/// What [`Average`] is read from.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AverageJson<T> {
    total: T,
    count: u64,
    value: Option<f64>,
}

impl<T: Total> TryFrom<AverageJson<T>> for Average<T> {
    type Error = String;

    fn try_from(json: AverageJson<T>) -> Result<Average<T>, String> {
        let average = Average::new(json.total, json.count);
        agrees("value", average.value, json.value)?;
        Ok(average)
    }
}

impl<T: Total> fmt::Display for Average<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{value:.2} (mean of {})", self.count),
            None => write!(f, "no value (mean of {})", self.count),
        }
    }
}
