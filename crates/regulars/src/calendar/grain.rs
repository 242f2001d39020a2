use core::fmt;
use core::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::period::Period;
use crate::error::{Error, Result};
use crate::text_form::parsed;

/// The size of the periods of a timeline: calendar days, weeks, months, quarters or years.
///
/// Weeks start on Monday, or on the day that [`Grain::Week`] names. As text: `day`, `week`, `week-sun`, `month`,
/// `quarter`, `year`.
///
/// ```
/// use regulars::{Grain, Period};
///
/// let months = Grain::Month.periods("2024-01-15/2024-03-02".parse()?)?;
/// assert_eq!(months, ["2024-01".parse()?, "2024-02".parse()?, "2024-03".parse()?]);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Grain {
    /// One civil day.
    Day,
    /// Seven days from this day of the week on.
    Week(Weekday),
    /// A calendar month.
    Month,
    /// A quarter of a calendar year.
    Quarter,
    /// A calendar year.
    Year,
}

/// The days of more than a century.
const MOST_PERIODS: usize = 50_000;

impl Grain {
    /// The week of ISO 8601.
    pub const WEEK: Grain = Grain::Week(Weekday::Mon);

    /// The period of this size that a date lies in.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`] where the period leaves the years 1 to 9999.
    ///
    /// ```
    /// use regulars::Grain;
    ///
    /// let thursday = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    /// assert_eq!(Grain::WEEK.period_of(thursday)?.to_string(), "2024-02-26/2024-03-04");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn period_of(self, date: NaiveDate) -> Result<Period> {
        let start = self.start(date).ok_or_else(|| Error::DateOutOfRange { value: date.to_string() })?;
        let end = self.next(start).ok_or_else(|| Error::DateOutOfRange { value: date.to_string() })?;
        Period::new(start, end)
    }

    /// The consecutive whole periods of this size that together cover a span.
    ///
    /// # Errors
    /// [`Error::TooManyPeriods`] beyond 50,000 of them; [`Error::DateOutOfRange`] where they leave the years 1 to 9999.
    pub fn periods(self, span: Period) -> Result<Vec<Period>> {
        let mut periods = vec![self.period_of(span.start())?];
        while let Some(last) = periods.last() {
            if last.end() >= span.end() {
                break;
            }
            if periods.len() == MOST_PERIODS {
                let grain = self.to_string();
                return Err(Error::TooManyPeriods { days: span.days(), grain, most: MOST_PERIODS });
            }
            let next = self.period_of(last.end())?;
            periods.push(next);
        }
        Ok(periods)
    }

    fn start(self, date: NaiveDate) -> Option<NaiveDate> {
        match self {
            Grain::Day => Some(date),
            Grain::Week(first) => {
                let back = u64::from(date.weekday().days_since(first));
                date.checked_sub_days(Days::new(back))
            }
            Grain::Month => date.with_day(1),
            Grain::Quarter => date.with_day(1)?.with_month(date.month0() / 3 * 3 + 1),
            Grain::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1),
        }
    }

    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Grain::Day => start.checked_add_days(Days::new(1)),
            Grain::Week(_) => start.checked_add_days(Days::new(7)),
            Grain::Month => start.checked_add_months(Months::new(1)),
            Grain::Quarter => start.checked_add_months(Months::new(3)),
            Grain::Year => start.checked_add_months(Months::new(12)),
        }
    }
}

impl Grain {
    /// What a period of this size is called by people, from its first day.
    pub(crate) fn label(self, start: NaiveDate) -> String {
        match self {
            Grain::Month => format!("{:04}-{:02}", start.year(), start.month()),
            Grain::Quarter => format!("{}-Q{}", start.year(), start.month0() / 3 + 1),
            Grain::Year => start.year().to_string(),
            Grain::Day | Grain::Week(_) => start.to_string(),
        }
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Grain::Day => f.write_str("day"),
            Grain::Week(Weekday::Mon) => f.write_str("week"),
            Grain::Week(first) => write!(f, "week-{}", first.to_string().to_ascii_lowercase()),
            Grain::Month => f.write_str("month"),
            Grain::Quarter => f.write_str("quarter"),
            Grain::Year => f.write_str("year"),
        }
    }
}

impl FromStr for Grain {
    type Err = Error;

    fn from_str(text: &str) -> Result<Grain> {
        match text {
            "day" => Ok(Grain::Day),
            "week" => Ok(Grain::WEEK),
            "month" => Ok(Grain::Month),
            "quarter" => Ok(Grain::Quarter),
            "year" => Ok(Grain::Year),
            _ => text
                .strip_prefix("week-")
                .and_then(|day| day.parse().ok())
                .map(Grain::Week)
                .ok_or_else(|| Error::InvalidGrain { value: text.to_owned() }),
        }
    }
}

impl Serialize for Grain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Grain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Grain, D::Error> {
        parsed(deserializer, "one of `day`, `week`, `week-sun`, `month`, `quarter`, `year`")
    }
}
