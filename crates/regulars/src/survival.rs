//! Time until something happens, where for some it has not happened yet.
//!
//! Durations are whole days and come as counts by day, so that estimates need no sorting and counts of several parts can
//! be added before anything is estimated.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::measure::Interval;
use crate::numeric::normal_quantile;
use crate::table::{Column, Columns};

/// The estimate of Kaplan and Meier (1958): the share for whom the event has not happened by a day, counting those who
/// were watched for a while only for as long as they were watched.
///
/// S(t) is the product over all days i ≤ t of 1 − dᵢ ÷ nᵢ, with dᵢ events on day i and nᵢ subjects *at risk*: watched for
/// at least i days and without the event before. A subject that is censored on day i has been watched through all of
/// that day, and so is among the nᵢ.
///
/// Sources: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958). Intervals
/// have Greenwood's variance on the scale of log(−log S), which keeps them within [0, 1]: J. D. Kalbfleisch and R. L.
/// Prentice, *The Statistical Analysis of Failure Time Data* (1980), the `conf.type = "log-log"` of R's `survival`.
///
/// ```
/// use regulars::KaplanMeier;
///
/// let days = [(5, true), (8, false), (12, true), (20, true), (20, false), (30, false)];
/// let curve = KaplanMeier::from_durations(days);
/// // 5 ÷ 6, of whom one leaves the watch on day 8; then 3 ÷ 4, then 2 ÷ 3.
/// assert_eq!(curve.survival(5), Some(5.0 / 6.0));
/// assert_eq!(curve.survival(19), Some(0.625));
/// assert_eq!(curve.median(), Some(20));
/// assert_eq!(curve.survival(31), None); // nobody was watched for as long
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KaplanMeier {
    /// How many were watched.
    pub subjects: u64,
    /// For how many of them the event happened.
    pub events: u64,
    /// The days on which an event happened or a watch ended, in ascending order.
    pub steps: Vec<SurvivalStep>,
}

/// One day of a [`KaplanMeier`] estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SurvivalStep {
    /// The day, counted from the start of each subject's watch.
    pub day: u32,
    /// Subjects that were watched for at least so many days and without the event before.
    pub at_risk: u64,
    /// Events on this day.
    pub events: u64,
    /// Subjects whose watch ended after this day without the event.
    pub censored: u64,
    /// The share without the event through this day, which holds until the next step.
    pub survival: f64,
    /// The interval of that share. `None` where it is 0 or 1: Greenwood's variance says nothing there.
    pub interval: Option<Interval>,
}

/// What is below this is rounding: quantiles are compared with shares that are products of quotients.
const ROUNDING: f64 = 1e-10;

impl KaplanMeier {
    /// The estimate from counts: `events[d]` events on day d, and `censored[d]` subjects watched through day d without
    /// one. The slices may differ in length. Counts of several parts may be added beforehand.
    ///
    /// ```
    /// use regulars::KaplanMeier;
    ///
    /// // Of four, one returned after a day and one after three; two were still waiting after two days.
    /// let curve = KaplanMeier::from_counts(&[0, 1, 0, 1], &[0, 0, 2]);
    /// assert_eq!((curve.survival(2), curve.survival(3)), (Some(0.75), Some(0.0)));
    /// ```
    pub fn from_counts(events: &[u64], censored: &[u64]) -> KaplanMeier {
        let days = events.len().max(censored.len());
        let count = |counts: &[u64], day| counts.get(day).copied().unwrap_or(0);
        let rows = (0..=u32::MAX).zip(0..days).map(|(day, at)| (day, count(events, at), count(censored, at)));
        KaplanMeier::from_ascending(rows.filter(|&(_, events, censored)| events > 0 || censored > 0))
    }

    /// The estimate from one duration for each subject, and whether it ended with the event.
    ///
    /// ```
    /// let curve = regulars::KaplanMeier::from_durations([(3, true), (1, false)]);
    /// assert_eq!(curve.at_risk(2), 1);
    /// ```
    pub fn from_durations(durations: impl IntoIterator<Item = (u32, bool)>) -> KaplanMeier {
        let mut by_day: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for (day, event) in durations {
            let (events, censored) = by_day.entry(day).or_default();
            *(if event { events } else { censored }) += 1;
        }
        KaplanMeier::from_ascending(
            by_day.into_iter().map(|(day, (events, censored))| (day, events, censored)),
        )
    }

    fn from_ascending(rows: impl Iterator<Item = (u32, u64, u64)>) -> KaplanMeier {
        let mut steps: Vec<SurvivalStep> = rows
            .map(|(day, events, censored)| SurvivalStep {
                day,
                at_risk: 0,
                events,
                censored,
                survival: 1.0,
                interval: None,
            })
            .collect();
        // Saturating: counts that a caller made up may be of any size, and an end of the range is no reason to panic.
        let mut at_risk = 0_u64;
        for step in steps.iter_mut().rev() {
            at_risk = at_risk.saturating_add(step.events).saturating_add(step.censored);
            step.at_risk = at_risk;
        }
        // From one censoring to the next the product telescopes to a single quotient, so that without censoring the
        // estimate is the empirical share to the last bit.
        let (mut base, mut of) = (1.0, at_risk);
        for step in &mut steps {
            let left = step.at_risk - step.events;
            step.survival =
                if step.events == 0 && left == of { base } else { base * (left as f64 / of as f64) };
            if step.censored > 0 {
                base = step.survival;
                of = left.saturating_sub(step.censored);
            }
        }
        let events = steps.iter().fold(0_u64, |sum, step| sum.saturating_add(step.events));
        let mut curve = KaplanMeier { subjects: at_risk, events, steps };
        curve.set_intervals(Interval::DEFAULT_LEVEL);
        curve
    }

    /// The same estimate with intervals of another level of confidence than 95 %.
    ///
    /// # Errors
    /// [`Error::InvalidLevel`] where the level is not between 0 and 1.
    ///
    /// ```
    /// let curve = regulars::KaplanMeier::from_counts(&[0, 5, 2, 7], &[]);
    /// let wide = curve.clone().with_level(0.99)?;
    /// assert!(wide.interval(1).unwrap().low < curve.interval(1).unwrap().low);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn with_level(mut self, level: f64) -> Result<KaplanMeier> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::InvalidLevel { level });
        }
        self.set_intervals(level);
        Ok(self)
    }

    /// Intervals S^exp(±z·σ) with σ² = Σ dᵢ ÷ (nᵢ(nᵢ − dᵢ)) ÷ log² S.
    fn set_intervals(&mut self, level: f64) {
        let z = normal_quantile(f64::midpoint(1.0, level));
        let mut greenwood = 0.0;
        for step in &mut self.steps {
            let left = (step.at_risk - step.events) as f64;
            if left > 0.0 {
                greenwood += step.events as f64 / (step.at_risk as f64 * left);
            }
            let survival = step.survival;
            step.interval = (survival > 0.0 && survival < 1.0).then(|| {
                let log = libm::log(survival);
                let reach = z * libm::sqrt(greenwood) / -log;
                let end = |reach: f64| libm::exp(log * libm::exp(reach));
                // In floats an end may miss the estimate itself by a last bit.
                Interval { low: end(reach).min(survival), high: end(-reach).max(survival), level }
            });
        }
    }

    /// S(day): the share without the event through that day. `None` beyond the longest duration, where nobody is left to
    /// say, unless the event has happened for all.
    pub fn survival(&self, day: u32) -> Option<f64> {
        self.is_known(day).then(|| self.step(day).map_or(1.0, |step| step.survival))
    }

    /// The interval of [`survival`](Self::survival); `None` also where that is 0 or 1.
    pub fn interval(&self, day: u32) -> Option<Interval> {
        self.step(day).filter(|_| self.is_known(day)).and_then(|step| step.interval)
    }

    /// How many were watched for at least so many days, without the event before.
    pub fn at_risk(&self, day: u32) -> u64 {
        let next = self.steps.partition_point(|step| step.day < day);
        self.steps.get(next).map_or(0, |step| step.at_risk)
    }

    /// The first day by which the event has happened for a share of at least `p`; `None` where that is not reached, and
    /// for a `p` outside (0, 1].
    ///
    /// ```
    /// let curve = regulars::KaplanMeier::from_counts(&[0, 3, 2], &[0, 0, 5]);
    /// assert_eq!((curve.quantile(0.3), curve.median(), curve.quantile(0.8)), (Some(1), Some(2), None));
    /// ```
    pub fn quantile(&self, p: f64) -> Option<u32> {
        if !(p > 0.0 && p <= 1.0) {
            return None;
        }
        let after = self.steps.partition_point(|step| step.survival > 1.0 - p + ROUNDING);
        self.steps.get(after).map(|step| step.day)
    }

    /// The first day by which the event has happened for half of them; `None` where that is not reached.
    pub fn median(&self) -> Option<u32> {
        self.quantile(0.5)
    }

    /// The last step up to a day.
    fn step(&self, day: u32) -> Option<&SurvivalStep> {
        let after = self.steps.partition_point(|step| step.day <= day);
        after.checked_sub(1).and_then(|at| self.steps.get(at))
    }

    /// Whether anybody is left on a day to say something of it, or nothing is left to be said.
    fn is_known(&self, day: u32) -> bool {
        self.steps.last().is_some_and(|last| day <= last.day || last.survival == 0.0)
    }
}

impl Columns for KaplanMeier {
    fn rows(&self) -> usize {
        self.steps.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.steps.iter();
        let count = |name, of: fn(&SurvivalStep) -> u64| {
            Column::i64(name, all().map(move |step| i64::try_from(of(step)).unwrap_or(i64::MAX)))
        };
        vec![
            Column::i64("day", all().map(|step| i64::from(step.day))),
            count("at_risk", |step| step.at_risk),
            count("events", |step| step.events),
            count("censored", |step| step.censored),
            Column::f64("survival", all().map(|step| Some(step.survival))),
            Column::f64("low", all().map(|step| step.interval.map(|interval| interval.low))),
            Column::f64("high", all().map(|step| step.interval.map(|interval| interval.high))),
        ]
    }
}
