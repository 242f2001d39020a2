//! The time between purchases against a computation that writes every gap down and sorts them, and what must hold for
//! any of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use regulars::{
    HistoryOptions, Interval, KaplanMeier, LogRank, OrderHistory, PurchaseFunnelOptions, Rate,
    TimeBetweenPurchases, TimeBetweenPurchasesOptions, TimeToSecondPurchaseOptions,
};
use regulars_tests::{Reference, history_of, many_orders, options, orders};

type Occasions = BTreeMap<String, Vec<NaiveDate>>;

/// A duration in days, and whether it ended with the event.
type Duration = (u32, bool);

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-11, "{found} is not {expected}");
}

/// S(day) as the definition reads, and Greenwood's sum.
fn survival(durations: &[Duration], day: u32) -> (f64, f64) {
    let days: BTreeSet<u32> =
        durations.iter().filter(|(at, event)| *event && *at <= day).map(|d| d.0).collect();
    days.into_iter().fold((1.0, 0.0), |(share, greenwood), day| {
        let at_risk = durations.iter().filter(|(at, _)| *at >= day).count() as f64;
        let events = durations.iter().filter(|d| **d == (day, true)).count() as f64;
        (share * (1.0 - events / at_risk), greenwood + events / (at_risk * (at_risk - events)))
    })
}

/// The first day by which the event has happened for a share of `p`.
fn quantile(durations: &[Duration], p: f64) -> Option<u32> {
    let last = durations.iter().map(|d| d.0).max()?;
    (0..=last).find(|&day| 1.0 - survival(durations, day).0 >= p - 1e-9)
}

#[track_caller]
fn check_curve(curve: &KaplanMeier, durations: &[Duration], level: f64, z: f64) {
    assert_eq!(curve.subjects, durations.len() as u64);
    assert_eq!(curve.events, durations.iter().filter(|d| d.1).count() as u64);
    let last = durations.iter().map(|d| d.0).max();
    for day in 0..=last.map_or(2, |last| last + 2) {
        let (share, greenwood) = survival(durations, day);
        let known = last.is_some_and(|last| day <= last) || (last.is_some() && share < 1e-12);
        let found = curve.survival(day);
        assert_eq!(found.is_some(), known, "{day}");
        assert_eq!(curve.at_risk(day), durations.iter().filter(|d| d.0 >= day).count() as u64);
        let Some(found) = found else { continue };
        close(found, share);
        let interval = curve.interval(day);
        assert_eq!(interval.is_some(), known && share > 1e-12 && share < 1.0, "{day}");
        if let Some(Interval { low, high, level: given, .. }) = interval {
            // log(−log S) ± z · √(Greenwood's sum) ÷ |log S|, taken back.
            let centre = (-share.ln()).ln();
            let reach = z * greenwood.sqrt() / share.ln().abs();
            close(low, (-(centre + reach).exp()).exp());
            close(high, (-(centre - reach).exp()).exp());
            close(given, level);
            assert!(0.0 <= low && low <= found && found <= high && high <= 1.0);
        }
    }
    for p in [0.01, 0.25, 0.5, 0.8, 0.9, 1.0] {
        assert_eq!(curve.quantile(p), quantile(durations, p), "{p}");
    }
    assert_eq!(curve.median(), curve.quantile(0.5));
}

#[track_caller]
fn check_rate(rate: Rate, part: usize, whole: usize) {
    assert_eq!((rate.numerator, rate.denominator), (part as u64, whole as u64));
}

fn days(from: NaiveDate, to: NaiveDate) -> u32 {
    u32::try_from((to - from).num_days()).unwrap()
}

/// Everything of the family, from lists of days.
#[track_caller]
fn check(history: &OrderHistory, occasions: &Occasions, options: &HistoryOptions, bin: u32, within: u32) {
    let last = history.observed_until().pred_opt().unwrap();
    let mut gaps: Vec<u32> = Vec::new();
    let mut all: Vec<Duration> = Vec::new();
    for bought in occasions.values() {
        gaps.extend(bought.windows(2).map(|pair| days(pair[0], pair[1])));
        all.push((days(bought[bought.len() - 1], last), false));
    }
    all.extend(gaps.iter().map(|&gap| (gap, true)));
    gaps.sort_unstable();

    let between = between(history, bin);
    assert_eq!(between.customers, occasions.len() as u64);
    assert_eq!(between.one_time_customers, occasions.values().filter(|o| o.len() == 1).count() as u64);
    assert_eq!(between.gaps, gaps.len() as u64);
    let total: u64 = gaps.iter().map(|&gap| u64::from(gap)).sum();
    assert_eq!((between.mean.total, between.mean.count), (total, gaps.len() as u64));
    for (found, percent) in [(between.median, 50), (between.p80, 80), (between.p90, 90)] {
        assert_eq!(found, (!gaps.is_empty()).then(|| gaps[(percent * gaps.len()).div_ceil(100) - 1]));
    }
    let longest = gaps.last().copied().unwrap_or(0);
    assert_eq!(between.histogram.len(), longest.div_ceil(bin) as usize);
    for (at, bar) in (0..).zip(&between.histogram) {
        assert_eq!((bar.start, bar.end), (1 + at * bin, 1 + (at + 1) * bin));
        assert_eq!(bar.gaps, gaps.iter().filter(|&&gap| bar.start <= gap && gap < bar.end).count() as u64);
    }
    check_curve(&between.curve, &all, 0.95, 1.959_963_984_540_054);
    let corrected = [between.corrected_median, between.corrected_p80, between.corrected_p90];
    assert_eq!(corrected, [0.5, 0.8, 0.9].map(|p| quantile(&all, p)));

    let believed: Vec<&Vec<NaiveDate>> = occasions
        .values()
        .filter(|bought| match options.history_starts {
            None => true,
            Some(books) => (bought[0] - books).num_days() >= i64::from(options.warm_up_days),
        })
        .collect();
    let left_out = (occasions.len() - believed.len()) as u64;

    let mut funnel = PurchaseFunnelOptions::default();
    funnel.within_days = within;
    let found = history.purchase_funnel(&funnel);
    assert_eq!((found.left_out, found.within_days), (left_out, within));
    let most = believed.iter().map(|bought| bought.len()).max().unwrap_or(0);
    assert_eq!(found.steps.len(), most.min(10));
    for (k, step) in (1..).zip(&found.steps) {
        let reached: Vec<_> = believed.iter().filter(|bought| bought.len() >= k).collect();
        assert_eq!(step.purchases as usize, k);
        check_rate(step.next, reached.iter().filter(|bought| bought.len() > k).count(), reached.len());
        let observed: Vec<_> = reached.iter().filter(|bought| days(bought[k - 1], last) >= within).collect();
        let soon = |bought: &&&&&Vec<NaiveDate>| {
            bought.get(k).is_some_and(|&day| days(bought[k - 1], day) <= within)
        };
        check_rate(step.next_within, observed.iter().filter(soon).count(), observed.len());
    }

    let first: Vec<Duration> = believed
        .iter()
        .map(|bought| match bought[..] {
            [first, second, ..] => (days(first, second), true),
            _ => (days(bought[0], last), false),
        })
        .collect();
    let mut second = TimeToSecondPurchaseOptions::default();
    second.days = vec![0, 1, 30, 7, 60, within];
    second.level = 0.9;
    let found = history.time_to_second_purchase(&second).unwrap();
    assert_eq!(found.left_out, left_out);
    assert_eq!((found.customers, found.returned), (found.curve.subjects, found.curve.events));
    check_curve(&found.curve, &first, 0.9, 1.644_853_626_951_472_2);
    assert_eq!(found.median, quantile(&first, 0.5));
    assert_eq!(found.returned_by.iter().map(|by| by.days).collect::<Vec<_>>(), second.days);
    for by in found.returned_by {
        assert_eq!(by.share, found.curve.survival(by.days).map(|waiting| 1.0 - waiting));
        assert_eq!(by.at_risk, found.curve.at_risk(by.days));
        assert_eq!(by.interval.is_some(), found.curve.interval(by.days).is_some());
        if let (Some(share), Some(interval)) = (by.share, by.interval) {
            assert!(
                0.0 <= interval.low
                    && interval.low <= share
                    && share <= interval.high
                    && interval.high <= 1.0
            );
        }
    }
}

fn between(history: &OrderHistory, bin: u32) -> TimeBetweenPurchases {
    let mut options = TimeBetweenPurchasesOptions::default();
    options.bin_days = bin.try_into().unwrap();
    history.time_between_purchases(&options)
}

fn occasions(reference: &Reference) -> Occasions {
    let days = |(who, days): (&str, BTreeSet<NaiveDate>)| (who.to_owned(), days.into_iter().collect());
    reference.occasions().into_iter().map(days).collect()
}

fn durations(most: usize) -> impl Strategy<Value = Vec<Duration>> {
    prop::collection::vec((0_u32..30, any::<bool>()), 0..most)
}

fn curve(durations: &[Duration]) -> KaplanMeier {
    KaplanMeier::from_durations(durations.iter().copied())
}

/// Positions are days: how many ended so, and how many were censored.
fn counts(durations: &[Duration]) -> [Vec<u64>; 2] {
    [true, false].map(|kind| {
        let count = |day| durations.iter().filter(|d| **d == (day, kind)).count() as u64;
        (0..30).map(count).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn figures_are_those_of_the_obvious_computation(orders in orders(60), options in options(), bin in 1_u32..40, within in 0_u32..100) {
        let history = history_of(&orders, &options).unwrap();
        check(&history, &occasions(&Reference::new(&orders, &options)), &options, bin, within);
    }

    #[test]
    fn so_are_those_of_an_earlier_end(orders in orders(60), options in options(), after in 1_u64..120, within in 0_u32..100) {
        let mut options = options;
        let end = history_of(&orders, &options).unwrap().span().start() + Days::new(after);
        options.observed_until = Some(end);
        let history = history_of(&orders, &options).unwrap();
        check(&history, &occasions(&Reference::new(&orders, &options)), &options, 7, within);
    }

    #[test]
    fn parts_sum_to_the_whole(orders in orders(60), options in options(), within in 0_u32..60) {
        let history = history_of(&orders, &options).unwrap();
        let summary = history.summary();
        let between = between(&history, 5);
        prop_assert_eq!(between.gaps, summary.purchases - summary.customers);
        prop_assert_eq!(between.customers, summary.customers);
        prop_assert_eq!((between.curve.subjects, between.curve.events), (summary.purchases, between.gaps));
        prop_assert_eq!(between.histogram.iter().map(|bar| bar.gaps).sum::<u64>(), between.gaps);

        let mut funnel = PurchaseFunnelOptions::default();
        funnel.steps = 1000;
        funnel.within_days = within;
        let funnel = history.purchase_funnel(&funnel);
        let mut second = TimeToSecondPurchaseOptions::default();
        second.days = vec![within];
        let second = history.time_to_second_purchase(&second).unwrap();
        prop_assert_eq!(second.customers + second.left_out, summary.customers);
        for (step, next) in funnel.steps.iter().zip(funnel.steps.iter().skip(1)) {
            prop_assert_eq!(step.next.numerator, next.next.denominator);
        }
        if let Some(first) = funnel.steps.first() {
            prop_assert_eq!((first.next.numerator, first.next.denominator), (second.returned, second.customers));
            // Where all were observed for as long, nothing has to be estimated.
            if first.next_within.denominator == second.customers {
                close(second.returned_by[0].share.unwrap(), first.next_within.value.unwrap());
            }
        }
        for step in &funnel.steps {
            prop_assert!(step.next_within.numerator <= step.next.numerator);
            prop_assert!(step.next_within.denominator <= step.next.denominator);
        }
        if options.history_starts.is_none() {
            prop_assert_eq!(funnel.steps.iter().map(|step| step.next.numerator).sum::<u64>(), between.gaps);
        }
    }

    #[test]
    fn estimates_are_those_of_the_obvious_computation(durations in durations(60)) {
        check_curve(&curve(&durations), &durations, 0.95, 1.959_963_984_540_054);
    }

    #[test]
    fn estimates_fall_from_one_to_zero_and_nowhere_rise(durations in durations(300)) {
        let curve = curve(&durations);
        let known: Vec<f64> = (0..40).map_while(|day| curve.survival(day)).collect();
        prop_assert!(known.iter().all(|share| (0.0..=1.0).contains(share)));
        prop_assert!(known.is_sorted_by(|a, b| a >= b));
        let ends: Vec<u32> = (1..=20).map_while(|p| curve.quantile(f64::from(p) / 20.0)).collect();
        prop_assert!(ends.is_sorted());
    }

    #[test]
    fn without_censoring_it_is_the_share_that_is_left(days in prop::collection::vec(0_u32..30, 1..200)) {
        let curve = KaplanMeier::from_durations(days.iter().map(|&day| (day, true)));
        for day in 0..32 {
            let left = days.iter().filter(|&&at| at > day).count();
            prop_assert_eq!(curve.survival(day), Some(left as f64 / days.len() as f64));
        }
    }

    #[test]
    fn rows_may_come_in_any_order_and_in_parts((durations, shuffled) in durations(60).prop_flat_map(|d| (Just(d.clone()), Just(d).prop_shuffle())), cut in any::<prop::sample::Index>()) {
        let whole = curve(&durations);
        prop_assert_eq!(&whole, &curve(&shuffled));
        let (left, right) = shuffled.split_at(cut.index(shuffled.len() + 1));
        let [left, right] = [counts(left), counts(right)];
        let sum = |kind: usize| -> Vec<u64> { left[kind].iter().zip(&right[kind]).map(|(a, b)| a + b).collect() };
        prop_assert_eq!(&whole, &KaplanMeier::from_counts(&sum(0), &sum(1)));
    }

    /// Of two groups, χ² is (O − E)² ÷ V of either.
    #[test]
    fn two_groups_are_compared_as_the_textbook_does(left in durations(40), right in durations(40)) {
        let both = [&left[..], &right[..]].concat();
        let (mut excess, mut variance) = (0.0, 0.0);
        for day in 0..30 {
            let at_risk = |group: &[Duration]| group.iter().filter(|d| d.0 >= day).count() as f64;
            let events = |group: &[Duration]| group.iter().filter(|d| **d == (day, true)).count() as f64;
            let (n, d, here) = (at_risk(&both), events(&both), at_risk(&left));
            if n > 0.0 {
                excess += events(&left) - d * here / n;
            }
            if n > 1.0 {
                variance += d * (here / n) * (1.0 - here / n) * (n - d) / (n - 1.0);
            }
        }
        let groups = [curve(&left), curve(&right)];
        let test = LogRank::of(&groups);
        prop_assert_eq!(test.is_some(), variance > 1e-9);
        if let Some(test) = test {
            prop_assert!((test.statistic - excess * excess / variance).abs() <= 1e-9 * (1.0 + test.statistic));
            prop_assert_eq!(test.degrees_of_freedom, 1);
            prop_assert!((0.0..=1.0).contains(&test.p_value));
            close(test.groups[0].observed as f64 - test.groups[0].expected, excess);
        }
    }

    #[test]
    fn groups_may_stand_in_any_order((groups, shuffled) in prop::collection::vec(durations(30), 0..6).prop_flat_map(|g| (Just(g.clone()), Just(g).prop_shuffle()))) {
        let [one, other] = [groups, shuffled].map(|groups| {
            LogRank::of(&groups.iter().map(|group| curve(group)).collect::<Vec<_>>())
        });
        prop_assert_eq!(one.is_some(), other.is_some());
        if let (Some(one), Some(other)) = (one, other) {
            prop_assert_eq!(one.degrees_of_freedom, other.degrees_of_freedom);
            prop_assert!((one.statistic - other.statistic).abs() <= 1e-8 * (1.0 + one.statistic));
            let sums = |test: &LogRank| (test.groups.iter().map(|g| g.observed).sum::<u64>(), test.groups.iter().map(|g| g.expected).sum::<f64>());
            close(sums(&one).0 as f64, sums(&one).1);
            prop_assert_eq!(sums(&one).0, sums(&other).0);
        }
    }
}

/// Enough rows for several threads where the feature `parallel` is on.
#[test]
fn threads_change_nothing() {
    let orders = many_orders(200_000);
    let options = HistoryOptions::new(regulars::Currency::USD);
    let history = history_of(&orders, &options).unwrap();
    let occasions = occasions(&Reference::new(&orders, &options));
    let last = history.observed_until().pred_opt().unwrap();
    let gaps =
        occasions.values().flat_map(|bought| bought.windows(2)).map(|pair| u64::from(days(pair[0], pair[1])));
    let found = between(&history, 7);
    assert_eq!((found.mean.total, found.gaps), (gaps.clone().sum(), gaps.count() as u64));
    let open: BTreeMap<u32, u64> = occasions.values().fold(BTreeMap::new(), |mut open, bought| {
        *open.entry(days(bought[bought.len() - 1], last)).or_default() += 1;
        open
    });
    let censored = found.curve.steps.iter().filter(|step| step.censored > 0);
    assert_eq!(censored.map(|step| (step.day, step.censored)).collect::<BTreeMap<_, _>>(), open);
    let steps = history.purchase_funnel(&PurchaseFunnelOptions::default()).steps;
    for (k, step) in (1..).zip(&steps) {
        let reached = |k| occasions.values().filter(|bought| bought.len() >= k).count();
        check_rate(step.next, reached(k + 1), reached(k));
    }
}
