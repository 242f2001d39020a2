use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::numeric::normal_quantile;

/// The range in which a quantity lies at a level of confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The level of confidence, 0.95 unless told otherwise.
    pub level: f64,
}

impl Interval {
    /// The level that is meant where none is named.
    pub const DEFAULT_LEVEL: f64 = 0.95;

    /// How many standard errors an interval of this level reaches to either side.
    pub(crate) fn reach(level: f64) -> Result<f64> {
        let upper = f64::midpoint(1.0, level);
        // The last floats below 1 have no upper quantile.
        if !(level > 0.0 && upper < 1.0) {
            return Err(Error::InvalidLevel { level });
        }
        Ok(normal_quantile(upper))
    }

    /// The interval of Wilson (1927) for a share of which `numerator` out of `denominator` trials are a sample.
    ///
    /// With p = numerator ÷ n and z the standard normal quantile of (1 + level) ÷ 2:
    /// (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n). It never leaves [0, 1] and is honest at 0 and at n, where the
    /// textbook interval p ± z√(p(1−p)/n) collapses. `None` where there was no trial.
    ///
    /// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    ///
    /// # Errors
    /// [`Error::InvalidLevel`] where the level is not between 0 and 1, [`Error::InvalidRate`] where the numerator
    /// exceeds the denominator.
    ///
    /// ```
    /// use regulars::Interval;
    ///
    /// let interval = Interval::wilson(5, 20, 0.95)?.unwrap();
    /// assert_eq!(format!("{:.5} {:.5}", interval.low, interval.high), "0.11186 0.46870");
    /// assert_eq!(Interval::wilson(0, 0, 0.95)?, None);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn wilson(numerator: u64, denominator: u64, level: f64) -> Result<Option<Interval>> {
        let z = Interval::reach(level)?;
        if numerator > denominator {
            return Err(Error::InvalidRate { numerator, denominator });
        }
        if denominator == 0 {
            return Ok(None);
        }
        let n = denominator as f64;
        let p = numerator as f64 / n;
        let z2n = z * z / n;
        let centre = p + z2n / 2.0;
        let reach = z * libm::sqrt(p * (1.0 - p) / n + z2n / (4.0 * n));
        // At 0 and at n the formula meets the boundary exactly; in floats it may miss it by a last bit.
        let low = if numerator == 0 { 0.0 } else { (centre - reach) / (1.0 + z2n) };
        let high = if numerator == denominator { 1.0 } else { (centre + reach) / (1.0 + z2n) };
        Ok(Some(Interval { low, high, level }))
    }
}
