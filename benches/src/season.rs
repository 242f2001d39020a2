//! When orders come: a calendar of four years that stretches busy days and shrinks quiet ones.

use chrono::{Datelike, NaiveDate};

/// The weight of each month in sales.
const MONTHS: [f64; 12] = [0.92, 0.86, 0.93, 0.95, 0.98, 0.94, 0.90, 0.90, 0.97, 1.02, 1.35, 1.28];
/// The weight of each weekday, Monday first.
const WEEKDAYS: [f64; 7] = [1.08, 1.02, 1.00, 0.98, 0.95, 0.92, 1.05];
/// New customers per day at the end, as a multiple of those at the start.
const GROWTH: f64 = 1.6;
/// 2021-01-01 in days since 1970-01-01.
const START: u32 = 18_628;
const DAYS: u16 = 1_461;

/// Times are in weeks of the season's own clock, on which orders come evenly.
pub(crate) struct Season {
    /// The time at which each day begins, and at last the time at which all of them have ended.
    begins: Vec<f64>,
    /// Likewise, the share of the customers who came before.
    acquired: Vec<f64>,
}

impl Season {
    pub(crate) fn new() -> Season {
        let weights: Vec<f64> = (0..DAYS).map(weight).collect();
        let grown = weights
            .iter()
            .zip(0..DAYS)
            .map(|(weight, day)| weight * GROWTH.powf(f64::from(day) / f64::from(DAYS)));
        Season {
            acquired: running(grown, 1.0),
            begins: running(weights.iter().copied(), f64::from(DAYS) / 7.0),
        }
    }

    pub(crate) fn days(&self) -> usize {
        self.begins.len() - 1
    }

    /// The time of a first order, for evenly spread shares of the customers.
    pub(crate) fn first_order(&self, share: f64) -> f64 {
        let day = place(&self.acquired, share);
        let at = |knots: &[f64], day: usize| knots.get(day).copied().unwrap_or_default();
        let (from, to) = (at(&self.acquired, day), at(&self.acquired, day + 1));
        let (begin, end) = (at(&self.begins, day), at(&self.begins, day + 1));
        begin + (end - begin) * (share - from) / (to - from)
    }

    /// The day of a time, counted from the first; `None` after the last.
    pub(crate) fn day(&self, time: f64) -> Option<u32> {
        let day = place(&self.begins, time);
        u32::try_from(day).ok().filter(|_| day < self.days())
    }
}

/// A day of the season in days since 1970-01-01.
pub(crate) fn civil(day: u32) -> i32 {
    i32::try_from(START + day).unwrap_or(i32::MAX)
}

fn weight(day: u16) -> f64 {
    let Some(date) = NaiveDate::from_epoch_days(civil(day.into())) else { return 1.0 };
    let month = MONTHS.get(date.month0() as usize).unwrap_or(&1.0);
    let weekday = WEEKDAYS.get(date.weekday().num_days_from_monday() as usize).unwrap_or(&1.0);
    month * weekday
}

/// Running sums that end at `total`.
fn running(weights: impl Iterator<Item = f64> + Clone, total: f64) -> Vec<f64> {
    let scale = total / weights.clone().sum::<f64>();
    let mut sum = 0.0;
    let sums = weights.map(|weight| {
        sum += weight * scale;
        sum
    });
    core::iter::once(0.0).chain(sums).collect()
}

/// The last knot that is not beyond a value.
fn place(knots: &[f64], value: f64) -> usize {
    knots.partition_point(|&knot| knot <= value).saturating_sub(1)
}
