use core::ops::Range;

use super::day::{Day, boundary_day};
use super::period::Period;

/// Which of consecutive periods a day lies in, by a table of days.
///
/// The number of a day is how many boundaries are not after it: 0 before the first period, k in the k-th, one more than
/// there are periods after the last.
#[derive(Debug)]
pub(crate) struct PeriodIndex {
    boundaries: Vec<Day>,
    base: Day,
    numbers: Vec<u32>,
}

impl PeriodIndex {
    /// The index of periods that follow each other. `days` are those that will be asked for often: a history's span.
    pub(crate) fn of(periods: &[Period], days: Range<Day>) -> PeriodIndex {
        debug_assert!(periods.is_sorted_by(|a, b| a.end() == b.start()), "periods follow each other");
        let start = periods.first().map(Period::start);
        let boundaries = start.into_iter().chain(periods.iter().map(Period::end)).map(boundary_day);
        PeriodIndex::new(boundaries.collect(), days)
    }

    /// The index of what lies between boundaries, which do not descend.
    pub(crate) fn new(boundaries: Vec<Day>, days: Range<Day>) -> PeriodIndex {
        let base = days.start;
        let mut number = 0;
        let numbers = days.map(|day| {
            while boundaries.get(number).is_some_and(|&boundary| boundary <= day) {
                number += 1;
            }
            #[expect(clippy::cast_possible_truncation, reason = "there are fewer periods than days")]
            let number = number as u32;
            number
        });
        PeriodIndex { base, numbers: numbers.collect(), boundaries }
    }

    #[inline]
    pub(crate) fn number(&self, day: Day) -> usize {
        #[expect(clippy::cast_sign_loss, reason = "a day before the table wraps to beyond it")]
        let offset = day.wrapping_sub(self.base) as u32 as usize;
        match self.numbers.get(offset) {
            Some(&number) => number as usize,
            None => self.seek(day),
        }
    }

    #[cold]
    fn seek(&self, day: Day) -> usize {
        self.boundaries.partition_point(|&boundary| boundary <= day)
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.boundaries.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each day of a table and beyond it, against a look at every boundary.
    #[test]
    fn days_are_numbered_by_the_boundaries_before_them() {
        for boundaries in [vec![], vec![3], vec![3, 4, 9], vec![-2, 0, 0, 20]] {
            for days in [0..0, 0..10, 2..5, -5..30] {
                let index = PeriodIndex::new(boundaries.clone(), days.clone());
                for day in -10..40 {
                    let number = boundaries.iter().filter(|&&boundary| boundary <= day).count();
                    assert_eq!(index.number(day), number, "{day} in {boundaries:?} by {days:?}");
                }
                assert_eq!(index.len(), boundaries.len() + 1);
            }
        }
    }

    #[test]
    fn periods_are_numbered_from_one() {
        let months: Vec<Period> = ["2024-01", "2024-02"].map(|text| text.parse().unwrap()).into();
        let day = |text: &str| boundary_day(text.parse().unwrap());
        let index = PeriodIndex::of(&months, day("2024-01-15")..day("2024-02-10"));
        let dates = ["2023-12-31", "2024-01-01", "2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01"];
        assert_eq!(dates.map(|date| index.number(day(date))), [0, 1, 1, 2, 2, 3]);
    }
}
