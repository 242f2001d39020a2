use core::fmt;

use serde::{Deserialize, Serialize};

use super::agrees;
use super::average::Total;

/// One amount against another, with both: what is no share of a count, may exceed 1 or be negative, and therefore has
/// no interval.
///
/// Against nothing, or less, there is no value: `None`, never 0, NaN or infinity.
///
/// ```
/// use regulars::{Currency, Money, Ratio};
///
/// let euro = |minor| Money::from_minor(minor, Currency::EUR);
/// assert_eq!(Ratio::new(euro(11_000), euro(10_000)).value, Some(1.1));
/// assert_eq!(Ratio::new(5_u64, 0).value, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RatioJson<T>")]
#[serde(bound(deserialize = "T: Total + Deserialize<'de>"))]
#[non_exhaustive]
pub struct Ratio<T> {
    /// What is compared.
    pub numerator: T,
    /// What it is compared with.
    pub denominator: T,
    /// Numerator ÷ denominator, `None` where the denominator is not positive, or where the two are
    /// money of different currencies.
    pub value: Option<f64>,
}

impl<T: Total> Ratio<T> {
    /// The ratio of two amounts.
    ///
    /// ```
    /// assert_eq!(regulars::Ratio::new(-1_i64, 4).value, Some(-0.25));
    /// ```
    pub fn new(numerator: T, denominator: T) -> Ratio<T> {
        Ratio { numerator, denominator, value: numerator.against(denominator) }
    }
}

/// What [`Ratio`] is read from.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RatioJson<T> {
    numerator: T,
    denominator: T,
    value: Option<f64>,
}

impl<T: Total> TryFrom<RatioJson<T>> for Ratio<T> {
    type Error = String;

    fn try_from(json: RatioJson<T>) -> Result<Ratio<T>, String> {
        let ratio = Ratio::new(json.numerator, json.denominator);
        agrees("value", ratio.value, json.value)?;
        Ok(ratio)
    }
}

impl<T: Total + fmt::Display> fmt::Display for Ratio<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{value:.3} ({} against {})", self.numerator, self.denominator),
            None => write!(f, "no value ({} against {})", self.numerator, self.denominator),
        }
    }
}
