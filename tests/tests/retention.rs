//! Customer flow and revenue movements beside a computation that looks at every customer on every day, and what must hold
//! of them for any orders.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate, TimeDelta};
use proptest::prelude::*;
use regulars::{
    Columns, Currency, CustomerFlow, FlowOptions, Grain, HistoryOptions, LapseAfter, Period, Rate, Ratio,
    RevenueMovements, TimeBetweenPurchasesOptions,
};
use regulars_tests::{RawOrder, Reference, columns_of, history_of, many_orders, options, orders};

const GRAINS: [&str; 5] = ["day", "week", "month", "quarter", "year"];

fn lapse_after() -> impl Strategy<Value = LapseAfter> {
    prop_oneof![
        3 => (1_u32..100).prop_map(LapseAfter::Days),
        1 => (1_u32..4).prop_map(LapseAfter::Months),
        1 => Just(LapseAfter::Days(90)),
    ]
}

/// Whether the last of these days before `t` is recent enough there.
fn active(days: &BTreeSet<NaiveDate>, t: NaiveDate, lapse_after: LapseAfter) -> bool {
    let Some(&last) = days.range(..t).next_back() else { return false };
    match lapse_after {
        LapseAfter::Days(days) => (t - last).num_days() <= i64::from(days),
        LapseAfter::Months(months) => last >= t - Months::new(months),
        other => panic!("{other:?}"),
    }
}

/// At the start, new, reactivated, of these in the warm-up, churned, at the end, lapsed at the start, new and gone, back
/// and gone, lapsed and back.
fn counts(flow: &CustomerFlow) -> [u64; 10] {
    [
        flow.at_start,
        flow.new,
        flow.reactivated,
        flow.reactivated_in_warm_up,
        flow.churned,
        flow.at_end,
        flow.lapsed_at_start,
        flow.new_and_gone,
        flow.back_and_gone,
        flow.lapsed_and_back,
    ]
}

/// The same, as the definitions read.
fn flow_of(reference: &Reference, period: Period, lapse_after: LapseAfter) -> [u64; 10] {
    let until = reference.span().1;
    let (start, end) = (period.start().min(until), period.end().min(until));
    let mut found = [0; 10];
    for rows in reference.books().values() {
        let days: BTreeSet<NaiveDate> = rows.iter().filter(|row| row.2).map(|row| row.0).collect();
        let Some(&first) = days.first() else { continue };
        let (then, now) = (active(&days, start, lapse_after), active(&days, end, lapse_after));
        let bought = days.range(start..end.max(start)).next().is_some();
        found[0] += u64::from(then);
        found[5] += u64::from(now);
        found[4] += u64::from(then && !now);
        if first >= start {
            match (bought, reference.believes(first), now) {
                (false, ..) => {}
                (true, true, true) => found[1] += 1,
                (true, true, false) => found[7] += 1,
                (true, false, true) => {
                    found[2] += 1;
                    found[3] += 1;
                }
                (true, false, false) => found[8] += 1,
            }
        } else if then {
            let lapsed = start.iter_days().take_while(|&t| t <= end).any(|t| !active(&days, t, lapse_after));
            found[9] += u64::from(now && lapsed);
        } else {
            found[6] += 1;
            found[2] += u64::from(now);
            found[8] += u64::from(bought && !now);
        }
    }
    found
}

fn check_rate(rate: Rate, numerator: u64, denominator: u64) {
    assert_eq!((rate.numerator, rate.denominator), (numerator, denominator));
    assert_eq!(rate.value, (denominator > 0).then(|| numerator as f64 / denominator as f64));
    assert!(rate.value.is_none_or(|value| (0.0..=1.0).contains(&value)));
}

#[track_caller]
fn check_flow(reference: &Reference, flow: &CustomerFlow, lapse_after: LapseAfter) {
    let expected = flow_of(reference, flow.period, lapse_after);
    assert_eq!(counts(flow), expected, "{} {lapse_after:?}", flow.period);
    assert_eq!(flow.at_start + flow.new + flow.reactivated - flow.churned, flow.at_end);
    let until = reference.span().1;
    assert_eq!(flow.complete, flow.period.end() <= until);
    assert_eq!(flow.until, flow.period.end().min(until));
    assert_eq!(flow.lapse_after, lapse_after);
    // Of a period that lies past the observation no rate is known.
    let of = |count: u64| if flow.period.start() < until { count } else { 0 };
    let [at_start, new, reactivated, warm_up, churned, at_end, lapsed, ..] = expected;
    check_rate(flow.retention_rate, of(at_start - churned), of(at_start));
    check_rate(flow.churn_rate, of(churned), of(at_start));
    check_rate(flow.reactivation_rate, of(reactivated - warm_up), of(lapsed));
    let headcount = flow.retention_rate_by_headcount;
    // Of customers of the warm-up nobody knows whether they are new.
    let known = |count: u64| if warm_up == 0 { of(count) } else { 0 };
    assert_eq!((headcount.numerator, headcount.denominator), (known(at_end - new), known(at_start)));
    if let (Some(retention), Some(churn)) = (flow.retention_rate.value, flow.churn_rate.value) {
        assert!((retention + churn - 1.0).abs() < 1e-15);
        assert!(headcount.value.is_none_or(|value| value >= retention));
    }
}

/// New, expansion, contraction, churned, reactivated; before, now; before of those with revenue then.
fn movements_of(reference: &Reference, previous: Period, period: Period) -> [i64; 8] {
    let mut found = [0; 8];
    for rows in reference.books().values() {
        let sum = |within: Period| -> i64 {
            rows.iter().filter(|row| within.contains(row.0)).map(|row| row.1).sum()
        };
        let (before, now) = (sum(previous), sum(period));
        let first = rows.iter().find(|row| row.2).map(|row| row.0);
        let is_new = first.is_some_and(|first| period.contains(first) && reference.believes(first));
        found[5] += before;
        found[6] += now;
        if before > 0 {
            found[7] += before;
            found[1] += (now - before).max(0);
            if now > 0 {
                found[2] += (before - now).max(0);
            } else {
                found[3] += before - now;
            }
        } else {
            found[if is_new { 0 } else { 4 }] += now - before;
        }
    }
    found
}

fn minor(ratio: Ratio<regulars::Money>) -> (i64, i64) {
    (ratio.numerator.minor(), ratio.denominator.minor())
}

#[track_caller]
fn check_movements(reference: &Reference, m: &RevenueMovements) {
    let expected = movements_of(reference, m.previous, m.period);
    let [new, expansion, contraction, churned, reactivated, before, now, base] = expected;
    let found = [m.new, m.expansion, m.contraction, m.churned, m.reactivated, m.before, m.now];
    assert_eq!(found.map(|money| money.minor()), expected[..7], "{}", m.period);
    assert_eq!(new + expansion + reactivated - contraction - churned, now - before);
    assert_eq!(m.change.minor(), now - before);
    assert!(expansion >= 0 && contraction >= 0 && churned >= 0);

    // Once more from the customers with revenue before, as Σ min(now, before) and Σ now.
    let (mut kept, mut net) = (0, 0);
    for rows in reference.books().values() {
        let sum = |within: Period| -> i64 {
            rows.iter().filter(|row| within.contains(row.0)).map(|row| row.1).sum()
        };
        let (before, now) = (sum(m.previous), sum(m.period));
        if before > 0 {
            kept += now.min(before);
            net += now;
        }
    }
    assert_eq!(minor(m.gross_revenue_retention), (kept, base));
    assert_eq!(minor(m.net_revenue_retention), (net, base));
    assert_eq!(minor(m.revenue_churn_rate), (base - kept, base));
    assert_eq!(minor(m.quick_ratio), (new + expansion + reactivated, churned + contraction));
    for ratio in [m.gross_revenue_retention, m.net_revenue_retention, m.revenue_churn_rate, m.quick_ratio] {
        assert_eq!(ratio.value.is_some(), ratio.denominator.minor() > 0);
        assert!(ratio.value.is_none_or(f64::is_finite));
    }
    if let (Some(gross), Some(net)) = (m.gross_revenue_retention.value, m.net_revenue_retention.value) {
        assert!(gross <= 1.0 && gross <= net);
        assert!((gross + m.revenue_churn_rate.value.unwrap() - 1.0).abs() <= 1e-12 * gross.abs().max(1.0));
    }
    assert_eq!(m.complete, m.period.end() <= reference.span().1);
}

fn period_at(start: NaiveDate, offset: i64, days: u64) -> Period {
    let start = start + TimeDelta::days(offset);
    Period::new(start, start + Days::new(days)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_period_flows_as_every_customer_on_every_day(orders in orders(60), options in options(), start in -20_i64..150, days in 1_u64..200, lapse in lapse_after()) {
        let history = history_of(&orders, &options).unwrap();
        let period = period_at(history.span().start(), start, days);
        let flow = history.during(period).unwrap().customer_flow(&lapse.into()).unwrap();
        check_flow(&Reference::new(&orders, &options), &flow, lapse);
    }

    #[test]
    fn every_timeline_flows_as_every_customer_on_every_day(orders in orders(60), options in options(), lapse in lapse_after()) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        for grain in GRAINS {
            let timeline = history.flow_timeline(grain.parse().unwrap(), &lapse.into()).unwrap();
            for flow in &timeline.periods {
                check_flow(&reference, flow, lapse);
                prop_assert_eq!(*flow, history.during(flow.period).unwrap().customer_flow(&lapse.into()).unwrap());
            }
            for pair in timeline.periods.windows(2) {
                prop_assert_eq!(pair[0].at_end, pair[1].at_start);
                prop_assert_eq!(pair[0].period.end(), pair[1].period.start());
            }
            let rows = timeline.rows();
            prop_assert_eq!(rows, timeline.periods.len());
        }
    }

    /// The rhythm is one number of days, within its bounds, and the flow is that of this number.
    #[test]
    fn the_rhythm_is_a_number_of_days(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let window = history.during(history.span()).unwrap();
        let flow = window.customer_flow(&LapseAfter::FromRhythm.into()).unwrap();
        let LapseAfter::Days(days) = flow.lapse_after else { panic!("{:?}", flow.lapse_after) };
        prop_assert!((30..=730).contains(&days));
        let expected = history.time_between_purchases(&TimeBetweenPurchasesOptions::default()).corrected_p80;
        prop_assert_eq!(days, expected.unwrap_or(730).clamp(30, 730));
        prop_assert_eq!(flow, window.customer_flow(&LapseAfter::Days(days).into()).unwrap());
    }

    #[test]
    fn any_period_moves_as_every_customer(orders in orders(60), options in options(), start in -20_i64..150, days in 1_u64..120) {
        let history = history_of(&orders, &options).unwrap();
        let period = period_at(history.span().start(), start, days);
        let movements = history.during(period).unwrap().revenue_movements().unwrap();
        prop_assert_eq!(Some(movements.previous), period.before());
        check_movements(&Reference::new(&orders, &options), &movements);
    }

    #[test]
    fn every_timeline_moves_as_every_customer(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        for grain in GRAINS {
            let timeline = history.movement_timeline(grain.parse().unwrap()).unwrap();
            for movements in &timeline.periods {
                check_movements(&reference, movements);
                prop_assert_eq!(*movements, history.during(movements.period).unwrap().revenue_movements().unwrap());
            }
            for pair in timeline.periods.windows(2) {
                prop_assert_eq!(pair[0].now, pair[1].before);
            }
            prop_assert_eq!(timeline.rows(), timeline.periods.len());
        }
    }

    #[test]
    fn buyers_buy_again_as_sets_say(orders in orders(60), options in options(), start in -20_i64..150, days in 1_u64..120) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        let period = period_at(history.span().start(), start, days);
        let found = history.during(period).unwrap().repurchase_retention().unwrap();
        let books = reference.books();
        let buyers = |within: Period| -> BTreeSet<&str> {
            let bought = books.iter().filter(|(_, rows)| rows.iter().any(|row| row.2 && within.contains(row.0)));
            bought.map(|(who, _)| *who).collect()
        };
        let (before, now) = (buyers(found.previous), buyers(period));
        check_rate(found.rate, before.intersection(&now).count() as u64, before.len() as u64);
        prop_assert_eq!(found.complete, period.end() <= reference.span().1);
    }

    /// Flows and movements of disjoint customers add up, in whatever history they stand.
    #[test]
    fn customers_apart_are_customers_together(orders in orders(60), options in options(), start in -20_i64..150, days in 1_u64..120, lapse in lapse_after()) {
        let mut options = options;
        let whole = history_of(&orders, &options).unwrap();
        options.observed_until = Some(whole.observed_until());
        // Dealt by the last letter of the key, and each order's number with it.
        let (left, right): (Vec<RawOrder>, Vec<RawOrder>) = orders.iter().cloned().partition(|order| {
            order.to_order().key().is_some_and(|key| key.to_string().bytes().last().unwrap_or(0) % 2 == 0)
        });
        prop_assume!(!left.is_empty() && !right.is_empty());
        let period = period_at(whole.span().start(), start, days);
        let parts = [left, right].map(|part| history_of(&part, &options).unwrap());
        let whole = history_of(&orders, &options).unwrap();
        let flows = parts.each_ref().map(|part| counts(&part.during(period).unwrap().customer_flow(&lapse.into()).unwrap()));
        let expected: Vec<u64> = flows[0].iter().zip(flows[1]).map(|(a, b)| a + b).collect();
        prop_assert_eq!(&counts(&whole.during(period).unwrap().customer_flow(&lapse.into()).unwrap())[..], &expected[..]);

        let moves = |m: RevenueMovements| [m.new, m.expansion, m.contraction, m.churned, m.reactivated, m.before, m.now].map(|money| money.minor());
        let sums = parts.each_ref().map(|part| moves(part.during(period).unwrap().revenue_movements().unwrap()));
        let expected: Vec<i64> = sums[0].iter().zip(sums[1]).map(|(a, b)| a + b).collect();
        prop_assert_eq!(&moves(whole.during(period).unwrap().revenue_movements().unwrap())[..], &expected[..]);
    }

    /// What was said of a period when it ended is still said later, but for refunds made since.
    #[test]
    fn a_past_period_does_not_drift(orders in orders(60), options in options(), start in 0_i64..100, days in 1_u64..100, lapse in lapse_after()) {
        let history = history_of(&orders, &options).unwrap();
        let period = period_at(history.span().start(), start, days);
        prop_assume!(period.end() <= history.observed_until());
        let orders: Vec<_> = orders.into_iter().map(|order| order.refunded_before(period.end())).collect();
        let history = history_of(&orders, &options).unwrap();
        let then = history.observe_until(Some(period.end())).unwrap();
        let flow = FlowOptions::from(lapse);
        prop_assert_eq!(then.during(period).unwrap().customer_flow(&flow).unwrap(), history.during(period).unwrap().customer_flow(&flow).unwrap());
        prop_assert_eq!(then.during(period).unwrap().revenue_movements(), history.during(period).unwrap().revenue_movements());
        prop_assert_eq!(then.during(period).unwrap().repurchase_retention(), history.during(period).unwrap().repurchase_retention());
    }
}

/// Enough rows for several threads where the feature `parallel` is on.
#[test]
fn threads_change_nothing() {
    let orders = many_orders(120_000);
    let options = HistoryOptions::new(Currency::USD);
    let history = columns_of(&orders, &[], &options).unwrap();
    let reference = Reference::new(&orders, &options);
    for flow in history.flow_timeline(Grain::Quarter, &FlowOptions::default()).unwrap().periods {
        check_flow(&reference, &flow, LapseAfter::Days(90));
    }
    for movements in history.movement_timeline(Grain::Quarter).unwrap().periods {
        check_movements(&reference, &movements);
    }
}
