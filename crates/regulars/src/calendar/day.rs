use chrono::{Datelike, NaiveDate};

use crate::error::{Error, Result};

/// A civil day as the number of days since 1970-01-01.
pub(crate) type Day = i32;

/// `NaiveDate::num_days_from_ce` of 1970-01-01.
const EPOCH: i32 = 719_163;

/// 0001-01-01 and 9999-12-31: what people write as dates. The bounds keep every sum of days far from overflow and
/// a table by day small.
pub(crate) const FIRST_DAY: Day = 1 - EPOCH;
/// See [`FIRST_DAY`].
pub(crate) const LAST_DAY: Day = 2_932_896;

/// The day of a date.
pub(crate) fn day_of(date: NaiveDate) -> Result<Day> {
    let day = date.num_days_from_ce() - EPOCH;
    if (FIRST_DAY..=LAST_DAY).contains(&day) {
        Ok(day)
    } else {
        Err(Error::DateOutOfRange { value: date.to_string() })
    }
}

/// The day of a period's start or end; the end of the year 9999 is the only one that is no day itself.
pub(crate) fn boundary_day(date: NaiveDate) -> Day {
    day_of(date).unwrap_or(if date > date_of(0) { LAST_DAY + 1 } else { Day::MIN })
}

/// The date of a day; days beyond the supported years, which no history holds, end at its bounds.
pub(crate) fn date_of(day: Day) -> NaiveDate {
    let day = day.clamp(FIRST_DAY, LAST_DAY + 1);
    NaiveDate::from_num_days_from_ce_opt(day + EPOCH).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970() {
        let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(day_of(date(1970, 1, 1)), Ok(0));
        assert_eq!(day_of(date(1, 1, 1)), Ok(FIRST_DAY));
        assert_eq!(day_of(date(9999, 12, 31)), Ok(LAST_DAY));
        assert_eq!(day_of(date(10_000, 1, 1)).map_err(|e| e.code()), Err("date_out_of_range"));
        assert_eq!(date_of(19_782), date(2024, 2, 29));
    }
}
