use chrono::format::{Item, Numeric, Parsed, StrftimeItems, parse};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use regulars::{Error, Moment};

use crate::error::{Flaw, ImportError, Remedy, shown};

/// Reads dates and times in one way of writing them.
#[derive(Debug)]
pub(crate) struct Dates {
    /// The format that was named; without one, ISO 8601 and what is like it.
    format: Option<(String, Vec<Item<'static>>)>,
    /// Whether a zone is known that turns instants into days.
    zoned: bool,
}

/// A date as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    local: NaiveDateTime,
    offset: Option<FixedOffset>,
}

impl Dates {
    pub(crate) fn new(format: Option<&str>, zoned: bool) -> Result<Dates, ImportError> {
        let items = |format: &str| {
            let items = StrftimeItems::new(format).parse_to_owned().ok();
            let items = items.filter(|items| tells_dates(items));
            let items = items.ok_or_else(|| ImportError::InvalidDateFormat { format: format.to_owned() })?;
            Ok::<_, ImportError>((format.to_owned(), items))
        };
        Ok(Dates { format: format.map(items).transpose()?, zoned })
    }

    pub(crate) fn read(&self, text: &str) -> Result<Written, Flaw> {
        let written = match &self.format {
            None => iso(text),
            Some((_, items)) => by_format(text, items),
        };
        let written = written.ok_or_else(|| Flaw {
            source: Error::InvalidDate { value: shown(text) },
            remedy: Some(self.remedy(text)),
        })?;
        written.check()?;
        Ok(written)
    }

    /// What may make a text readable that is not.
    fn remedy(&self, text: &str) -> Remedy {
        // A year of two digits is none of four, and seconds that lead far from today are another number.
        let fits = |format: &&str| {
            let items: Vec<_> = StrftimeItems::new(format).collect();
            let years = if *format == "%s" { 1990..=2100 } else { 1971..=i32::MAX };
            by_format(text, &items).is_some_and(|written| years.contains(&written.local.year()))
        };
        let fitting: Vec<_> = COMMON.into_iter().filter(fits).collect();
        let named = self.format.as_ref().map(|(format, _)| format.clone());
        let year_first = text.len() > 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
        if named.is_none() && fitting.is_empty() && year_first {
            return Remedy::RealDate;
        }
        Remedy::DateFormat { named, fitting }
    }

    /// The moment for the history, and whether its offset from UTC was left aside for want of a zone.
    pub(crate) fn moment(&self, written: Written) -> (Moment, bool) {
        match written.instant() {
            Some(instant) if self.zoned => (Moment::from(instant), false),
            instant => (Moment::Day(written.local.date()), instant.is_some()),
        }
    }
}

/// Formats that shops write, to be named where a date follows them. None of them begins with the year but the first.
const COMMON: [&str; 24] = [
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%m-%Y %H:%M",
    "%m-%d-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y %H:%M:%S",
    "%d %b %Y",
    "%b %d, %Y",
    "%s",
];

/// Reads dates and times that are text in a table as the importers read them in a file.
///
/// ```
/// use regulars_import::DateReader;
///
/// let dates = DateReader::new(Some("%d/%m/%Y"), false)?;
/// assert_eq!(dates.read("17/05/2024")?, chrono::NaiveDate::from_ymd_opt(2024, 5, 17).unwrap().into());
/// assert!(DateReader::new(None, false)?.read("17/05/2024").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DateReader(Dates);

impl DateReader {
    /// A reader of dates in a format of `strftime`, or else of those that begin with the year. Where the zone of the shop
    /// is known (`zoned`), times with an offset from UTC are instants; else they count on the date that is written.
    ///
    /// # Errors
    /// [`ImportError::InvalidDateFormat`].
    pub fn new(format: Option<&str>, zoned: bool) -> Result<DateReader, ImportError> {
        Dates::new(format, zoned).map(DateReader)
    }

    /// The moment that a text means.
    ///
    /// # Errors
    /// [`Error::InvalidDate`] and [`Error::DateOutOfRange`].
    pub fn read(&self, text: &str) -> Result<Moment, Error> {
        let written = self.0.read(text).map_err(|flaw| flaw.source)?;
        Ok(self.0.moment(written).0)
    }

    /// What may make a text readable that is an [`Error::InvalidDate`].
    ///
    /// ```
    /// let dates = regulars_import::DateReader::new(None, false)?;
    /// assert_eq!(dates.remedy("05/17/2024").to_string(), "name the date_format, which may be `%m/%d/%Y`");
    /// # Ok::<(), regulars_import::ImportError>(())
    /// ```
    pub fn remedy(&self, text: &str) -> Remedy {
        self.0.remedy(text)
    }
}

impl From<DateTime<FixedOffset>> for Written {
    fn from(instant: DateTime<FixedOffset>) -> Written {
        Written { local: instant.naive_local(), offset: Some(*instant.offset()) }
    }
}

impl Written {
    /// The point in time, where an offset from UTC is written.
    pub(crate) fn instant(self) -> Option<DateTime<FixedOffset>> {
        self.local.and_local_timezone(self.offset?).single()
    }

    /// That the date lies in the years 1 to 9999 in every zone.
    fn check(self) -> Result<(), Error> {
        let margin = i32::from(self.offset.is_some());
        let date = self.local.date();
        let last_day = date.month() == 12 && date.day() == 31;
        let year = date.year() - i32::from(date.ordinal() == 1) * margin;
        let last = date.year() + i32::from(last_day) * margin;
        if year < 1 || last > 9999 {
            return Err(Error::DateOutOfRange { value: date.to_string() });
        }
        Ok(())
    }
}

/// Whether a format has a year and a day, or seconds since 1970, without which no text in it is a date.
fn tells_dates(items: &[Item<'_>]) -> bool {
    use chrono::format::Fixed::{RFC2822, RFC3339};
    use chrono::format::Numeric::{
        Day, IsoWeek, IsoYear, IsoYearMod100, Ordinal, Timestamp, WeekFromMon, WeekFromSun, Year, YearMod100,
    };
    let has = |parts: &[Numeric]| {
        items.iter().any(|item| matches!(item, Item::Numeric(part, _) if parts.contains(part)))
    };
    has(&[Timestamp])
        || items.iter().any(|item| matches!(item, Item::Fixed(RFC2822 | RFC3339)))
        || has(&[Year, YearMod100, IsoYear, IsoYearMod100])
            && has(&[Day, Ordinal, IsoWeek, WeekFromSun, WeekFromMon])
}

/// A date in a named format.
fn by_format(text: &str, items: &[Item<'_>]) -> Option<Written> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, items.iter()).ok()?;
    if let Ok(instant) = parsed.to_datetime() {
        return Some(Written::from(instant));
    }
    if let Ok(date) = parsed.to_naive_date() {
        return Some(Written { local: date.and_time(NaiveTime::MIN), offset: None });
    }
    // A count of seconds since 1970 is an instant by itself.
    let local = parsed.to_naive_datetime_with_offset(0).ok()?;
    Some(Written { local, offset: FixedOffset::east_opt(0) })
}

/// A date that begins with its year: `2024-05-17`, `2024/05/17` or `20240517`, the former two with a time such as
/// ` 09:50`, `T09:50:26.5`, and the time with an offset such as `Z`, ` UTC`, `+0200` or ` +02:00`.
fn iso(text: &str) -> Option<Written> {
    let mut text = Cursor(text.as_bytes());
    let year = text.digits(4)?;
    let separator = [b'-', b'/'].into_iter().find(|&separator| text.eat(separator));
    let mut part = |at_all: bool| {
        let separated = separator.is_none_or(|separator| text.eat(separator));
        if at_all && !separated { None } else { text.digits(2) }
    };
    let month = part(false)?;
    let day = part(true)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if text.0.is_empty() {
        return Some(Written { local: date.and_time(NaiveTime::MIN), offset: None });
    }
    if separator.is_none() || !(text.eat(b'T') || text.eat(b' ')) {
        return None;
    }
    let time = text.time()?;
    let offset = if text.0.is_empty() { None } else { Some(text.offset()?) };
    Some(Written { local: date.and_time(time), offset })
}

/// What is left to read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// A number of exactly so many digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let number = digits.iter().try_fold(0, |number: u32, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })?;
        self.0 = rest;
        Some(number)
    }

    /// `09:50`, `09:50:26` or `09:50:26.123`, whose fraction is left aside.
    fn time(&mut self) -> Option<NaiveTime> {
        let hour = self.digits(2)?;
        let minute = if self.eat(b':') { self.digits(2)? } else { return None };
        let mut second = 0;
        if self.eat(b':') {
            second = self.digits(2)?;
            if self.eat(b'.') || self.eat(b',') {
                self.digits(1)?;
                while self.digits(1).is_some() {}
            }
        }
        // A leap second belongs to the minute that it ends.
        let second = if second == 60 { 59 } else { second };
        NaiveTime::from_hms_opt(hour, minute, second)
    }

    /// The rest as an offset from UTC.
    fn offset(mut self) -> Option<FixedOffset> {
        self.eat(b' ');
        if matches!(self.0, b"Z" | b"UTC" | b"GMT") {
            return FixedOffset::east_opt(0);
        }
        let sign = if self.eat(b'-') {
            -1
        } else if self.eat(b'+') {
            1
        } else {
            return None;
        };
        let hours = self.digits(2)?;
        self.eat(b':');
        let minutes = if self.0.is_empty() { 0 } else { self.digits(2)? };
        if !self.0.is_empty() || hours > 23 || minutes > 59 {
            return None;
        }
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
        FixedOffset::east_opt(sign * seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, local: &str, offset: Option<i32>) {
        let written = iso(text).unwrap_or_else(|| panic!("{text} is not read"));
        assert_eq!(written.local.to_string(), local, "{text}");
        assert_eq!(written.offset.map(|offset| offset.local_minus_utc()), offset, "{text}");
    }

    #[test]
    fn dates_that_begin_with_the_year_are_read() {
        reads("2024-05-17", "2024-05-17 00:00:00", None);
        reads("2024/02/29", "2024-02-29 00:00:00", None);
        reads("20240517", "2024-05-17 00:00:00", None);
        reads("2024-05-17 09:50", "2024-05-17 09:50:00", None);
        reads("2024-05-17T09:50:26.123456", "2024-05-17 09:50:26", None);
        reads("2016-12-31T23:59:60Z", "2016-12-31 23:59:59", Some(0));
        reads("2025-10-07 09:50:26 +0200", "2025-10-07 09:50:26", Some(7200));
        reads("2025-10-07T09:50:26-03:30", "2025-10-07 09:50:26", Some(-12_600));
        reads("2025-10-07 09:50:26 UTC", "2025-10-07 09:50:26", Some(0));
        reads("2025-10-07 09:50+05", "2025-10-07 09:50:00", Some(18_000));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "17/05/2024",
            "05-17-2024",
            "2024-13-01",
            "2023-02-29",
            "2024-5-7",
            "2024-0517",
            "2024-05/17",
            "202405-17",
            "20240517T0950",
            "2024-05-17 ",
            "2024-05-17 9:50",
            "2024-05-17 24:00",
            "2024-05-17 09:60",
            "2024-05-17 09:50:26.",
            "2024-05-17 09:50 CET",
            "2024-05-17 09:50+24:00",
            "2024-05-17 09:50+02:000",
            "2024-05-17x",
            "45429",
            "２０２４-05-17",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn a_named_format_is_followed() {
        let read = |format, text| Dates::new(Some(format), false).unwrap().read(text);
        assert_eq!(read("%d/%m/%Y", "03/04/2024").unwrap(), iso("2024-04-03").unwrap());
        assert_eq!(
            read("%m/%d/%Y %H:%M", "03/04/2024 10:00").unwrap().local.date(),
            iso("2024-03-04").unwrap().local.date()
        );
        assert_eq!(
            read("%d.%m.%Y %H:%M %z", "03.04.2024 10:00 +0200").unwrap(),
            iso("2024-04-03 10:00+02").unwrap()
        );
        assert_eq!(read("%s", "1704067199").unwrap(), iso("2023-12-31 23:59:59Z").unwrap());
        for format in ["%Q", "%q", "%d/%m", "%H:%M", "date"] {
            assert_eq!(
                Dates::new(Some(format), false).unwrap_err().code(),
                "invalid_date_format",
                "{format}"
            );
        }
    }

    #[test]
    fn a_format_that_fits_is_named() {
        const REAL: &str =
            "after the year come a month, a day and perhaps a time that there are, as in `2024-05-17 14:30`";
        for (format, text, remedy) in [
            (None, "05/17/2024", "name the date_format, which may be `%m/%d/%Y`"),
            (None, "17/05/2024", "name the date_format, which may be `%d/%m/%Y`"),
            (None, "03/04/2024", "name the date_format, which may be `%d/%m/%Y` or `%m/%d/%Y`"),
            (None, "1.12.2010 8:26", "name the date_format, which may be `%d.%m.%Y %H:%M`"),
            (None, "Dec 13, 2010", "name the date_format, which may be `%b %d, %Y`"),
            (None, "13/12/10", "name the date_format, which may be `%d/%m/%y`"),
            (None, "1291191960", "name the date_format, which may be `%s`"),
            (None, "2024-13-01", REAL),
            (None, "2024-05-17 25:00", REAL),
            (None, "45429123", REAL),
            (None, "1715903999000", REAL),
            (
                None,
                "spring",
                "dates that do not begin with the year need a date_format, such as `%d.%m.%Y %H:%M`",
            ),
            (
                Some("%d/%m/%Y"),
                "13/12/2010 08:26",
                "it does not follow the date_format `%d/%m/%Y`, but `%d/%m/%Y %H:%M`",
            ),
            (Some("%d/%m/%Y"), "2024-04-03", "it does not follow the date_format `%d/%m/%Y`, but `%Y-%m-%d`"),
            (Some("%d/%m/%Y"), "spring", "it does not follow the date_format `%d/%m/%Y`"),
        ] {
            let flaw = Dates::new(format, false).unwrap().read(text).unwrap_err();
            assert_eq!(flaw.remedy.unwrap().to_string(), remedy, "{text}");
        }
    }

    #[test]
    fn no_zone_can_carry_a_date_out_of_range() {
        let code = |text| Dates::new(None, true).unwrap().read(text).map_err(|flaw| flaw.source.code());
        assert!(code("0001-01-01").is_ok() && code("9999-12-31").is_ok());
        for text in ["0000-05-01", "0001-01-01 00:00Z", "9999-12-31 00:00Z"] {
            assert_eq!(code(text), Err("date_out_of_range"), "{text}");
        }
    }

    #[test]
    fn an_offset_makes_an_instant_only_where_a_zone_is_known() {
        let written = iso("2024-12-31 23:30:00 -0500").unwrap();
        let day = NaiveDate::from_ymd_opt(2024, 12, 31).unwrap();
        let dates = |zoned| Dates::new(None, zoned).unwrap();
        assert_eq!(dates(false).moment(written), (Moment::Day(day), true));
        assert_eq!(dates(true).moment(written), (Moment::from(written.instant().unwrap()), false));
        assert_eq!(dates(true).moment(iso("2024-12-31").unwrap()), (Moment::Day(day), false));
    }
}
