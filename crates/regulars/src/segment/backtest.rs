//! Whether the segments are worth anything: classify on a day, and look at what came after.

use core::fmt;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::assessment::Segment;
use super::bootstrap::{Population, SplitMix64};
use super::rule::{SegmentRule, nth};
use super::segments::Segments;
use crate::calendar::{Day, boundary_day};
use crate::error::{Error, Result};
use crate::measure::{Average, Interval, Rate};
use crate::money::Money;
use crate::orders::{KeyVec, OrderHistory};
use crate::rfm::RfmOptions;
use crate::table::{Column, Columns, Values};

/// How [`SegmentRule::backtest`] finds its intervals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BacktestOptions {
    /// How many samples the bootstrap draws; 1000 unless told otherwise. Each is as large as the base of customers. Below 40
    /// there are no intervals.
    pub resamples: u32,
    /// Where the random numbers start. The same seed gives the same intervals.
    pub seed: u64,
}

impl Default for BacktestOptions {
    fn default() -> BacktestOptions {
        BacktestOptions { resamples: 1000, seed: 1 }
    }
}

/// What the customers of each segment did in the H days after they were classified, beside what simpler rules would have
/// known.
///
/// As [`Columns`] it has one row per segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Backtest {
    /// The day on which customers were classified, by what was known on its morning.
    pub at: NaiveDate,
    /// The day before which their purchases were counted: H days later.
    pub until: NaiveDate,
    /// H, the horizon, in days.
    pub horizon_days: u32,
    /// Whether the rule was fitted anew to what was known on that day, because it had been fitted to more.
    pub refitted: bool,
    /// Customers who bought in those days ÷ customers.
    pub active: Rate,
    /// What the customers brought in those days.
    pub revenue: Money,
    /// The four segments, best first.
    pub segments: Vec<BacktestSegment>,
    /// The rule beside simpler ones.
    pub scores: Vec<BacktestScore>,
    /// The outlook against what happened, by tenths of customers from the lowest outlook to the highest.
    pub calibration: Vec<CalibrationBin>,
}

/// What one segment did in a [`Backtest`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BacktestSegment {
    /// The segment.
    pub segment: Segment,
    /// Its customers ÷ all customers.
    pub share: Rate,
    /// Of its customers, those who bought.
    pub active: Rate,
    /// What they brought.
    pub revenue: Money,
    /// Per customer of the segment, active or not.
    pub revenue_per_customer: Average<Money>,
    /// The interval of that, by the bootstrap; `None` where fewer than 40 samples have a customer of the segment.
    pub revenue_per_customer_interval: Option<Interval>,
    /// Their part of what all customers brought; `None` where that is not above 0.
    pub revenue_share: Option<f64>,
    /// The interval of that, by the bootstrap; `None` where fewer than 40 samples have revenue.
    pub revenue_share_interval: Option<Interval>,
}

/// How well one rule knew who would buy, in a [`Backtest`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BacktestScore {
    /// `rule`, `recency`, `frequency`, `value` or `rfm`.
    pub score: &'static str,
    /// The probability that of one customer who bought and one who did not, the first has the higher score, half for
    /// equal ones: .5 knows nothing, 1 all. For the rule it is the outlook's. `None` where all or none bought.
    pub auc: Option<f64>,
    /// The mean squared difference between the predicted probability and what happened; less is better. Scores that are no
    /// probabilities take the share that bought of those with a like score H days before. `None` where the books are no
    /// older.
    pub brier: Option<f64>,
    /// The part of the revenue that came from the customers with the highest score, as many as there are stars; for the
    /// rule the stars themselves. `None` where there was no revenue.
    pub captured: Option<f64>,
}

/// One tenth of the customers by outlook.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CalibrationBin {
    /// Which, from 1 on. Equal outlooks are in one tenth, so that some may be missing.
    pub tenth: u32,
    /// The mean of their outlooks.
    pub predicted: f64,
    /// Those who bought ÷ its customers.
    pub observed: Rate,
}

/// What a customer did after the day of the test.
#[derive(Debug, Clone, Copy, Default)]
struct Outcome {
    active: bool,
    revenue: i64,
}

impl SegmentRule {
    /// Classifies the customers of a past day by what was known then, and looks at what they did in the H days from it on.
    ///
    /// A rule that was fitted to more than was known on that day is fitted anew, with the same options, to what was. Complaints
    /// carry no day, so that nobody is a problem for them here. Intervals
    /// are the middle 95 % of bootstrap samples: customers drawn with replacement by a generator with a fixed seed.
    ///
    /// # Errors
    /// [`Error::NotYetObserved`] where observation ends before the H days are over, [`Error::EmptyPeriod`] for a day before
    /// the first order, and whatever a fit can refuse.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{BacktestOptions, Currency, HistoryOptions, Money, Order, OrderHistory, SegmentOptions, SegmentRule};
    /// # let day = |day| NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
    /// # let order = |who: &str, on, usd: i64| Order::new(day(on), Money::from_minor(100 * usd, Currency::USD)).customer(who);
    /// let orders = [order("ann", 1, 80), order("ann", 5, 80), order("ann", 11, 70), order("bob", 2, 30), order("bob", 30, 5)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let mut options = SegmentOptions::default();
    /// options.outlook.horizon_days = Some(7);
    /// let rule = SegmentRule::fit(&history, &options)?;
    /// let test = rule.backtest(&history, day(10), &BacktestOptions::default())?;
    /// // From the 10th to the 16th Ann bought, and Bob did not.
    /// assert_eq!((test.active.numerator, test.active.denominator, test.revenue.to_f64()), (1, 2, 70.0));
    /// assert_eq!(test.scores[1].auc, Some(1.0)); // by recency Ann is ahead
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn backtest(
        &self,
        history: &OrderHistory,
        at: NaiveDate,
        options: &BacktestOptions,
    ) -> Result<Backtest> {
        let then = history.observe_until(Some(at))?;
        let refitted = self.fitted_on() > at;
        let mut rule = if refitted { SegmentRule::fit(&then, &self.options)? } else { self.clone() };
        // Nobody knows which of them were made by then.
        rule.options.complaints = u32::MAX;
        let horizon = rule.outlook.horizon_days;
        let needed = at.checked_add_days(Days::new(horizon.into())).unwrap_or(NaiveDate::MAX);
        if needed > history.observed_until() {
            return Err(Error::NotYetObserved { needed, until: history.observed_until() });
        }
        let segments = rule.classify(&then)?;
        let outcomes = outcomes(&segments, history, at, needed);
        let scores = Score::of(&segments, &then)?;
        // What the scores are worth in purchases, by the H days before.
        let earlier = match at
            .checked_sub_days(Days::new(horizon.into()))
            .map(|day| history.observe_until(Some(day)))
        {
            Some(Ok(earlier)) => {
                let segments = rule.classify(&earlier)?;
                let outcomes = self::outcomes(&segments, &then, earlier.observed_until(), at);
                Some((Score::of(&segments, &earlier)?, outcomes))
            }
            _ => None,
        };
        let stars = segments.segment.iter().filter(|&&segment| segment == Segment::Star).count();
        let total: i128 = outcomes.iter().map(|outcome| i128::from(outcome.revenue)).sum();
        let scores = scores.iter().zip(0..).map(|(score, at)| {
            let probabilities = match (score.name, &earlier) {
                ("rule", _) => Some(segments.outlook.clone()),
                (_, Some((scores, outcomes))) => {
                    scores.get(at).and_then(|earlier| score.probabilities(earlier, outcomes))
                }
                _ => None,
            };
            let captured = match score.name {
                "rule" => {
                    let of_stars =
                        segments.segment.iter().zip(&outcomes).filter(|(s, _)| **s == Segment::Star);
                    of_stars.map(|(_, outcome)| outcome.revenue as f64).sum()
                }
                _ => score.top(stars, &outcomes),
            };
            BacktestScore {
                score: score.name,
                auc: score.auc(&outcomes),
                brier: probabilities.and_then(|probabilities| brier(&probabilities, &outcomes)),
                captured: (total > 0).then(|| captured / total as f64),
            }
        });
        let active = outcomes.iter().filter(|outcome| outcome.active).count() as u64;
        Ok(Backtest {
            at,
            until: needed,
            horizon_days: horizon,
            refitted,
            active: Rate::of(active, outcomes.len() as u64),
            revenue: money(total, &rule),
            scores: scores.collect(),
            segments: by_segment(&segments, &outcomes, options),
            calibration: calibration(&segments.outlook, &outcomes),
        })
    }
}

fn money(minor: i128, rule: &SegmentRule) -> Money {
    // Sums of a history's amounts fit.
    Money::from_minor(i64::try_from(minor).unwrap_or(0), rule.currency)
}

/// What each customer of a classification did in the days from `from` up to but without `until`.
fn outcomes(segments: &Segments, history: &OrderHistory, from: NaiveDate, until: NaiveDate) -> Vec<Outcome> {
    let ledger = history.ledger();
    let days: core::ops::Range<Day> = boundary_day(from)..boundary_day(until);
    let mut outcomes = vec![Outcome::default(); segments.len()];
    KeyVec::join(&segments.keys, &ledger.keys, |row, customer| {
        // Who was paid back since is no longer in the books.
        let (Some(row), Some(customer)) = (row, customer) else { return };
        let rows = ledger.of(customer);
        let Some(outcome) = outcomes.get_mut(row) else { return };
        for (stamp, &net) in rows.stamps.iter().zip(rows.nets) {
            if days.contains(&stamp.day()) {
                outcome.active |= stamp.is_purchase();
                outcome.revenue += net;
            }
        }
    });
    outcomes
}

/// A number for every customer, the higher the likelier to buy.
struct Score {
    name: &'static str,
    of: Vec<i64>,
}

impl Score {
    fn of(segments: &Segments, history: &OrderHistory) -> Result<Vec<Score>> {
        let rfm = history.rfm(&RfmOptions::default())?.customers;
        let sum = |((&r, &f), &m): ((&u8, &u8), &u8)| i64::from(r) + i64::from(f) + i64::from(m);
        // The bits of floats that are not negative are in their order.
        let bits = |&outlook: &f64| i64::try_from(outlook.to_bits()).unwrap_or(i64::MAX);
        Ok(vec![
            Score { name: "rule", of: segments.outlook.iter().map(bits).collect() },
            Score {
                name: "recency",
                of: segments.silence_days.iter().map(|&days| -i64::from(days)).collect(),
            },
            Score { name: "frequency", of: segments.purchases.iter().map(|&count| count.into()).collect() },
            Score { name: "value", of: segments.value_minor.clone() },
            Score { name: "rfm", of: rfm.r.iter().zip(&rfm.f).zip(&rfm.m).map(sum).collect() },
        ])
    }

    /// The outcomes of customers with equal scores, from the lowest score up.
    fn ranked(&self, outcomes: &[Outcome]) -> Vec<(i64, Outcome)> {
        let mut ranked: Vec<(i64, Outcome)> = self.of.iter().copied().zip(outcomes.iter().copied()).collect();
        ranked.sort_by_key(|(score, _)| *score);
        ranked
    }

    fn auc(&self, outcomes: &[Outcome]) -> Option<f64> {
        let ranked = self.ranked(outcomes);
        // Twice the pairs in which the buyer has the higher score, once for equal ones.
        let (mut pairs, mut quiet_below) = (0_u128, 0_u128);
        for equal in ranked.chunk_by(|a, b| a.0 == b.0) {
            let active = equal.iter().filter(|(_, outcome)| outcome.active).count() as u128;
            let quiet = equal.len() as u128 - active;
            pairs += active * (2 * quiet_below + quiet);
            quiet_below += quiet;
        }
        let all = quiet_below * (ranked.len() as u128 - quiet_below);
        (all > 0).then(|| pairs as f64 / (2.0 * all as f64))
    }

    /// The revenue of so many customers with the highest scores; of those with equal scores at the edge a part each.
    fn top(&self, count: usize, outcomes: &[Outcome]) -> f64 {
        let ranked = self.ranked(outcomes);
        let (mut left, mut sum) = (count, 0.0);
        for equal in ranked.chunk_by(|a, b| a.0 == b.0).rev() {
            let revenue: i128 = equal.iter().map(|(_, outcome)| i128::from(outcome.revenue)).sum();
            let taken = left.min(equal.len());
            sum += revenue as f64 * (taken as f64 / equal.len() as f64);
            left -= taken;
            if left == 0 {
                break;
            }
        }
        sum
    }

    /// For each customer the share that bought of those in the same tenth of the earlier scores.
    fn probabilities(&self, earlier: &Score, outcomes: &[Outcome]) -> Option<Vec<f64>> {
        let ranked = earlier.ranked(outcomes);
        let active = |group: &[(i64, Outcome)]| group.iter().filter(|(_, o)| o.active).count() as f64;
        // From which score on a tenth begins, and the share that bought.
        let mut tenths: Vec<(i64, f64, usize, f64)> = Vec::new();
        let mut below = 0;
        for equal in ranked.chunk_by(|a, b| a.0 == b.0) {
            let tenth = 10 * below / ranked.len();
            below += equal.len();
            match tenths.last_mut() {
                Some(last) if last.2 == tenth => {
                    last.1 += active(equal);
                    last.3 += equal.len() as f64;
                }
                _ => tenths.push((equal.first()?.0, active(equal), tenth, equal.len() as f64)),
            }
        }
        let of = |score: &i64| {
            let at = tenths.partition_point(|tenth| tenth.0 <= *score).saturating_sub(1);
            tenths.get(at).map(|tenth| tenth.1 / tenth.3)
        };
        self.of.iter().map(of).collect()
    }
}

fn brier(probabilities: &[f64], outcomes: &[Outcome]) -> Option<f64> {
    let squares = probabilities.iter().zip(outcomes).map(|(p, outcome)| {
        let miss = p - f64::from(u8::from(outcome.active));
        miss * miss
    });
    (!outcomes.is_empty()).then(|| squares.sum::<f64>() / outcomes.len() as f64)
}

fn calibration(outlook: &[f64], outcomes: &[Outcome]) -> Vec<CalibrationBin> {
    let mut ranked: Vec<(f64, bool)> =
        outlook.iter().copied().zip(outcomes.iter().map(|outcome| outcome.active)).collect();
    ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut bins: Vec<(u32, f64, u64, u64)> = Vec::new();
    let mut below = 0;
    for equal in ranked.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let tenth = u32::try_from(10 * below / ranked.len()).unwrap_or(9) + 1;
        below += equal.len();
        if bins.last().is_none_or(|bin| bin.0 != tenth) {
            bins.push((tenth, 0.0, 0, 0));
        }
        if let Some(bin) = bins.last_mut() {
            bin.1 += equal.iter().map(|(outlook, _)| outlook).sum::<f64>();
            bin.2 += equal.iter().filter(|(_, active)| *active).count() as u64;
            bin.3 += equal.len() as u64;
        }
    }
    let bin = |(tenth, sum, active, customers): (u32, f64, u64, u64)| CalibrationBin {
        tenth,
        predicted: sum / customers as f64,
        observed: Rate::of(active, customers),
    };
    bins.into_iter().map(bin).collect()
}

fn by_segment(segments: &Segments, outcomes: &[Outcome], options: &BacktestOptions) -> Vec<BacktestSegment> {
    let customers = || segments.segment.iter().copied().zip(outcomes);
    let mut found = [(0_u64, 0_u64, 0_i128); 4];
    for (segment, outcome) in customers() {
        if let Some(sum) = found.get_mut(segment.place()) {
            sum.0 += 1;
            sum.1 += u64::from(outcome.active);
            sum.2 += i128::from(outcome.revenue);
        }
    }
    let unit = Money::from_minor(1, segments.rule.currency).to_f64();
    let population = Population::of(customers().map(|(segment, outcome)| (segment, outcome.revenue)));
    let mut random = SplitMix64(options.seed);
    let mut means: [Vec<f64>; 4] = Default::default();
    let mut shares: [Vec<f64>; 4] = Default::default();
    for _ in 0..options.resamples {
        let sample = population.sample(&mut random);
        let all: i128 = sample.iter().map(|drawn| drawn.revenue).sum();
        for ((drawn, means), shares) in sample.iter().zip(&mut means).zip(&mut shares) {
            if drawn.customers > 0 {
                means.push(drawn.revenue as f64 * unit / drawn.customers as f64);
            }
            if all > 0 {
                shares.push(drawn.revenue as f64 / all as f64);
            }
        }
    }
    let all: i128 = found.iter().map(|sum| sum.2).sum();
    let mut rows = Vec::with_capacity(4);
    for (((segment, sum), means), shares) in Segment::ALL.into_iter().zip(found).zip(means).zip(shares) {
        let revenue = money(sum.2, &segments.rule);
        rows.push(BacktestSegment {
            segment,
            share: Rate::of(sum.0, outcomes.len() as u64),
            active: Rate::of(sum.1, sum.0),
            revenue,
            revenue_per_customer: Average::new(revenue, sum.0),
            revenue_per_customer_interval: middle(means),
            revenue_share: (all > 0).then(|| sum.2 as f64 / all as f64),
            revenue_share_interval: middle(shares),
        });
    }
    rows
}

/// The middle 95 % of samples; `None` where they are too few for one of them to lie outside on each side.
fn middle(mut samples: Vec<f64>) -> Option<Interval> {
    let outside = Some(samples.len() / 40).filter(|&outside| outside > 0)?;
    let last = samples.len() - 1;
    let mut at = |place| nth(&mut samples, place, f64::total_cmp);
    let (low, high) = (at(outside)?, at(last - outside)?);
    Some(Interval { low, high, level: Interval::DEFAULT_LEVEL })
}

/// Three tables: segments, scores, calibration.
impl fmt::Display for Backtest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share =
            |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{:.1} %", 100.0 * value));
        let span = |interval: Option<Interval>, scale: f64, digits: usize| {
            let text = |i: Interval| format!("{:.digits$}–{:.digits$}", scale * i.low, scale * i.high);
            interval.map_or("–".to_owned(), text)
        };
        let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
        writeln!(
            f,
            "Classified on {} by what was known then; the {} days from then on. {} of {} customers bought, for {}.\n",
            self.at, self.horizon_days, self.active.numerator, self.active.denominator, self.revenue
        )?;
        writeln!(
            f,
            "{:<14}{:>10}{:>9}{:>9}{:>14}{:>19}{:>10}{:>12}",
            "segment", "customers", "share", "active", "revenue each", "95 %", "revenue", "95 %"
        )?;
        for s in &self.segments {
            let each = s.revenue_per_customer.value.map_or("–".to_owned(), |value| format!("{value:.2}"));
            writeln!(
                f,
                "{:<14}{:>10}{:>9}{:>9}{:>14}{:>19}{:>10}{:>12}",
                s.segment,
                s.share.numerator,
                share(s.share.value),
                share(s.active.value),
                each,
                span(s.revenue_per_customer_interval, 1.0, 2),
                share(s.revenue_share),
                span(s.revenue_share_interval, 100.0, 1)
            )?;
        }
        writeln!(f, "\n{:<14}{:>8}{:>8}{:>26}", "score", "AUC", "Brier", "revenue of its best")?;
        for s in &self.scores {
            writeln!(
                f,
                "{:<14}{:>8}{:>8}{:>26}",
                s.score,
                number(s.auc),
                number(s.brier),
                share(s.captured)
            )?;
        }
        writeln!(f, "\n{:<14}{:>10}{:>12}{:>10}", "tenth", "customers", "predicted", "bought")?;
        for bin in &self.calibration {
            let observed = &bin.observed;
            writeln!(
                f,
                "{:<14}{:>10}{:>12}{:>10}",
                bin.tenth,
                observed.denominator,
                share(Some(bin.predicted)),
                share(observed.value)
            )?;
        }
        Ok(())
    }
}

impl Columns for Backtest {
    fn rows(&self) -> usize {
        self.segments.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.segments.iter();
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let names = all().map(|s| s.segment.name().into()).collect();
        vec![
            Column::new("segment", Values::Text(names)),
            Column::i64("customers", all().map(|s| count(s.share.numerator))),
            Column::f64("share", all().map(|s| s.share.value)),
            Column::i64("active_customers", all().map(|s| count(s.active.numerator))),
            Column::f64("active", all().map(|s| s.active.value)),
            Column::money("revenue", all().map(|s| s.revenue)),
            Column::f64("revenue_per_customer", all().map(|s| s.revenue_per_customer.value)),
            Column::f64("low", all().map(|s| s.revenue_per_customer_interval.map(|i| i.low))),
            Column::f64("high", all().map(|s| s.revenue_per_customer_interval.map(|i| i.high))),
            Column::f64("revenue_share", all().map(|s| s.revenue_share)),
        ]
    }
}
