//! Time until something happens, where for some it has not happened yet.
//!
//! Durations are whole days and come as counts by day, so that estimates need no sorting and counts of several parts can
//! be added before anything is estimated.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Result;
use crate::measure::Interval;
use crate::numeric::{chi_square_upper, normal_quantile};
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
    /// Subjects that were watched for at least that many days and without the event before.
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
        // In 128 bits no counts of 64 overflow; what is shown of them saturates.
        let shown = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
        let all: u128 = steps.iter().map(|step| u128::from(step.events) + u128::from(step.censored)).sum();
        // From one censoring to the next the product telescopes to a single quotient, so that without censoring the
        // estimate is the empirical share to the last bit.
        let (mut base, mut of, mut at_risk) = (1.0, all, all);
        for step in &mut steps {
            step.at_risk = shown(at_risk);
            at_risk -= u128::from(step.events);
            step.survival = base * (at_risk as f64 / of as f64);
            if step.censored > 0 {
                at_risk -= u128::from(step.censored);
                (base, of) = (step.survival, at_risk);
            }
        }
        let events = steps.iter().fold(0_u64, |sum, step| sum.saturating_add(step.events));
        let mut curve = KaplanMeier { subjects: shown(all), events, steps };
        let level = Interval::DEFAULT_LEVEL;
        curve.set_intervals(level, normal_quantile(f64::midpoint(1.0, level)));
        curve
    }

    /// The same estimate with intervals of another level of confidence than 95 %.
    ///
    /// # Errors
    /// [`Error::InvalidLevel`](crate::Error::InvalidLevel) where the level is not between 0 and 1.
    ///
    /// ```
    /// let curve = regulars::KaplanMeier::from_counts(&[0, 5, 2, 7], &[]);
    /// let wide = curve.clone().with_level(0.99)?;
    /// assert!(wide.interval(1).unwrap().low < curve.interval(1).unwrap().low);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn with_level(mut self, level: f64) -> Result<KaplanMeier> {
        self.set_intervals(level, Interval::reach(level)?);
        Ok(self)
    }

    /// Intervals S^exp(±z·σ) with σ² = Σ dᵢ ÷ (nᵢ(nᵢ − dᵢ)) ÷ log² S.
    fn set_intervals(&mut self, level: f64, z: f64) {
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

    /// How many were watched for at least this many days, without the event before.
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

/// Whether several groups wait equally long, by the log-rank test.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LogRank {
    /// χ², the larger the more the groups differ.
    pub statistic: f64,
    /// Of χ²: groups − 1, fewer where some cannot be compared.
    pub degrees_of_freedom: u32,
    /// How probable a statistic of at least this size is if the groups do not differ.
    pub p_value: f64,
    /// What each group had, in the order given.
    pub groups: Vec<LogRankGroup>,
}

/// One group of a [`LogRank`] test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LogRankGroup {
    /// How many were watched.
    pub subjects: u64,
    /// For how many of them the event happened.
    pub observed: u64,
    /// For how many it would have, had each day's events been shared out among those at risk.
    pub expected: f64,
}

impl LogRank {
    /// The test of Mantel (1966) of two groups or more, here for any number as in R's `survdiff`: with the observed less
    /// the expected events of each group u and their hypergeometric covariance V over all days, χ² = uᵀ V⁻ u.
    ///
    /// `None` where there is nothing to compare: fewer than two groups have somebody at risk when an event happens.
    ///
    /// Source: N. Mantel, "Evaluation of survival data and two new rank order statistics arising in its consideration",
    /// Cancer Chemotherapy Reports 50 (1966).
    ///
    /// ```
    /// use regulars::{KaplanMeier, LogRank};
    ///
    /// let quick = KaplanMeier::from_durations([1, 2, 2, 3, 4].map(|day| (day, true)));
    /// let slow = KaplanMeier::from_durations([5, 7, 8, 9, 9].map(|day| (day, true)));
    /// assert!(LogRank::of(&[quick.clone(), slow]).unwrap().p_value < 0.01);
    /// assert_eq!(LogRank::of(&[quick.clone(), quick]).unwrap().statistic, 0.0);
    /// ```
    #[expect(clippy::indexing_slicing, reason = "square of the number of groups, made here")]
    pub fn of(groups: &[KaplanMeier]) -> Option<LogRank> {
        let steps = groups.iter().flat_map(|group| &group.steps);
        let mut days: Vec<u32> = steps.filter(|step| step.events > 0).map(|step| step.day).collect();
        days.sort_unstable();
        days.dedup();
        let mut expected = vec![0.0; groups.len()];
        let mut covariance = vec![vec![0.0; groups.len()]; groups.len()];
        for day in days {
            let at_risk: Vec<f64> = groups.iter().map(|group| group.at_risk(day) as f64).collect();
            let events =
                |group: &KaplanMeier| group.step(day).filter(|step| step.day == day).map(|s| s.events);
            let events: f64 = groups.iter().filter_map(events).map(|events| events as f64).sum();
            let all: f64 = at_risk.iter().sum();
            let spread = if all > 1.0 { events * (all - events) / (all - 1.0) } else { 0.0 };
            for (i, here) in at_risk.iter().enumerate() {
                expected[i] += events * here / all;
                for (j, there) in at_risk.iter().enumerate() {
                    let both = if i == j { here / all } else { 0.0 };
                    covariance[i][j] += spread * (both - here / all * there / all);
                }
            }
        }
        let excess = groups.iter().zip(&expected).map(|(group, expected)| group.events as f64 - expected);
        let (statistic, degrees_of_freedom) = squared_length(excess.collect(), covariance);
        (degrees_of_freedom > 0).then(|| LogRank {
            statistic,
            degrees_of_freedom,
            p_value: chi_square_upper(statistic, degrees_of_freedom),
            groups: groups
                .iter()
                .zip(expected)
                .map(|(group, expected)| LogRankGroup {
                    subjects: group.subjects,
                    observed: group.events,
                    expected,
                })
                .collect(),
        })
    }
}

/// uᵀ V⁻ u and the rank of V, by elimination that passes over pivots without substance. The rows of a log-rank
/// covariance sum to 0, so that at least the last one is such: that one group's excess follows from the others'.
#[expect(
    clippy::indexing_slicing,
    clippy::needless_range_loop,
    reason = "`v` is square and as long as `u`, and rows are read beside the one that is written"
)]
fn squared_length(mut u: Vec<f64>, mut v: Vec<Vec<f64>>) -> (f64, u32) {
    let before: Vec<f64> = (0..u.len()).map(|i| v[i][i]).collect();
    let (mut sum, mut rank) = (0.0, 0);
    for i in 0..u.len() {
        let pivot = v[i][i];
        if pivot <= 1e-9 * before[i] {
            continue;
        }
        sum += u[i] * u[i] / pivot;
        rank += 1;
        for j in i + 1..u.len() {
            let factor = v[j][i] / pivot;
            u[j] -= factor * u[i];
            for k in i + 1..u.len() {
                v[j][k] -= factor * v[i][k];
            }
        }
    }
    (sum, rank)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Weeks of remission of 42 children with leukaemia, from Freireich et al., Blood 21 (1963), as they stand in every
    /// textbook: 6-MP with nine relapses, and placebo.
    const MERCAPTOPURINE: [(u32, bool); 21] = [
        (6, true),
        (6, true),
        (6, true),
        (6, false),
        (7, true),
        (9, false),
        (10, true),
        (10, false),
        (11, false),
        (13, true),
        (16, true),
        (17, false),
        (19, false),
        (20, false),
        (22, true),
        (23, true),
        (25, false),
        (32, false),
        (32, false),
        (34, false),
        (35, false),
    ];
    const PLACEBO: [u32; 21] = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];

    fn remission() -> [KaplanMeier; 2] {
        [
            KaplanMeier::from_durations(MERCAPTOPURINE),
            KaplanMeier::from_durations(PLACEBO.map(|week| (week, true))),
        ]
    }

    /// The last float below 1 has the upper quantile of 1, which is none.
    #[test]
    fn a_level_without_a_quantile_is_refused() {
        let [curve, _] = remission();
        for level in [0.0, 1.0, f64::NAN, 1.0 - f64::EPSILON / 2.0] {
            assert_eq!(curve.clone().with_level(level).unwrap_err().code(), "invalid_level", "{level}");
        }
        let surest = curve.with_level(1.0 - 1e-12).unwrap().interval(6).unwrap();
        assert!(0.0 < surest.low && surest.high < 1.0);
    }

    #[track_caller]
    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    /// S(6) = 18/21, S(7) = S(6) · 16/17, S(10) = S(7) · 14/15, S(13) = S(10) · 11/12, S(16) = S(13) · 10/11, S(22) = S(16)
    /// · 6/7, S(23) = S(22) · 5/6; the values as published.
    #[test]
    fn remission_times_have_the_published_estimate() {
        let [curve, placebo] = remission();
        assert_eq!((curve.subjects, curve.events), (21, 9));
        for (week, survival) in [
            (6, 0.857_143),
            (7, 0.806_723),
            (10, 0.752_941),
            (13, 0.690_196),
            (16, 0.627_451),
            (22, 0.537_815),
            (23, 0.448_179),
        ] {
            close(curve.survival(week).unwrap(), survival, 5e-7);
        }
        assert_eq!((curve.at_risk(6), curve.at_risk(7), curve.at_risk(23)), (21, 17, 6));
        assert_eq!((curve.median(), placebo.median()), (Some(23), Some(8)));
        assert_eq!((curve.survival(35).is_some(), curve.survival(36)), (true, None));
        assert_eq!(placebo.survival(99), Some(0.0));
    }

    /// `lifelines.KaplanMeierFitter().fit(T, E).confidence_interval_`, lifelines 0.30.3.
    #[test]
    fn remission_times_have_the_intervals_of_lifelines() {
        let [curve, _] = remission();
        for (week, low, high) in
            [(6, 0.619_718, 0.951_552), (10, 0.503_200, 0.889_362), (23, 0.188_052, 0.680_143)]
        {
            let interval = curve.interval(week).unwrap();
            close(interval.low, low, 5e-7);
            close(interval.high, high, 5e-7);
        }
        assert_eq!(curve.interval(5), None);
    }

    /// Published: 16.8 and 4.17e-5. `lifelines.statistics.logrank_test` has 16.792940989216547 and 4.168809109334511e-05;
    /// for 6-MP in three runs of seven beside placebo, `multivariate_logrank_test` has 25.97449934919903 and
    /// 9.655380488704018e-06.
    #[test]
    fn remission_times_have_the_published_log_rank_test() {
        let [curve, placebo] = remission();
        let test = LogRank::of(&[curve, placebo.clone()]).unwrap();
        close(test.statistic, 16.792_940_989_216_547, 1e-12);
        close(test.p_value, 4.168_809_109_334_511e-5, 1e-16);
        assert_eq!(test.degrees_of_freedom, 1);
        close(test.groups[0].expected + test.groups[1].expected, 30.0, 1e-12);

        let runs = MERCAPTOPURINE.chunks(7).map(|run| KaplanMeier::from_durations(run.iter().copied()));
        let mut groups: Vec<KaplanMeier> = runs.chain([placebo]).collect();
        let test = LogRank::of(&groups).unwrap();
        close(test.statistic, 25.974_499_349_199_03, 1e-11);
        close(test.p_value, 9.655_380_488_704_018e-6, 1e-16);
        assert_eq!(test.degrees_of_freedom, 3);

        // A group that is never at risk when something happens changes nothing, wherever it stands.
        groups.insert(0, KaplanMeier::from_durations([(0, false)]));
        let with_nobody = LogRank::of(&groups).unwrap();
        close(with_nobody.statistic, test.statistic, 1e-11);
        assert_eq!(with_nobody.degrees_of_freedom, 3);
    }

    #[test]
    fn nothing_to_compare_is_no_test() {
        let curve = |days: &[(u32, bool)]| KaplanMeier::from_durations(days.iter().copied());
        assert_eq!(LogRank::of(&[]), None);
        assert_eq!(LogRank::of(&[curve(&[(1, true), (2, true)])]), None);
        assert_eq!(LogRank::of(&[curve(&[(1, false)]), curve(&[(2, false)])]), None);
        assert_eq!(LogRank::of(&[curve(&[(1, false)]), curve(&[(2, true)])]), None);
    }

    /// 5/6; · 3/4 = 5/8; · 2/3 = 5/12: one of three returns on day 20, and the one who leaves then is still at risk.
    #[test]
    fn the_worked_example() {
        let days = [(30, false), (20, false), (5, true), (12, true), (8, false), (20, true)];
        let curve = KaplanMeier::from_durations(days);
        assert_eq!(curve.survival(4), Some(1.0));
        close(curve.survival(5).unwrap(), 0.8333, 5e-5);
        close(curve.survival(12).unwrap(), 0.6250, 1e-15);
        close(curve.survival(20).unwrap(), 0.4167, 5e-5);
        // Dropping those who still wait would say 1/3 on day 12, and taking them for returned on their day 1/2.
        assert_eq!(curve.at_risk(20), 3);
        assert_eq!(curve.quantile(0.6), None);
        // lifelines 0.30.3: 0.141853 to 0.893051.
        let interval = curve.interval(12).unwrap();
        close(interval.low, 0.141_853, 5e-7);
        close(interval.high, 0.893_051, 5e-7);
    }

    #[test]
    fn counts_and_durations_are_one() {
        let mut events = vec![0; 36];
        let mut censored = vec![0; 40];
        for (week, event) in MERCAPTOPURINE {
            (if event { &mut events } else { &mut censored })[week as usize] += 1;
        }
        assert_eq!(KaplanMeier::from_counts(&events, &censored), remission()[0]);
    }

    /// Without censoring the estimate is the share that is left, to the last bit: no product, no rounding.
    #[test]
    fn quantiles_are_exact_where_the_share_is_reached_exactly() {
        let curve = KaplanMeier::from_counts(&[0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], &[]);
        for (share, day) in [(0.1, 1), (0.2, 2), (0.3, 3), (0.5, 5), (0.7, 7), (0.8, 8), (0.9, 9), (1.0, 10)]
        {
            assert_eq!(curve.quantile(share), Some(day));
            assert_eq!(curve.survival(day), Some(f64::from(10 - day) / 10.0));
        }
        for outside in [0.0, -1.0, 1.1, f64::NAN] {
            assert_eq!(curve.quantile(outside), None);
        }
    }

    #[test]
    fn nobody_says_nothing() {
        for curve in [KaplanMeier::from_counts(&[], &[]), KaplanMeier::from_durations([])] {
            assert_eq!((curve.survival(0), curve.median(), curve.at_risk(0)), (None, None, 0));
            assert_eq!(curve.rows(), 0);
        }
        // Watched for no full day.
        let curve = KaplanMeier::from_counts(&[], &[3]);
        assert_eq!((curve.survival(0), curve.survival(1)), (Some(1.0), None));
    }

    #[test]
    fn counts_of_any_size_are_no_panic() {
        let most = [u64::MAX, u64::MAX];
        let curve = KaplanMeier::from_counts(&most, &most);
        assert!(curve.survival(0).unwrap() >= curve.survival(1).unwrap());
        assert!(LogRank::of(&[curve.clone(), curve]).is_none_or(|test| test.p_value >= 0.0));
    }

    #[test]
    fn a_level_lies_between_0_and_1() {
        let [curve, _] = remission();
        assert_eq!(curve.clone().with_level(1.0).map_err(|e| e.code()), Err("invalid_level"));
        assert_eq!(curve.clone().with_level(0.95), Ok(curve));
    }
}
