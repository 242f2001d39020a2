use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, Utc};
use serde::{Deserialize, Serialize};

use super::day::{Day, FIRST_DAY, LAST_DAY, date_of};
use crate::error::{Error, Result};
use crate::text_form::{TextForm, TextOr};

const DAY_SECONDS: i64 = 86_400;

/// The shop's time zone: how an instant becomes a day of the shop's calendar.
///
/// By IANA name (`Europe/Berlin`), as a fixed offset (`+02:00`), or from a table of transitions. IANA names need the
/// feature `iana`, which compiles the zone database in. A browser has that database already and gives its offsets
/// through `Intl`, so a package for the browser leaves the feature out and hands the transitions of its one zone to
/// [`Zone::from_transitions`]. That halves it: a WebAssembly module that builds a history and its report came to 123 KB
/// with gzip without the database and to 249 KB with it (version 0.1.0, `opt-level = 3`, `lto = "fat"`).
///
/// In JSON it is its name, and `{"name": …, "transitions": [[second, offset], …]}` where it has a table of its own.
///
/// ```
/// use regulars::Zone;
/// use chrono::{DateTime, NaiveDate};
///
/// // The night in which Berlin's clocks go forward: 22 hours 59 minutes later, still the same day.
/// let berlin: Zone = "Europe/Berlin".parse()?;
/// let early: DateTime<chrono::Utc> = "2025-03-30T00:30:00+01:00".parse().unwrap();
/// let late: DateTime<chrono::Utc> = "2025-03-30T23:59:00+02:00".parse().unwrap();
/// assert_eq!(berlin.date(early)?, NaiveDate::from_ymd_opt(2025, 3, 30).unwrap());
/// assert_eq!(berlin.date(late)?, berlin.date(early)?);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "TextOr<Table>", try_from = "TextOr<Table>")]
pub struct Zone {
    rule: Rule,
}

#[derive(Clone, PartialEq, Eq)]
enum Rule {
    Fixed(FixedOffset),
    #[cfg(feature = "iana")]
    Iana(chrono_tz::Tz),
    Table {
        name: Arc<str>,
        /// (first second of UTC, offset east in seconds), ascending; the first entry also holds before it.
        transitions: Arc<[(i64, i32)]>,
    },
}

impl Zone {
    /// Universal time.
    pub fn utc() -> Zone {
        Zone { rule: Rule::Fixed(Utc.fix()) }
    }

    /// A zone by the transitions of its clock: from which second of Unix time on which offset east of UTC, in seconds,
    /// holds. The offset of the first transition also holds before it.
    ///
    /// # Errors
    /// [`Error::UnknownZone`] where there is no transition, they do not ascend, or an offset is a day or more.
    ///
    /// ```
    /// use regulars::Zone;
    ///
    /// let berlin_2025 = Zone::from_transitions("Europe/Berlin", &[(0, 3600), (1743296400, 7200), (1761440400, 3600)])?;
    /// assert_eq!(berlin_2025.name(), "Europe/Berlin");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn from_transitions(name: &str, transitions: &[(i64, i32)]) -> Result<Zone> {
        let ascending = transitions.is_sorted_by(|a, b| a.0 < b.0);
        let plausible = transitions.iter().all(|&(_, offset)| i64::from(offset).abs() < DAY_SECONDS);
        if transitions.is_empty() || !ascending || !plausible {
            return Err(Error::UnknownZone { name: name.to_owned() });
        }
        Ok(Zone { rule: Rule::Table { name: name.into(), transitions: transitions.into() } })
    }

    /// The zone's name: `Europe/Berlin`, `+02:00`, `UTC`.
    ///
    /// ```
    /// let zone: regulars::Zone = "-0500".parse()?;
    /// assert_eq!(zone.name(), "-05:00");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn name(&self) -> String {
        match &self.rule {
            Rule::Fixed(offset) if offset.local_minus_utc() == 0 => "UTC".to_owned(),
            Rule::Fixed(offset) => offset.to_string(),
            #[cfg(feature = "iana")]
            Rule::Iana(zone) => zone.name().to_owned(),
            Rule::Table { name, .. } => name.as_ref().to_owned(),
        }
    }

    /// The civil date of an instant.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`] outside the years 1 to 9999.
    ///
    /// ```
    /// let zone: regulars::Zone = "+02:00".parse()?;
    /// let instant = "2024-12-31T23:00:00Z".parse().unwrap();
    /// assert_eq!(zone.date(instant)?.to_string(), "2025-01-01");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn date(&self, instant: DateTime<Utc>) -> Result<NaiveDate> {
        Clock::new(self).day(instant.timestamp(), TimeUnit::Second).map(date_of)
    }

    /// Its name, and its transitions where it has a table of its own.
    pub(crate) fn describe(&self) -> String {
        let Rule::Table { name, transitions } = &self.rule else { return self.name() };
        format!("{name} {transitions:?}")
    }

    /// The one offset of a whole day of UTC; `None` where the clock changes within it.
    fn offset_of_day(&self, utc_day: i64) -> Option<i64> {
        let first = utc_day.saturating_mul(DAY_SECONDS);
        let last = first.saturating_add(DAY_SECONDS - 1);
        let changes = match &self.rule {
            Rule::Fixed(_) => false,
            // No zone of the database changes twice in one day and ends on the offset that it began with.
            #[cfg(feature = "iana")]
            Rule::Iana(_) => self.offset(first) != self.offset(last),
            Rule::Table { transitions, .. } => {
                transitions.iter().any(|&(from, _)| first < from && from <= last)
            }
        };
        (!changes).then(|| self.offset(first))
    }

    /// Seconds east of UTC at a second of Unix time.
    fn offset(&self, second: i64) -> i64 {
        match &self.rule {
            Rule::Fixed(offset) => i64::from(offset.local_minus_utc()),
            #[cfg(feature = "iana")]
            Rule::Iana(zone) => {
                use chrono::TimeZone as _;
                let instant = DateTime::from_timestamp(second, 0).unwrap_or_default();
                i64::from(zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc())
            }
            Rule::Table { transitions, .. } => {
                let after = transitions.partition_point(|&(from, _)| from <= second);
                transitions.get(after.saturating_sub(1)).map_or(0, |&(_, offset)| i64::from(offset))
            }
        }
    }
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Zone> {
        let name = name.trim();
        if matches!(name, "UTC" | "Z" | "utc") {
            return Ok(Zone::utc());
        }
        if name.starts_with(['+', '-']) {
            if let Ok(offset) = name.parse() {
                return Ok(Zone { rule: Rule::Fixed(offset) });
            }
        }
        #[cfg(feature = "iana")]
        if let Ok(zone) = name.parse() {
            return Ok(Zone { rule: Rule::Iana(zone) });
        }
        Err(Error::UnknownZone { name: name.to_owned() })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({self})")
    }
}

/// A zone in JSON where its name alone does not tell.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    transitions: Vec<(i64, i32)>,
}

impl TextForm for Table {
    const EXPECTED: &'static str =
        "a time zone such as `Europe/Berlin` or `+02:00`, or an object with its name and its transitions";
}

impl From<Zone> for TextOr<Table> {
    fn from(zone: Zone) -> TextOr<Table> {
        let Rule::Table { name, transitions } = &zone.rule else { return TextOr::Text(zone.name()) };
        TextOr::Fields(Table { name: name.as_ref().to_owned(), transitions: transitions.to_vec() })
    }
}

impl TryFrom<TextOr<Table>> for Zone {
    type Error = Error;

    fn try_from(json: TextOr<Table>) -> Result<Zone> {
        match json {
            TextOr::Text(name) => name.parse(),
            TextOr::Fields(Table { name, transitions }) => Zone::from_transitions(&name, &transitions),
        }
    }
}

/// The unit in which a column counts time since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeUnit {
    /// Seconds.
    Second,
    /// Thousandths of a second.
    Millisecond,
    /// Millionths of a second.
    Microsecond,
    /// Billionths of a second.
    Nanosecond,
}

impl TimeUnit {
    /// Whole seconds since 1970-01-01, rounded down.
    fn seconds(self, value: i64) -> i64 {
        value.div_euclid(match self {
            TimeUnit::Second => 1,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1_000_000,
            TimeUnit::Nanosecond => 1_000_000_000,
        })
    }
}

/// Turns many instants into days of one zone.
///
/// It remembers the last day of UTC that it met: where the clock does not change within it, neighbouring orders need no
/// further look into the zone's rules.
#[derive(Debug)]
pub struct Clock<'a> {
    zone: &'a Zone,
    utc_day: i64,
    /// The one offset of the whole of `utc_day`, unless the clock changes within it.
    offset: Option<i64>,
}

impl<'a> Clock<'a> {
    /// A clock that shows the time of a zone.
    pub fn new(zone: &'a Zone) -> Clock<'a> {
        Clock { zone, utc_day: i64::MIN, offset: None }
    }

    /// The civil date of a count of `unit`s since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`] outside the years 1 to 9999.
    ///
    /// ```
    /// use regulars::{Clock, TimeUnit, Zone};
    ///
    /// let zone: Zone = "America/New_York".parse()?;
    /// let mut clock = Clock::new(&zone);
    /// assert_eq!(clock.date(1_704_085_200_000, TimeUnit::Millisecond)?.to_string(), "2024-01-01");
    /// assert_eq!(clock.date(1_704_085_199_999, TimeUnit::Millisecond)?.to_string(), "2023-12-31");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn date(&mut self, value: i64, unit: TimeUnit) -> Result<NaiveDate> {
        self.day(value, unit).map(date_of)
    }

    pub(crate) fn day(&mut self, value: i64, unit: TimeUnit) -> Result<Day> {
        let second = unit.seconds(value);
        let utc_day = second.div_euclid(DAY_SECONDS);
        if utc_day != self.utc_day {
            self.utc_day = utc_day;
            self.offset = self.zone.offset_of_day(utc_day);
        }
        let offset = self.offset.unwrap_or_else(|| self.zone.offset(second));
        civil_day(second.saturating_add(offset))
    }
}

/// The day of a count of seconds on a clock that shows civil time.
fn civil_day(second: i64) -> Result<Day> {
    let day = second.div_euclid(DAY_SECONDS);
    i32::try_from(day)
        .ok()
        .filter(|day| (FIRST_DAY..=LAST_DAY).contains(day))
        .ok_or_else(|| Error::DateOutOfRange { value: format!("day {day} since 1970-01-01") })
}

/// The day of a count of `unit`s on a clock that already shows the shop's time.
pub(crate) fn day_on_wall_clock(value: i64, unit: TimeUnit) -> Result<Day> {
    civil_day(unit.seconds(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_names_are_read() {
        for (text, name) in [("UTC", "UTC"), ("+00:00", "UTC"), ("+0530", "+05:30"), ("-05:00", "-05:00")] {
            assert_eq!(text.parse::<Zone>().unwrap().name(), name);
        }
        for text in ["", "Berlin", "+25:00", "Europe/Berlim", "+"] {
            assert_eq!(text.parse::<Zone>().unwrap_err().code(), "unknown_zone", "{text}");
        }
    }

    #[test]
    fn zones_survive_json() {
        let table = Zone::from_transitions("Europe/Berlin", &[(0, 3600), (1_743_296_400, 7200)]).unwrap();
        let named = ["UTC", "-05:00"].map(|name| name.parse().unwrap());
        for zone in named.into_iter().chain([table]) {
            let json = serde_json::to_string(&zone).unwrap();
            assert_eq!(serde_json::from_str::<Zone>(&json).unwrap(), zone, "{json}");
        }
        for json in [r#""Berlin""#, r#"{"name": "x", "transitions": []}"#] {
            assert!(serde_json::from_str::<Zone>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn extreme_instants_are_out_of_range_not_a_panic() {
        let zone: Zone = "+14:00".parse().unwrap();
        for value in [i64::MIN, i64::MAX] {
            assert_eq!(
                Clock::new(&zone).day(value, TimeUnit::Second).unwrap_err().code(),
                "date_out_of_range"
            );
        }
    }

    /// The cached day of [`Clock`] against the zone's own answer for every half hour of a year with two changes.
    #[cfg(feature = "iana")]
    #[test]
    fn a_clock_agrees_with_chrono_through_the_changes() {
        use chrono::Datelike;
        for name in
            ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
        {
            let tz: chrono_tz::Tz = name.parse().unwrap();
            let zone: Zone = name.parse().unwrap();
            let mut clock = Clock::new(&zone);
            let start = DateTime::parse_from_rfc3339("2011-01-01T00:00:00Z").unwrap().timestamp();
            for step in 0..2 * 366 * 48 {
                let second = start + step * 1_800 - 1;
                let expected = DateTime::from_timestamp(second, 0).unwrap().with_timezone(&tz).date_naive();
                let day = clock.day(second, TimeUnit::Second).unwrap();
                assert_eq!(date_of(day), expected, "{name} {second} {}", expected.year());
            }
        }
    }
}
