//! Outlook, segments and what is made of them against a computation that goes over all gaps for every question, and what must
//! hold for any shop.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "tests fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use regulars::{
    Action, Audience, BacktestOptions, Currency, Customer, CustomerKey, Flag, HistoryOptions, Migration,
    Money, Order, OrderHistory, Outlook, Reason, Segment, SegmentOptions, SegmentRule, Segments, ValueBasis,
    ValueCut,
};
use regulars_tests::{Reference, history_of, many_orders, options, orders};

/// A gap after the k-th purchase: k, the days before it, its own, and whether it has ended.
type Gap = (usize, i64, i64, bool);

/// The gaps of a shop, and what is asked of them.
struct Naive {
    gaps: Vec<Gap>,
    at_risk: usize,
    horizon: i64,
    /// From which mean gap on the next group begins, for k = 1, 2, 3, 4.
    cuts: [Vec<i64>; 4],
}

fn days_between(from: NaiveDate, to: NaiveDate) -> i64 {
    (to - from).num_days()
}

/// The smallest of the values that at least so many percent do not exceed.
fn percentile(values: &[i64], percent: usize) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get((percent * sorted.len()).div_ceil(100).max(1) - 1).copied()
}

impl Naive {
    fn new(
        occasions: &BTreeMap<&str, BTreeSet<NaiveDate>>,
        until: NaiveDate,
        options: &SegmentOptions,
    ) -> Naive {
        let mut gaps: Vec<Gap> = Vec::new();
        for days in occasions.values() {
            let days: Vec<NaiveDate> = days.iter().copied().collect();
            for (i, &day) in days.iter().enumerate() {
                let span = days_between(days[0], day);
                gaps.push(match days.get(i + 1) {
                    Some(&next) => (i + 1, span, days_between(day, next), true),
                    None => (i + 1, span, days_between(day, until) - 1, false),
                });
            }
        }
        let ended: Vec<i64> = gaps.iter().filter(|gap| gap.3).map(|gap| gap.2).collect();
        let given = options.outlook.horizon_days.map(i64::from);
        let horizon = given.or_else(|| percentile(&ended, 80)).unwrap_or(30);
        let cuts = [1, 2, 3, 4].map(|stratum| {
            let of: Vec<&Gap> = gaps.iter().filter(|gap| gap.0.min(4) == stratum).collect();
            let ended = of.iter().filter(|gap| gap.3).count() as u64;
            if stratum == 1 || ended < 5 * options.outlook.gaps_per_fifth {
                return Vec::new();
            }
            let means: Vec<i64> = of.iter().map(|gap| gap.1 / (i64::try_from(gap.0).unwrap() - 1)).collect();
            let most = *means.iter().max().unwrap();
            let mut cuts: Vec<i64> = [20, 40, 60, 80]
                .iter()
                .map(|&p| percentile(&means, p).unwrap())
                .filter(|&m| m < most)
                .collect();
            cuts.dedup();
            cuts.into_iter().map(|mean| mean + 1).collect()
        });
        Naive { gaps, at_risk: usize::try_from(options.outlook.at_risk).unwrap(), horizon, cuts }
    }

    fn group(&self, purchases: usize, span: i64) -> usize {
        let between = i64::try_from(purchases).unwrap() - 1;
        self.cuts[purchases.min(4) - 1].iter().filter(|&&cut| between > 0 && span >= cut * between).count()
    }

    /// The gaps of those alike at any pace and at the own one, and how many have to be at risk: all gaps where the former are
    /// too few, and one where those are.
    fn alike(&self, purchases: usize, span: i64) -> (Vec<Gap>, Vec<Gap>, usize, bool) {
        let group = self.group(purchases, span);
        let of =
            |wanted: &dyn Fn(&Gap) -> bool| self.gaps.iter().copied().filter(wanted).collect::<Vec<Gap>>();
        let stratum = of(&|gap| gap.0.min(4) == purchases.min(4));
        let own = of(&|gap| gap.0.min(4) == purchases.min(4) && self.group(gap.0, gap.1) == group);
        if stratum.len() >= self.at_risk {
            (stratum, own, self.at_risk, true)
        } else if self.gaps.len() >= self.at_risk {
            (self.gaps.clone(), self.gaps.clone(), self.at_risk, true)
        } else {
            (self.gaps.clone(), self.gaps.clone(), 1, false)
        }
    }

    /// The outlook, and whether it is supported.
    fn outlook(&self, purchases: usize, span: i64, silence: i64) -> (f64, bool) {
        let (stratum, own, wanted, enough) = self.alike(purchases, span);
        // By day, how many gaps end there, and how many are still open.
        let by_day = |gaps: &[Gap]| {
            let mut by_day: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
            for gap in gaps {
                let day = by_day.entry(gap.2).or_default();
                *(if gap.3 { &mut day.0 } else { &mut day.1 }) += 1;
            }
            by_day
        };
        let (stratum, own) = (by_day(&stratum), by_day(&own));
        let at_risk = |of: &BTreeMap<i64, (usize, usize)>, day: i64| {
            of.range(day..).map(|(_, (ended, open))| ended + open).sum::<usize>() as f64
        };
        let ended =
            |of: &BTreeMap<i64, (usize, usize)>, day: i64| of.get(&day).map_or(0.0, |day| day.0 as f64);
        // As many of the stratum as are wanted count beside the own.
        let weight = wanted as f64;
        let last = stratum.keys().copied().rfind(|&day| at_risk(&stratum, day) >= weight).unwrap();
        let survival = |until: i64| -> f64 {
            let left = stratum.range(..=until).map(|(&day, _)| {
                let of_stratum = ended(&stratum, day) / at_risk(&stratum, day);
                1.0 - (ended(&own, day) + weight * of_stratum) / (at_risk(&own, day) + weight)
            });
            left.product()
        };
        let plain = |age: i64| 1.0 - survival((age + self.horizon).min(last)) / survival(age);
        let edge = (last - self.horizon).max(0);
        if silence <= edge {
            return (plain(silence), enough && last >= self.horizon);
        }
        let reach = |age: i64| ((age + 2 * self.horizon) as f64 / (age + self.horizon) as f64).ln();
        (1.0 - (1.0 - plain(edge)).max(1e-9).powf(reach(silence) / reach(edge)), false)
    }
}

/// Options under which small shops have something to say.
fn segment_options() -> impl Strategy<Value = SegmentOptions> {
    let outlook = (prop::option::of(1_u32..60), 1_u64..8, 1_u64..4);
    (outlook, prop::option::of(1_u32..150), 0.2_f64..=1.0, 1_u32..4).prop_map(
        |((horizon, at_risk, gaps), window, share, orders)| {
            let mut options = SegmentOptions::default();
            options.outlook.horizon_days = horizon;
            options.outlook.at_risk = at_risk;
            options.outlook.gaps_per_fifth = gaps;
            options.window_days = window;
            options.value = Some(ValueBasis::Revenue);
            options.refund_share = share;
            options.refund_orders = orders;
            options
        },
    )
}

fn key(text: &str) -> CustomerKey {
    CustomerKey::new(text).unwrap()
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-9
}

/// Compares every assessment with the obvious computation.
fn check(history: &OrderHistory, reference: &Reference, options: &SegmentOptions) {
    let rule = SegmentRule::fit(history, options).unwrap();
    let segments = rule.classify(history).unwrap();
    let (_, until) = reference.span();
    let occasions = reference.occasions();
    let books = reference.books();
    let naive = Naive::new(&occasions, until, options);
    assert_eq!(i64::from(rule.outlook.horizon_days), naive.horizon);

    let within =
        |day: NaiveDate| options.window_days.is_none_or(|days| days_between(day, until) <= i64::from(days));
    let value = |who: &str| books[who].iter().filter(|row| within(row.0)).map(|row| row.1).sum::<i64>();
    let recent: Vec<i64> = occasions
        .iter()
        .filter(|(_, days)| days.iter().any(|&day| within(day)))
        .map(|(who, _)| value(who))
        .collect();
    let mean = recent.iter().sum::<i64>() as f64 / recent.len() as f64;
    let cut = if recent.is_empty() { 0.0 } else { mean.ceil() };
    assert_eq!(rule.value_cut.minor() as f64, cut);

    let outlook = |days: &BTreeSet<NaiveDate>| {
        let (first, last) = (*days.first().unwrap(), *days.last().unwrap());
        naive.outlook(days.len(), days_between(first, last), days_between(last, until) - 1)
    };
    let then = until.checked_sub_days(Days::new(naive.horizon.unsigned_abs()));
    let known: Vec<_> =
        occasions.values().filter(|days| then.is_some_and(|then| *days.first().unwrap() < then)).collect();
    let returned = known.iter().filter(|days| then.is_some_and(|then| *days.last().unwrap() >= then)).count();
    let outlook_cut = if known.is_empty() {
        occasions.values().map(|days| outlook(days).0).sum::<f64>() / occasions.len().max(1) as f64
    } else {
        returned as f64 / known.len() as f64
    };
    assert!(near(rule.outlook_cut, outlook_cut), "{} for {outlook_cut}", rule.outlook_cut);

    // Every buyer once, and nobody else.
    assert_eq!(segments.len(), occasions.len());
    let found: BTreeSet<String> =
        (0..segments.len()).map(|row| segments.key(row).unwrap().to_string()).collect();
    assert_eq!(found, occasions.keys().map(ToString::to_string).collect());
    assert_eq!(
        segments.counts().iter().map(|count| count.share.numerator).sum::<u64>(),
        occasions.len() as u64
    );

    for (who, days) in &occasions {
        let assessment = segments.explain(&key(who)).unwrap();
        let (probability, supported) = outlook(days);
        assert!(near(assessment.outlook, probability), "{who}: {} for {probability}", assessment.outlook);
        assert_eq!(assessment.flags.contains(&regulars::Flag::ThinOutlook), !supported, "{who}");
        assert_eq!(assessment.value.minor(), value(who), "{who}");
        let own = || reference.sold().filter(|sold| sold.0 == Some(*who) && within(sold.1));
        let credits: i64 = books[who].iter().filter(|row| !row.2 && within(row.0)).map(|row| -row.1).sum();
        let (sold, back): (i64, i64) =
            own().map(|sold| (sold.2, sold.3)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let enough = own().count() >= options.refund_orders as usize;
        let dissatisfied =
            sold > 0 && enough && (back + credits) as f64 >= options.refund_share * sold as f64;
        if near(probability, outlook_cut) || near(probability, 0.0) {
            continue;
        }
        let valuable = value(who) as f64 >= cut && value(who) > 0;
        let (segment, reason) = match (valuable, probability > outlook_cut) {
            _ if dissatisfied => (Segment::Problem, Reason::Dissatisfied),
            _ if value(who) < 0 => (Segment::Problem, Reason::Costly),
            (true, true) => (Segment::Star, Reason::Thriving),
            (true, false) => (Segment::Productive, Reason::Fading),
            (false, true) => (Segment::QuestionMark, Reason::Promising),
            (false, false) => (Segment::Problem, Reason::Dormant),
        };
        assert_eq!((assessment.segment, assessment.reason), (segment, reason), "{who}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_assessment_is_that_of_the_obvious_computation(orders in orders(60), options in options(), segmenting in segment_options()) {
        let history = history_of(&orders, &options).unwrap();
        check(&history, &Reference::new(&orders, &options), &segmenting);
    }

    /// A rule that is kept says the same of the same facts, and leaves JSON as it was.
    #[test]
    fn a_kept_rule_says_the_same(orders in orders(60), options in options(), segmenting in segment_options(), after in 1_u64..140) {
        let history = history_of(&orders, &options).unwrap();
        let rule = SegmentRule::fit(&history, &segmenting).unwrap();
        let json = serde_json::to_string(&rule).unwrap();
        let kept: SegmentRule = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&kept, &rule);
        prop_assert_eq!(kept.classify(&history).unwrap(), rule.classify(&history).unwrap());
        // Facts of another day, by cuts of this one.
        let then = history.observe_until(Some(history.span().start() + Days::new(after))).unwrap();
        let segments = kept.classify(&then).unwrap();
        prop_assert_eq!(segments.rule.value_cut, rule.value_cut);
        prop_assert_eq!(rule.classify_after(&then, &segments).unwrap(), segments);
    }

    /// A larger order makes a customer no less valuable.
    #[test]
    fn more_money_never_lowers_a_value(orders in orders(40), options in options(), segmenting in segment_options(), which in any::<prop::sample::Index>(), more in 1_i64..500) {
        let history = history_of(&orders, &options).unwrap();
        let rule = SegmentRule::fit(&history, &segmenting).unwrap();
        let at = which.index(orders.len());
        let mut richer = orders.clone();
        // The repeats of an order are that order.
        for order in &mut richer {
            let same = order.id.is_some() && order.id == orders[at].id || *order == orders[at];
            if same && order.amount > 0 {
                order.amount += more;
            }
        }
        let richer = history_of(&richer, &options).unwrap();
        let (before, after) = (rule.classify(&history).unwrap(), rule.classify(&richer).unwrap());
        for row in 0..before.len() {
            let key = before.key(row).unwrap();
            if let Some(now) = after.explain(&key) {
                prop_assert!(now.value.minor() >= before.value_minor[row]);
            }
        }
    }

    #[test]
    fn migrations_sum_to_their_segments(orders in orders(60), options in options(), segmenting in segment_options(), from in 1_u64..140, to in 1_u64..140) {
        let history = history_of(&orders, &options).unwrap();
        let rule = SegmentRule::fit(&history, &segmenting).unwrap();
        let at = |after: u64| rule.classify(&history.observe_until(Some(history.span().start() + Days::new(after))).unwrap()).unwrap();
        let (before, after) = (at(from.min(to)), at(from.max(to)));
        let migration = Migration::between(&before, &after);
        for row in &migration.rows {
            prop_assert_eq!(row.to.iter().map(|cell| cell.share.numerator).sum::<u64>(), row.customers);
            prop_assert!(row.to.iter().all(|cell| cell.share.denominator == row.customers));
        }
        let size = |segments: &Segments, segment: Segment| segments.segment.iter().filter(|&&s| s == segment).count() as u64;
        for (i, segment) in Segment::ALL.into_iter().enumerate() {
            prop_assert_eq!(migration.rows[i].customers, size(&before, segment));
            let column: u64 = migration.rows.iter().map(|row| row.to[i].share.numerator).sum();
            prop_assert_eq!(column, size(&after, segment));
        }
        prop_assert_eq!(migration.rows[4].customers, before.prospects());
        prop_assert_eq!(migration.rows.iter().map(|row| row.to[4].share.numerator).sum::<u64>(), after.prospects());
        prop_assert_eq!(migration.count("new", "left"), Some(0));
        // Nobody moves between a day and itself.
        let stay = Migration::between(&before, &before);
        prop_assert_eq!(stay.unchanged().numerator, before.len() as u64);
        prop_assert!(stay.kappa().is_none_or(|kappa| near(kappa, 1.0)));
    }

    /// Whoever ever ordered is a buyer or a prospect, on every day, and does not leave.
    #[test]
    fn everybody_is_somewhere(orders in orders(60), options in options(), from in 1_u64..140, to in 1_u64..140) {
        let history = history_of(&orders, &options).unwrap();
        let rule = SegmentRule::fit(&history, &SegmentOptions::default()).unwrap();
        let at = |after: u64| {
            let mut options = options.clone();
            options.observed_until = Some(history.span().start() + Days::new(after));
            let then = history.observe_until(options.observed_until).unwrap();
            let segments = rule.classify(&then).unwrap();
            let reference = Reference::new(&orders, &options);
            assert_eq!(segments.len() as u64 + segments.prospects(), reference.named().len() as u64);
            let summary = then.summary();
            assert_eq!((summary.customers, summary.prospects), (segments.len() as u64, segments.prospects()));
            segments
        };
        let migration = Migration::between(&at(from.min(to)), &at(from.max(to)));
        for row in &migration.rows {
            prop_assert_eq!(migration.count(row.from, "left"), Some(0), "{}", row.from);
        }
    }

    /// What is said to have happened after a day is what the books say.
    #[test]
    fn a_test_counts_what_happened(orders in orders(60), options in options(), segmenting in segment_options(), after in 1_u64..140) {
        let history = history_of(&orders, &options).unwrap();
        let at = history.span().start() + Days::new(after);
        let rule = SegmentRule::fit(&history, &segmenting).unwrap();
        let few = {
            let mut few = BacktestOptions::default();
            few.resamples = 40;
            few
        };
        match rule.backtest(&history, at, &few) {
            Err(error) => prop_assert_eq!(error.code(), "not_yet_observed"),
            Ok(test) => {
                prop_assert_eq!(test.refitted, at < history.observed_until());
                let then = history.observe_until(Some(at)).unwrap();
                let segments = SegmentRule::fit(&then, &segmenting).unwrap().classify(&then).unwrap();
                let reference = Reference::new(&orders, &options);
                let books = reference.books();
                let (mut active, mut revenue) = ([0_u64; 4], [0_i64; 4]);
                for row in 0..segments.len() {
                    let who = segments.key(row).unwrap().to_string();
                    let own = books.get(who.as_str()).into_iter().flatten();
                    let own: Vec<_> = own.filter(|row| at <= row.0 && row.0 < test.until).collect();
                    let place = Segment::ALL.iter().position(|&segment| segment == segments.segment[row]).unwrap();
                    active[place] += u64::from(own.iter().any(|row| row.2));
                    revenue[place] += own.iter().map(|row| row.1).sum::<i64>();
                }
                for (i, segment) in test.segments.iter().enumerate() {
                    prop_assert_eq!((segment.active.numerator, segment.revenue.minor()), (active[i], revenue[i]));
                }
                prop_assert_eq!(test.active.numerator, active.iter().sum::<u64>());
                prop_assert_eq!(test.active.denominator, segments.len() as u64);
                prop_assert_eq!(test.calibration.iter().map(|bin| bin.observed.denominator).sum::<u64>(), segments.len() as u64);
                for score in &test.scores {
                    prop_assert!(score.auc.is_none_or(|auc| (0.0..=1.0).contains(&auc)));
                    prop_assert!(score.brier.is_none_or(|brier| (0.0..=1.0).contains(&brier)));
                }
                // The same seed, the same intervals.
                prop_assert_eq!(rule.backtest(&history, at, &few).unwrap(), test);
            }
        }
    }

    /// Every action has an audience of buyers, each once, with a reason; a cascade has each at the step reached last.
    #[test]
    fn audiences_are_of_buyers(orders in orders(60), options in options(), segmenting in segment_options()) {
        let history = history_of(&orders, &options).unwrap();
        let segments = SegmentRule::fit(&history, &segmenting).unwrap().classify(&history).unwrap();
        let mut audiences = BTreeMap::new();
        for action in Action::standard() {
            let audience = segments.audience(&action.id).unwrap();
            let mut seen = BTreeSet::new();
            for row in 0..audience.len() {
                let key = audience.key(row).unwrap();
                let assessment = segments.explain(&key).unwrap();
                let span = segments.span_days[(0..segments.len()).find(|&at| segments.key(at).as_ref() == Some(&key)).unwrap()];
                prop_assert!(seen.insert(key));
                prop_assert!(action.segments.is_empty() || action.segments.contains(&assessment.segment));
                prop_assert!(audience.why(row).is_some());
                let trigger = &action.trigger;
                prop_assert!(trigger.rhythm.as_ref().is_none_or(|any| audience.rhythm[row].is_some_and(|own| any.contains(&own))));
                if let Some(steps) = &trigger.steps_days {
                    let step = audience.step[row] as usize;
                    prop_assert!(steps[step - 1] <= assessment.silence_days);
                    prop_assert!(steps.get(step).is_none_or(|&next| next > assessment.silence_days));
                    if let (Some(days), Some(wanted)) = (trigger.step_within_days, &trigger.rhythm) {
                        // So many days ago the step was not reached yet, or the rhythm was another.
                        let ago = assessment.silence_days.checked_sub(days);
                        let then = |ago| segments.rule.outlook.estimate(assessment.purchases, span, ago).rhythm;
                        prop_assert!(ago.is_none_or(|ago| ago < steps[step - 1] || then(ago).is_none_or(|own| !wanted.contains(&own))));
                    }
                    let due = history.observed_until() - Days::new(1 + u64::from(assessment.silence_days)) + Days::new(steps[step - 1].into());
                    prop_assert_eq!(audience.due_on[row], Some(due));
                }
            }
            let ranks: Vec<_> = (0..audience.len()).map(|row| (-audience.value_minor[row], audience.key(row))).collect();
            prop_assert!(ranks.is_sorted());
            audiences.insert(action.id, seen);
        }
        // Nobody whom one action leaves is in another that spends anything on them.
        audiences.remove("thank_referrer");
        let left = audiences.remove("leave").unwrap();
        for (action, others) in audiences {
            prop_assert!(left.is_disjoint(&others), "{}", action);
        }
    }

    /// First and last days, purchases and revenue of everybody; and the days of the next purchase in order and ahead.
    #[test]
    fn profiles_are_those_of_the_books(orders in orders(60), options in options(), segmenting in segment_options()) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        let (books, occasions) = (reference.books(), reference.occasions());
        let profiles = history.customer_profiles(&segmenting.outlook).unwrap();
        let outlook = history.outlook(&segmenting.outlook).unwrap();
        prop_assert_eq!(profiles.len(), occasions.len());
        for (who, days) in &occasions {
            let profile = profiles.of(&key(who)).unwrap();
            let (first, last) = (*days.first().unwrap(), *days.last().unwrap());
            prop_assert_eq!((profile.first_purchase, profile.last_purchase, profile.purchases as usize), (first, last, days.len()));
            prop_assert_eq!(profile.revenue.minor(), books[who].iter().map(|row| row.1).sum::<i64>());
            let span = u32::try_from(days_between(first, last)).unwrap();
            let estimate = outlook.estimate(profile.purchases, span, profile.silence_days);
            prop_assert_eq!((profile.outlook, profile.rhythm), (estimate.probability, estimate.rhythm));
            if let (Some(from), Some(expected), Some(to)) = (profile.next_from, profile.next_expected, profile.next_to) {
                prop_assert!(last + Days::new(profile.silence_days.into()) < from && from <= expected && expected <= to);
            }
        }
    }

    /// No text that is read as a rule makes anything panic.
    #[test]
    fn a_rule_that_was_spoilt_by_hand_is_refused_or_works(orders in orders(30), options in options(), at in any::<prop::sample::Index>(), with in prop::sample::select(&["0", "-1", "9", "99999999999", "1e300", "null", "[]", "\"x\"", "0.5"][..])) {
        let history = history_of(&orders, &options).unwrap();
        let rule = SegmentRule::fit(&history, &SegmentOptions::default()).unwrap();
        let json = serde_json::to_string(&rule).unwrap();
        // One number is replaced.
        let numbers: Vec<(usize, usize)> = numbers_of(&json);
        let (from, to) = numbers[at.index(numbers.len())];
        let spoilt = format!("{}{with}{}", &json[..from], &json[to..]);
        if let Ok(rule) = serde_json::from_str::<SegmentRule>(&spoilt) {
            if let Ok(segments) = rule.classify(&history) {
                for row in 0..segments.len() {
                    let assessment = segments.assessment(row).unwrap();
                    prop_assert!((0.0..=1.0).contains(&assessment.outlook), "{spoilt}");
                    prop_assert!(!assessment.to_string().is_empty());
                }
            }
        }
    }
}

/// Where the numbers of a text of JSON stand.
fn numbers_of(json: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut from, mut quoted) = (None, false);
    for (at, c) in json.char_indices() {
        let digit = !quoted && (c.is_ascii_digit() || "+-.e".contains(c) && from.is_some());
        match (digit, from) {
            (true, None) => from = Some(at),
            (false, Some(start)) => {
                found.push((start, at));
                from = None;
            }
            _ => {}
        }
        quoted ^= c == '"';
    }
    found
}

/// Enough orders for every thread to have some, and for strata to have their fifths.
#[test]
fn a_larger_shop_is_assessed_the_same() {
    let orders = many_orders(110_000);
    let mut options = HistoryOptions::new(Currency::USD);
    options.observed_until = NaiveDate::from_ymd_opt(2024, 1, 1);
    let history = history_of(&orders, &options).unwrap();
    let mut segmenting = SegmentOptions::default();
    segmenting.value_cut = ValueCut::Absolute(Money::from_minor(20_000, Currency::USD));
    let rule = SegmentRule::fit(&history, &segmenting).unwrap();
    let segments = rule.classify(&history).unwrap();
    let reference = Reference::new(&orders, &options);
    let occasions = reference.occasions();
    assert_eq!(segments.len(), occasions.len());
    let naive = Naive::new(&occasions, reference.span().1, &segmenting);
    assert!(naive.cuts[1].len() == 4, "the second purchase is split by pace: {:?}", naive.cuts);
    let books = reference.books();
    for row in (0..segments.len()).step_by(segments.len() / 40) {
        let assessment = segments.assessment(row).unwrap();
        let who = assessment.customer.to_string();
        let days = &occasions[who.as_str()];
        let span = days_between(*days.first().unwrap(), *days.last().unwrap());
        let (outlook, supported) = naive.outlook(days.len(), span, assessment.silence_days.into());
        assert!(near(assessment.outlook, outlook), "{who}: {} for {outlook}", assessment.outlook);
        assert_eq!(assessment.flags.contains(&regulars::Flag::ThinOutlook), !supported);
        let from = reference.span().1 - Days::new(365);
        let value: i64 = books[who.as_str()].iter().filter(|row| row.0 >= from).map(|row| row.1).sum();
        assert_eq!(assessment.value.minor(), value, "{who}");
    }
    // As JSON it is the same outlook.
    let json = serde_json::to_string(&rule.outlook).unwrap();
    assert_eq!(serde_json::from_str::<Outlook>(&json).unwrap(), rule.outlook);
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn shop_of(orders: &[(&str, &str, i64)]) -> OrderHistory {
    let order = |&(who, on, usd): &(&str, &str, i64)| {
        Order::new(day(on), Money::from_minor(100 * usd, Currency::USD)).customer(who)
    };
    OrderHistory::from_orders(orders.iter().map(order), HistoryOptions::new(Currency::USD)).unwrap()
}

fn complaining(who: &str) -> Customer {
    let mut customer = Customer::new(key(who));
    customer.complaints = 2;
    customer
}

#[test]
fn who_is_a_problem_whatever_the_cuts_is_not_held_by_them() {
    let now = shop_of(&[("ann", "2024-01-01", 100), ("ann", "2024-01-20", -5)]);
    let mut options = SegmentOptions::default();
    options.value_cut = ValueCut::Absolute(Money::from_minor(9_800, Currency::USD));
    options.hysteresis = 0.1;
    let then = now.observe_until(Some(day("2024-01-10"))).unwrap();
    let rule = SegmentRule::fit(&then, &options).unwrap();
    let before = rule.classify(&then).unwrap();
    let held = |history: &OrderHistory| {
        let assessment = rule.classify_after(history, &before).unwrap().explain(&key("ann")).unwrap();
        (assessment.reason, assessment.flags.contains(&Flag::Held))
    };
    assert_eq!(held(&now), (Reason::Fading, true));
    assert_eq!(held(&now.with_customers([complaining("ann")]).unwrap()), (Reason::Dissatisfied, false));
}

#[test]
fn a_test_knows_of_no_complaints_since_they_carry_no_day() {
    let plain = shop_of(&[
        ("ann", "2024-01-01", 80),
        ("ann", "2024-01-05", 80),
        ("bob", "2024-01-02", 30),
        ("ann", "2024-01-11", 70),
        ("bob", "2024-01-30", 5),
    ]);
    let mut options = SegmentOptions::default();
    options.outlook.horizon_days = Some(7);
    let test = |history: &OrderHistory| {
        let rule = SegmentRule::fit(history, &options).unwrap();
        rule.backtest(history, day("2024-01-10"), &BacktestOptions::default()).unwrap()
    };
    let expected = test(&plain);
    assert_eq!(expected.segments[3].share.numerator, 1, "bob alone");
    assert_eq!(test(&plain.with_customers([complaining("ann")]).unwrap()), expected);
}

#[test]
fn nobody_is_a_prospect_before_they_are_known() {
    let mut cid = Customer::new(key("cid"));
    cid.acquired_on = Some(day("2024-01-20"));
    let orders = [("ann", "2024-01-01", 80), ("ann", "2024-01-25", 80), ("cid", "2024-01-25", 80)];
    let now = shop_of(&orders).with_customers([cid, Customer::new(key("dee"))]).unwrap();
    let rule = SegmentRule::fit(&now, &SegmentOptions::default()).unwrap();
    let at = |on: &str| now.observe_until(Some(day(on))).unwrap();
    let then = at("2024-01-20");
    assert_eq!(then.summary().prospects, 1, "dee alone, of whom no day is known");
    assert_eq!(at("2024-01-21").summary().prospects, 2);
    let migration = Migration::between(&rule.classify(&then).unwrap(), &rule.classify(&now).unwrap());
    assert_eq!((migration.rows[5].customers, migration.rows[4].customers), (1, 1), "cid is new, dee waits");
}

#[test]
fn growth_is_measured_against_a_time_that_is_in_the_books() {
    let growth = |first: &str| {
        let stage = shop_of(&[("ann", first, 1), ("ann", "2024-12-30", 1), ("bob", "2024-12-31", 1)]).stage();
        (
            stage.days,
            stage.growth.and_then(|growth| growth.value),
            stage.to_string().contains("purchases in the last"),
        )
    };
    assert_eq!(growth("2024-01-04"), (363, None, false));
    assert_eq!(growth("2024-01-03"), (364, Some(2.0), true));
}

#[test]
fn a_shop_that_wins_nobody_is_told_so() {
    let stage = |orders: &[(&str, &str, i64)]| shop_of(orders).stage();
    let old = [("ann", "2023-01-01", 1), ("ann", "2024-06-01", 1)];
    let old_shop = stage(&old);
    assert_eq!((old_shop.repeat_purchases.numerator, old_shop.repeat_purchases.denominator), (1, 1));
    assert!(
        old_shop.to_string().contains("1 customer in 518 days, no new customer in the last year"),
        "{old_shop}"
    );
    let growing = stage(&[old[0], old[1], ("bob", "2024-05-01", 1)]);
    assert!(
        growing.to_string().contains("50 % of the last year's purchases are repeat purchases"),
        "{growing}"
    );
    let quiet = shop_of(&old[..1]).observe_until(Some(day("2024-06-01"))).unwrap().stage();
    assert!(quiet.to_string().contains("no purchase in the last year"), "{quiet}");
}

/// By the rule it was asked of, and not by one that is fitted to what it is asked about.
#[test]
fn an_overview_keeps_the_cuts() {
    let now = shop_of(&[("ann", "2024-01-01", 10), ("bob", "2024-01-02", 30), ("ann", "2024-03-01", 200)]);
    let then = now.observe_until(Some(day("2024-02-01"))).unwrap();
    let rule = SegmentRule::fit(&then, &SegmentOptions::default()).unwrap();
    assert_eq!(rule.value_cut.to_f64(), 20.0);
    let overview = rule.overview(&now, day("2024-02-01")).unwrap();
    assert_eq!(overview.segments, rule.classify(&now).unwrap().counts());
    assert_eq!(overview.before, Some(rule.classify(&then).unwrap().counts()));
    let valuable =
        |counts: &[regulars::SegmentCount]| counts[..2].iter().map(|c| c.share.numerator).sum::<u64>();
    // Ann and Bob are above 20; the mean of a fit today would be 120, and Bob below.
    assert_eq!(valuable(&overview.segments), 2);
    assert_eq!(
        valuable(
            &SegmentRule::fit(&now, &SegmentOptions::default()).unwrap().classify(&now).unwrap().counts()
        ),
        1
    );
}

#[test]
fn intervals_take_enough_samples() {
    let history = shop_of(&[
        ("ann", "2024-01-01", 80),
        ("bob", "2024-01-02", 30),
        ("ann", "2024-01-11", 70),
        ("bob", "2024-01-30", 5),
    ]);
    let mut options = SegmentOptions::default();
    options.outlook.horizon_days = Some(7);
    let rule = SegmentRule::fit(&history, &options).unwrap();
    let interval = |resamples: u32| {
        let mut draw = BacktestOptions::default();
        draw.resamples = resamples;
        let test = rule.backtest(&history, day("2024-01-10"), &draw).unwrap();
        test.segments
            .iter()
            .any(|own| own.revenue_per_customer_interval.is_some() || own.revenue_share_interval.is_some())
    };
    assert!(!interval(39));
    assert!(interval(400));
}

#[test]
fn the_segments_on_a_page_fit_into_a_terminal() {
    let orders = many_orders(20_000);
    let mut options = HistoryOptions::new(Currency::USD);
    options.observed_until = NaiveDate::from_ymd_opt(2024, 1, 1);
    let history = history_of(&orders, &options).unwrap();
    let rule = SegmentRule::fit(&history, &SegmentOptions::default()).unwrap();
    let overview = rule.overview(&history, day("2023-07-01")).unwrap();
    assert!(overview.examples.len() == 4 && overview.migration.is_some());
    for line in overview.to_string().lines() {
        assert!(line.chars().count() <= 100 && line == line.trim_end(), "{line:?}");
    }
}

/// Whoever works through the list of the cascade every week has everybody once a step: on the day of the step, or when they
/// become due after it. Who was a problem then comes with the next step.
#[test]
fn a_list_of_every_week_has_everybody_once_a_step() {
    // A generator of Knuth's (MMIX), for purchases at paces of 10 to 90 days.
    let mut state: u64 = 7;
    let mut below = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let opened: NaiveDate = "2022-01-01".parse().unwrap();
    let mut shop = Vec::new();
    for customer in 0..800 {
        let (mut day, pace, loyalty) = (below(700), 10 + below(80), 40 + below(50));
        while day <= 900 {
            let paid = Money::from_minor(1000 + i64::try_from(below(9000)).unwrap(), Currency::EUR);
            shop.push(Order::new(opened + Days::new(day), paid).customer(format!("c{customer}").as_str()));
            if below(100) >= loyalty {
                break;
            }
            day += 1 + pace / 2 + below(pace);
        }
    }
    let history = OrderHistory::from_orders(shop, HistoryOptions::new(Currency::EUR)).unwrap();
    let start: NaiveDate = "2023-06-05".parse().unwrap();
    let at = |week: u64| history.observe_until(Some(start + Days::new(7 * week))).unwrap();
    let rule = SegmentRule::fit(&at(0), &SegmentOptions::default()).unwrap();
    let fresh = Action::standard().into_iter().find(|action| action.id == "win_back").unwrap();
    let mut whenever = fresh.clone();
    whenever.trigger.step_within_days = None;
    let wanted = fresh.trigger.rhythm.clone().unwrap();

    // By customer and day of a step: how often they are listed, and the first week in which they could be.
    let (mut listed, mut first) = (BTreeMap::new(), BTreeMap::new());
    // The problems of each week that are due.
    let mut problems = BTreeSet::new();
    for week in 0..30 {
        let segments = rule.classify(&at(week)).unwrap();
        let pairs = |audience: &Audience| -> Vec<_> {
            (0..audience.len())
                .map(|row| (audience.key(row).unwrap(), audience.due_on[row].unwrap()))
                .collect()
        };
        for pair in pairs(&segments.audience_of(&fresh)) {
            *listed.entry(pair).or_insert(0) += 1;
        }
        for pair in pairs(&segments.audience_of(&whenever)) {
            first.entry(pair).or_insert(week);
        }
        for row in (0..segments.len()).filter(|&row| segments.segment[row] == Segment::Problem) {
            let (span, silence) = (segments.span_days[row], segments.silence_days[row]);
            let rhythm = rule.outlook.estimate(segments.purchases[row], span, silence).rhythm;
            if rhythm.is_some_and(|rhythm| wanted.contains(&rhythm)) {
                problems.insert((segments.key(row).unwrap(), week));
            }
        }
    }
    // What was reached before the first week is not followed from its beginning.
    first.retain(|(_, reached), _| *reached >= start);
    let mut late = 0;
    for (pair, week) in &first {
        if let Some(&times) = listed.get(pair) {
            assert_eq!(times, 1, "{pair:?}");
        } else {
            assert!(problems.contains(&(pair.0.clone(), week - 1)), "{pair:?} never");
            late += 1;
        }
    }
    assert!(first.len() > 500 && late * 100 < first.len(), "{late} of {}", first.len());
}
