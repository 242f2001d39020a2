use core::fmt;

use serde::{Deserialize, Serialize};

use super::interval::Interval;
use crate::error::Result;

/// A share of a count, with what it is made of: so many out of so many, and how sure that is.
///
/// Out of none there is no value: `None`, never 0, NaN or infinity.
///
/// ```
/// use regulars::Rate;
///
/// let rate = Rate::new(350, 1000)?;
/// assert_eq!(rate.value, Some(0.35));
/// assert_eq!(rate.to_string(), "35.0 % (350 of 1000, 95 % interval 32.1–38.0 %)");
/// assert_eq!(Rate::new(0, 0)?.value, None);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rate {
    /// How many of them.
    pub numerator: u64,
    /// Of how many.
    pub denominator: u64,
    /// Numerator ÷ denominator, `None` where the denominator is 0.
    pub value: Option<f64>,
    /// Wilson's interval, `None` where the denominator is 0.
    pub interval: Option<Interval>,
    /// Whether the denominator is under [`Rate::SMALL_N`], too few to build on.
    pub small_n: bool,
}

impl Rate {
    /// Denominators below this are flagged.
    pub const SMALL_N: u64 = 30;

    /// A rate with the 95 % interval of [`Interval::wilson`].
    ///
    /// # Errors
    /// [`Error::InvalidRate`](crate::Error::InvalidRate) where the numerator exceeds the denominator.
    ///
    /// ```
    /// assert!(regulars::Rate::new(5, 20)?.small_n);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn new(numerator: u64, denominator: u64) -> Result<Rate> {
        Rate::with_level(numerator, denominator, Interval::DEFAULT_LEVEL)
    }

    /// A rate with an interval of another level of confidence.
    ///
    /// # Errors
    /// As [`Rate::new`], and [`Error::InvalidLevel`](crate::Error::InvalidLevel) where the level is not between 0 and 1.
    ///
    /// ```
    /// let rate = regulars::Rate::with_level(350, 1000, 0.99)?;
    /// assert!(rate.interval.unwrap().low < regulars::Rate::new(350, 1000)?.interval.unwrap().low);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn with_level(numerator: u64, denominator: u64, level: f64) -> Result<Rate> {
        let interval = Interval::wilson(numerator, denominator, level)?;
        Ok(Rate {
            numerator,
            denominator,
            value: (denominator > 0).then(|| numerator as f64 / denominator as f64),
            interval,
            small_n: denominator < Rate::SMALL_N,
        })
    }

    /// The rate of a part that was counted among the whole, which therefore cannot exceed it.
    pub(crate) fn of(part: u64, whole: u64) -> Rate {
        debug_assert!(part <= whole, "{part} of {whole}");
        Rate::new(part, whole).unwrap_or(Rate {
            numerator: part,
            denominator: whole,
            value: None,
            interval: None,
            small_n: true,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(value), Some(interval)) = (self.value, self.interval) else {
            return write!(f, "no value ({} of {})", self.numerator, self.denominator);
        };
        write!(
            f,
            "{:.1} % ({} of {}, {} % interval {:.1}–{:.1} %)",
            100.0 * value,
            self.numerator,
            self.denominator,
            100.0 * interval.level,
            100.0 * interval.low,
            100.0 * interval.high
        )
    }
}
