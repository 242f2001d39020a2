use core::fmt;

use serde::{Deserialize, Serialize};

use super::agrees;
use super::interval::Interval;
use crate::error::Result;

/// A share of a count, with what it is made of, numerator and denominator, and how sure it is.
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
#[serde(rename_all = "camelCase", try_from = "RateJson")]
#[non_exhaustive]
pub struct Rate {
    /// How many have what the rate asks for, such as a second purchase.
    pub numerator: u64,
    /// How many there are in all.
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

/// What [`Rate`] is read from. Its counts decide; what they contradict is refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RateJson {
    numerator: u64,
    denominator: u64,
    value: Option<f64>,
    interval: Option<Interval>,
    small_n: bool,
}

impl TryFrom<RateJson> for Rate {
    type Error = String;

    fn try_from(json: RateJson) -> Result<Rate, String> {
        let RateJson { numerator, denominator, value, interval, small_n } = json;
        let level = interval.map_or(Interval::DEFAULT_LEVEL, |interval| interval.level);
        let rate = Rate::with_level(numerator, denominator, level).map_err(|error| error.to_string())?;
        agrees("value", rate.value, value)?;
        agrees("interval.low", rate.interval.map(|i| i.low), interval.map(|i| i.low))?;
        agrees("interval.high", rate.interval.map(|i| i.high), interval.map(|i| i.high))?;
        if small_n != rate.small_n {
            return Err(format!("`smallN` is {small_n} for {denominator}"));
        }
        Ok(rate)
    }
}

impl Rate {
    /// The share in percent with one decimal, for people. It is rounded from the counts, half to even, so that two shares
    /// that make a whole add up to 100.0 in print; 100 × the float nearest to 0.6375 is under 63.75.
    pub(crate) fn percent(self) -> String {
        if self.value.is_none() {
            return "–".to_owned();
        }
        let (of, whole) = (1000 * u128::from(self.numerator), u128::from(self.denominator));
        let (down, rest) = (of / whole, of % whole);
        let up = 2 * rest > whole || (2 * rest == whole && down % 2 == 1);
        let tenths = down + u128::from(up);
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(interval) = self.interval else {
            return write!(f, "no value ({} of {})", self.numerator, self.denominator);
        };
        write!(
            f,
            "{} ({} of {}, {} % interval {:.1}–{:.1} %)",
            self.percent(),
            self.numerator,
            self.denominator,
            100.0 * interval.level,
            100.0 * interval.low,
            100.0 * interval.high
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Average, Ratio};
    use super::*;
    use crate::money::{Currency, Money};

    #[test]
    fn shares_are_rounded_from_their_counts() {
        // 36.25 % and 63.75 %, exactly.
        assert_eq!(Rate::of(145, 400).percent(), "36.2 %");
        assert_eq!(Rate::of(255, 400).percent(), "63.8 %");
        assert!(Rate::of(255, 400).to_string().starts_with("63.8 % (255 of 400, "));
        assert_eq!(Rate::of(0, 0).percent(), "–");
        assert_eq!(Rate::of(0, 0).to_string(), "no value (0 of 0)");
    }

    #[track_caller]
    fn survives<T: Serialize + serde::de::DeserializeOwned + PartialEq + core::fmt::Debug>(value: &T) {
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value, "{json}");
    }

    #[test]
    fn results_survive_json() {
        for (numerator, denominator) in [(0, 0), (0, 7), (7, 7), (1, 3), (350, 1000)] {
            survives(&Rate::of(numerator, denominator));
            survives(&Rate::with_level(numerator, denominator, 0.8).unwrap());
            survives(&Average::new(numerator, denominator));
            survives(&Ratio::new(Money::from_minor(1, Currency::EUR), Money::from_minor(3, Currency::EUR)));
        }
    }

    #[test]
    fn contradictions_are_not_read() {
        let rate = serde_json::to_value(Rate::of(5, 20)).unwrap();
        for (field, value) in [
            ("numerator", serde_json::json!(21)),
            ("numerator", serde_json::json!(6)),
            ("denominator", serde_json::json!(0)),
            ("value", serde_json::json!(0.26)),
            ("value", serde_json::json!(null)),
            ("smallN", serde_json::json!(false)),
            ("interval", serde_json::json!(null)),
            ("interval", serde_json::json!({"low": 0.1, "high": 0.5, "level": 0.95})),
            ("interval", serde_json::json!({"low": 0.1, "high": 0.5, "level": 2})),
        ] {
            let mut changed = rate.clone();
            changed[field] = value.clone();
            assert!(serde_json::from_value::<Rate>(changed).is_err(), "{field} {value}");
        }
        for json in [r#"{"total": 3, "count": 2, "value": 2.5}"#, r#"{"total": 3, "count": 0, "value": 0}"#] {
            assert!(serde_json::from_str::<Average<u64>>(json).is_err(), "{json}");
        }
        let json = r#"{"numerator": 3, "denominator": -2, "value": -1.5}"#;
        assert!(serde_json::from_str::<Ratio<i64>>(json).is_err());
        let cent = |minor| Money::from_minor(minor, Currency::EUR);
        assert_eq!(Ratio::new(cent(3), cent(-2)).value, None);
    }
}
