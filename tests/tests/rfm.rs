//! RFM against a computation that compares every customer with every other one, and what must hold for any of it.

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
use regulars::{Currency, HistoryOptions, Period, Rfm, RfmGrid, RfmOptions, RfmWindow};
use regulars_tests::{Reference, history_of, many_orders, options, orders};

/// Days since the last purchase, purchases, cents.
type Facts = (i64, i64, i64);

fn facts(reference: &Reference, start: NaiveDate, end: NaiveDate) -> BTreeMap<String, Facts> {
    let within = |day: NaiveDate| start <= day && day < end;
    let mut facts = BTreeMap::new();
    for (who, book) in reference.books() {
        let days: BTreeSet<NaiveDate> = book.iter().filter(|r| r.2 && within(r.0)).map(|r| r.0).collect();
        if let Some(last) = days.last() {
            let cents = book.iter().filter(|row| within(row.0)).map(|row| row.1).sum();
            facts.insert(
                who.to_owned(),
                ((end - *last).num_days(), i64::try_from(days.len()).unwrap(), cents),
            );
        }
    }
    facts
}

fn score(bins: usize, worse: usize, all: usize) -> u8 {
    u8::try_from((1 + bins * worse / all).min(bins)).unwrap()
}

fn check(rfm: &Rfm, facts: &BTreeMap<String, Facts>) {
    let bins = usize::from(rfm.groups.bins);
    let customers = &rfm.customers;
    assert_eq!(customers.len(), facts.len());
    let mut seen = BTreeSet::new();
    let mut segments: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    for row in 0..customers.len() {
        let key = customers.key(row).unwrap().to_string();
        let own = facts[&key];
        assert!(seen.insert(key));
        let found =
            (customers.recency[row].into(), customers.frequency[row].into(), customers.monetary_minor[row]);
        assert_eq!(found, own);
        let worse = |is: &dyn Fn(&Facts) -> bool| facts.values().filter(|other| is(other)).count();
        let scores = [
            worse(&|other| other.0 > own.0),
            worse(&|other| other.1 < own.1),
            worse(&|other| other.2 < own.2),
        ]
        .map(|worse| score(bins, worse, facts.len()));
        assert_eq!([customers.r[row], customers.f[row], customers.m[row]], scores);
        let segment = rfm.segment_of(row).unwrap();
        // The mean of both scores, halves up.
        let both = (scores[1] + scores[2]).div_ceil(2);
        assert_eq!(Some(segment.name.as_str()), rfm.groups.grid.name(scores[0], both));
        let sum = segments.entry(&segment.name).or_default();
        *sum = (sum.0 + 1, sum.1 + own.2);
    }
    for segment in &rfm.groups.segments {
        let (count, revenue) = segments.remove(segment.name.as_str()).unwrap_or_default();
        assert_eq!((segment.share.numerator, segment.share.denominator), (count, facts.len() as u64));
        assert_eq!(segment.revenue.minor(), revenue);
    }
    assert!(segments.is_empty());
    let mut cells = BTreeMap::new();
    for ((&r, &f), &m) in customers.r.iter().zip(&customers.f).zip(&customers.m) {
        *cells.entry((r, f, m)).or_insert(0) += 1;
    }
    let found: Vec<_> =
        rfm.groups.cells.iter().map(|cell| ((cell.r, cell.f, cell.m), cell.customers)).collect();
    assert_eq!(found, cells.into_iter().collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scores_are_shares_of_those_worse(orders in orders(60), options in options(), bins in 2_u8..=10, from in 0_u64..140, days in 1_u64..140) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        let (first, until) = reference.span();
        let mut rfm = RfmOptions::default();
        rfm.bins = bins;
        check(&history.rfm(&rfm).unwrap(), &facts(&reference, first, until));

        rfm.window = RfmWindow::Days(u32::try_from(days).unwrap());
        check(&history.rfm(&rfm).unwrap(), &facts(&reference, until - Days::new(days), until));

        let start = first + Days::new(from);
        let period = Period::new(start, start + Days::new(days)).unwrap();
        rfm.window = RfmWindow::Period(period);
        if start < until {
            let found = history.rfm(&rfm).unwrap();
            prop_assert_eq!(found.groups.complete, period.end() <= until);
            check(&found, &facts(&reference, start, period.end().min(until)));
        } else {
            prop_assert_eq!(history.rfm(&rfm).unwrap_err().code(), "empty_period");
        }
    }

    /// Thresholds that are frozen say the same of the same orders, and are read back from JSON as they were.
    #[test]
    fn thresholds_reproduce_the_scores(orders in orders(60), options in options(), bins in 2_u8..=10) {
        let history = history_of(&orders, &options).unwrap();
        let mut ranked = RfmOptions::default();
        ranked.bins = bins;
        let found = history.rfm(&ranked).unwrap();
        let breaks = serde_json::from_str(&serde_json::to_string(&found.groups.breaks).unwrap()).unwrap();
        let frozen = ranked.with_breaks(&breaks);
        prop_assert_eq!(history.rfm(&frozen).unwrap(), found);
        let again: RfmOptions = serde_json::from_str(&serde_json::to_string(&frozen).unwrap()).unwrap();
        prop_assert_eq!(again, frozen);
    }

    /// Equal customers have equal scores, and nobody with more has a lower one.
    #[test]
    fn scores_keep_the_order_of_values(orders in orders(60), options in options()) {
        let rfm = history_of(&orders, &options).unwrap().rfm(&RfmOptions::default()).unwrap();
        let c = &rfm.customers;
        let pairs = |values: Vec<i64>, scores: &[u8]| {
            let mut pairs: Vec<(i64, u8)> = values.into_iter().zip(scores.iter().copied()).collect();
            pairs.sort_unstable();
            assert!(pairs.iter().all(|pair| (1..=5).contains(&pair.1)));
            assert!(pairs.windows(2).all(|w| w[0].1 <= w[1].1 && (w[0].0 < w[1].0 || w[0].1 == w[1].1)));
        };
        pairs(c.recency.iter().map(|&days| -i64::from(days)).collect(), &c.r);
        pairs(c.frequency.iter().map(|&count| i64::from(count)).collect(), &c.f);
        pairs(c.monetary_minor.clone(), &c.m);
    }
}

/// Enough orders for every thread to have some.
#[test]
fn a_larger_shop_is_scored_the_same() {
    let orders = many_orders(110_000);
    let options = HistoryOptions::new(Currency::USD);
    let rfm = history_of(&orders, &options).unwrap().rfm(&RfmOptions::default()).unwrap();
    let reference = Reference::new(&orders, &options);
    let (first, until) = reference.span();
    let facts = facts(&reference, first, until);
    assert_eq!(rfm.customers.len(), facts.len());
    let sorted = |of: &dyn Fn(&Facts) -> i64| {
        let mut values: Vec<i64> = facts.values().map(of).collect();
        values.sort_unstable();
        values
    };
    let values = [sorted(&|f| -f.0), sorted(&|f| f.1), sorted(&|f| f.2)];
    for row in 0..rfm.customers.len() {
        let (recency, frequency, cents) = facts[&rfm.customers.key(row).unwrap().to_string()];
        let own = [-recency, frequency, cents];
        let expected: Vec<u8> = values
            .iter()
            .zip(own)
            .map(|(values, own)| score(5, values.partition_point(|&value| value < own), values.len()))
            .collect();
        assert_eq!([rfm.customers.r[row], rfm.customers.f[row], rfm.customers.m[row]][..], expected);
    }
}

/// A grid that is named in JSON.
#[test]
fn a_grid_is_read_from_json() {
    let options: RfmOptions =
        serde_json::from_str(r#"{"bins": 2, "grid": [["a", "b"], ["c", "d"]], "window": {"days": 30}}"#)
            .unwrap();
    assert_eq!(options.grid, Some(RfmGrid::new([["a", "b"], ["c", "d"]])));
    assert_eq!(options.window, RfmWindow::Days(30));
    assert!(serde_json::from_str::<RfmOptions>(r#"{"bin": 2}"#).is_err());
}
