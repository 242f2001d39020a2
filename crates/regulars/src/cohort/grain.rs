use core::fmt;
use core::num::NonZeroU32;
use core::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::calendar::Grain;
use crate::error::{Error, Result};
use crate::text_form::parsed;

/// The size of cohorts and of the periods in which they are followed: a calendar grain, or blocks of days.
///
/// With a calendar grain, a cohort is those who first bought in a month, say, and index k is the k-th month after it.
/// The month of acquisition is short for a customer who came on its last day: their index 0 has one day.
///
/// Blocks of n days take that away. Cohorts are blocks of n days from the first day of the history on, and index k is
/// the k-th n days since the customer's own first purchase, so that everybody has n days in every index. All readings
/// and measures stay what they are; only the cells of one row no longer share calendar days.
///
/// As text: what [`Grain`] reads, or `30-days`.
///
/// ```
/// use regulars::{CohortGrain, Grain};
///
/// assert_eq!("month".parse::<CohortGrain>()?, Grain::Month.into());
/// assert_eq!(CohortGrain::days(30).unwrap().to_string(), "30-days");
/// assert!("0-days".parse::<CohortGrain>().is_err());
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CohortGrain {
    /// Periods of the calendar.
    Calendar(Grain),
    /// Blocks of this many days.
    Days(NonZeroU32),
}

impl CohortGrain {
    /// Blocks of this many days, `None` for 0.
    pub fn days(days: u32) -> Option<CohortGrain> {
        NonZeroU32::new(days).map(CohortGrain::Days)
    }

    pub(super) fn label(self, start: NaiveDate) -> String {
        match self {
            CohortGrain::Calendar(grain) => grain.label(start),
            CohortGrain::Days(_) => start.to_string(),
        }
    }
}

impl From<Grain> for CohortGrain {
    fn from(grain: Grain) -> CohortGrain {
        CohortGrain::Calendar(grain)
    }
}

impl fmt::Display for CohortGrain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CohortGrain::Calendar(grain) => grain.fmt(f),
            CohortGrain::Days(days) => write!(f, "{days}-days"),
        }
    }
}

impl FromStr for CohortGrain {
    type Err = Error;

    fn from_str(text: &str) -> Result<CohortGrain> {
        if let Some(days) = text.strip_suffix("-days") {
            let days = days.parse().map_err(|_| Error::InvalidCohortGrain { value: text.to_owned() })?;
            return Ok(CohortGrain::Days(days));
        }
        let grain = text.parse().map_err(|_| Error::InvalidCohortGrain { value: text.to_owned() })?;
        Ok(CohortGrain::Calendar(grain))
    }
}

impl Serialize for CohortGrain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CohortGrain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CohortGrain, D::Error> {
        parsed(deserializer, "a grain such as `month`, or days such as `30-days`")
    }
}
