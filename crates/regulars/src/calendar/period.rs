use core::fmt;
use core::str::FromStr;

use chrono::{Datelike, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::day::day_of;
use super::grain::Grain;
use crate::error::{Error, Result};
use crate::text_form::{TextForm, TextOr};

/// A half-open range of civil days, `[start, end)`: the end is the day after the last.
///
/// As text: `2024`, `2024-Q3`, `2024-05`, `2024-W07` (weeks of ISO 8601), `2024-05-17`, or two dates
/// `2024-01-01/2024-07-01` of which the second is the day after the last. In JSON it is `{"start": …, "end": …}`; its text
/// is read as well.
///
/// ```
/// use regulars::Period;
///
/// let quarter: Period = "2024-Q1".parse()?;
/// assert_eq!(quarter.days(), 91);
/// assert_eq!(quarter, "2024-01-01/2024-04-01".parse()?);
/// assert_eq!(quarter.to_string(), "2024-01-01/2024-04-01");
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "TextOr<Dates>")]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

impl Period {
    /// The days from `start` up to but without `end`.
    ///
    /// # Errors
    /// [`Error::EmptyPeriod`] where `end` is not after `start`; [`Error::DateOutOfRange`] outside the years 1 to 9999.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use regulars::Period;
    ///
    /// let date = |day| NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
    /// assert_eq!(Period::new(date(1), date(3))?.days(), 2);
    /// assert!(Period::new(date(3), date(3)).is_err());
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Period> {
        if end <= start {
            return Err(Error::EmptyPeriod { start, end });
        }
        day_of(start)?;
        // The end of the last day of the year 9999 is no day of that year itself.
        day_of(end.pred_opt().unwrap_or(end))?;
        Ok(Period { start, end })
    }

    /// The first day.
    pub fn start(&self) -> NaiveDate {
        self.start
    }

    /// The day after the last.
    pub fn end(&self) -> NaiveDate {
        self.end
    }

    /// How many days it has.
    pub fn days(&self) -> i64 {
        (self.end - self.start).num_days()
    }

    /// Whether a day lies in it.
    ///
    /// ```
    /// let may: regulars::Period = "2024-05".parse()?;
    /// assert!(!may.contains(may.end()));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.start <= date && date < self.end
    }

    /// The equally long period that ends where this one starts: as many months where it is made of whole months, else as
    /// many days. `None` where that would leave the years 1 to 9999.
    ///
    /// ```
    /// let quarter: regulars::Period = "2024-Q1".parse()?;
    /// assert_eq!(quarter.before(), Some("2023-Q4".parse()?));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn before(&self) -> Option<Period> {
        let (start, end) = (self.start, self.end);
        let start_before = if start.day() == 1 && end.day() == 1 {
            let months = |date: NaiveDate| date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0);
            start.checked_sub_months(Months::new(u32::try_from(months(end) - months(start)).ok()?))?
        } else {
            start.checked_sub_signed(end - start)?
        };
        Period::new(start_before, start).ok()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start, self.end)
    }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Period> {
        let invalid = || Error::InvalidPeriod { value: text.to_owned() };
        if let Some((start, end)) = text.split_once('/') {
            let date = |text: &str| text.trim().parse::<NaiveDate>().map_err(|_| invalid());
            return Period::new(date(start)?, date(end)?);
        }
        let digits = |text: &str, count: usize| {
            (text.len() == count && text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse::<u32>().ok())
                .flatten()
        };
        let mut parts = text.split('-');
        let year = parts
            .next()
            .and_then(|y| digits(y, 4))
            .and_then(|y| i32::try_from(y).ok())
            .ok_or_else(invalid)?;
        let (grain, first) = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => (Grain::Year, NaiveDate::from_ymd_opt(year, 1, 1)),
            (Some(part), None, _) => {
                if let Some(quarter) = part.strip_prefix('Q') {
                    let month = digits(quarter, 1).filter(|q| (1..=4).contains(q)).map(|q| 3 * q - 2);
                    (Grain::Quarter, month.and_then(|month| NaiveDate::from_ymd_opt(year, month, 1)))
                } else if let Some(week) = part.strip_prefix('W') {
                    let monday =
                        digits(week, 2).and_then(|w| NaiveDate::from_isoywd_opt(year, w, Weekday::Mon));
                    (Grain::WEEK, monday)
                } else {
                    (Grain::Month, digits(part, 2).and_then(|month| NaiveDate::from_ymd_opt(year, month, 1)))
                }
            }
            (Some(month), Some(day), None) => {
                let date = digits(month, 2).zip(digits(day, 2));
                (Grain::Day, date.and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day)))
            }
            _ => return Err(invalid()),
        };
        grain.period_of(first.ok_or_else(invalid)?)
    }
}

/// So that a call takes a period or its text alike.
impl TryFrom<&str> for Period {
    type Error = Error;

    fn try_from(text: &str) -> Result<Period> {
        text.parse()
    }
}

/// So that a call takes a period or its two dates alike.
impl TryFrom<(NaiveDate, NaiveDate)> for Period {
    type Error = Error;

    fn try_from((start, end): (NaiveDate, NaiveDate)) -> Result<Period> {
        Period::new(start, end)
    }
}

/// What [`Period`] is read from beside its text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dates {
    start: NaiveDate,
    end: NaiveDate,
}

impl TextForm for Dates {
    const EXPECTED: &'static str = "a period such as `2024-Q3`, or an object with its start and its end";
}

impl TryFrom<TextOr<Dates>> for Period {
    type Error = Error;

    fn try_from(json: TextOr<Dates>) -> Result<Period> {
        match json {
            TextOr::Text(text) => text.parse(),
            TextOr::Fields(Dates { start, end }) => Period::new(start, end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, written: &str) {
        assert_eq!(text.parse::<Period>().unwrap().to_string(), written, "{text}");
    }

    #[test]
    fn every_form_is_read() {
        reads("2024", "2024-01-01/2025-01-01");
        reads("2024-Q4", "2024-10-01/2025-01-01");
        reads("2024-02", "2024-02-01/2024-03-01");
        reads("2024-W01", "2024-01-01/2024-01-08");
        reads("2020-W53", "2020-12-28/2021-01-04");
        reads("2024-02-29", "2024-02-29/2024-03-01");
        reads("2023-12-31/2024-01-02", "2023-12-31/2024-01-02");
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "24",
            "2024-13",
            "2024-Q5",
            "2024-Q",
            "2024-W54",
            "2024-2",
            "2023-02-29",
            "2024-01-01-01",
            "2024/",
            "é",
        ] {
            assert_eq!(text.parse::<Period>().unwrap_err().code(), "invalid_period", "{text}");
        }
        assert_eq!("2024-02-02/2024-02-02".parse::<Period>().unwrap_err().code(), "empty_period");
    }

    #[test]
    fn the_period_before_has_as_many_months_or_days() {
        let before = |text: &str| text.parse::<Period>().unwrap().before().map(|before| before.to_string());
        assert_eq!(before("2024-Q1").as_deref(), Some("2023-10-01/2024-01-01"));
        assert_eq!(before("2024-03").as_deref(), Some("2024-02-01/2024-03-01"));
        assert_eq!(before("2024-W07").as_deref(), Some("2024-02-05/2024-02-12"));
        assert_eq!(before("0001-01-01/0001-01-08"), None);
    }

    #[test]
    fn weeks_start_where_they_are_told() {
        let sunday = Grain::Week(Weekday::Sun);
        let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_eq!(sunday.period_of(date).unwrap().to_string(), "2024-02-25/2024-03-03");
        assert_eq!("week-sun".parse(), Ok(sunday));
        assert_eq!(sunday.to_string(), "week-sun");
    }
}
