use core::fmt;

use serde::Serialize;

use super::interval::Interval;
use super::rate::Rate;

/// How far one rate lies above another, with both and how sure that is.
///
/// The interval is the hybrid score interval of Newcombe: with the Wilson intervals [l₁, u₁] and [l₂, u₂] of the rates p₁
/// and p₂, from p₁ − p₂ − √((p₁ − l₁)² + (u₂ − p₂)²) to p₁ − p₂ + √((u₁ − p₁)² + (p₂ − l₂)²). It takes the two groups
/// for independent samples; that it leaves out 0 says that they differ, not why.
///
/// Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
/// methods", Statistics in Medicine 17 (1998), method 10.
///
/// ```
/// use regulars::{Rate, RateDifference};
///
/// let difference = RateDifference::between(Rate::new(56, 70)?, Rate::new(48, 80)?);
/// let interval = difference.interval.unwrap();
/// assert_eq!(format!("{:.4} {:.4}", interval.low, interval.high), "0.0524 0.3339");
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RateDifference {
    /// The rate.
    pub rate: Rate,
    /// The rate that it is compared with.
    pub other: Rate,
    /// `rate` − `other`; `None` where either has no value.
    pub value: Option<f64>,
    /// Newcombe's interval, `None` where there is no value. Its level is that of the rates' intervals.
    pub interval: Option<Interval>,
}

impl RateDifference {
    /// The difference of two rates of independent groups, whose intervals are of one level.
    ///
    /// ```
    /// use regulars::{Rate, RateDifference};
    ///
    /// let none = RateDifference::between(Rate::new(1, 2)?, Rate::new(0, 0)?);
    /// assert_eq!((none.value, none.interval), (None, None));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn between(rate: Rate, other: Rate) -> RateDifference {
        let none = RateDifference { rate, other, value: None, interval: None };
        let (Some(p), Some(q), Some(first), Some(second)) =
            (rate.value, other.value, rate.interval, other.interval)
        else {
            return none;
        };
        let value = p - q;
        let reach = |a: f64, b: f64| libm::sqrt(a * a + b * b);
        let low = value - reach(p - first.low, second.high - q);
        let high = value + reach(first.high - p, q - second.low);
        // Rates of two levels have no common one.
        let interval = first.level.total_cmp(&second.level).is_eq().then_some(Interval {
            low,
            high,
            level: first.level,
        });
        RateDifference { value: Some(value), interval, ..none }
    }
}

impl fmt::Display for RateDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(value), Some(interval)) = (self.value, self.interval) else {
            return f.write_str("no value");
        };
        write!(
            f,
            "{:+.1} points ({} % interval {:+.1} to {:+.1})",
            100.0 * value,
            100.0 * interval.level,
            100.0 * interval.low,
            100.0 * interval.high
        )
    }
}
