//! Concentration, spend by tenure and value against slow computations from the books of each customer, and what must hold
//! for any of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use chrono::{Days, Months, NaiveDate};
use proptest::prelude::*;
use regulars::{
    Concentration, ConcentrationOptions, Currency, CustomerKey, DiscountOptions, DiscountedValue, Grain,
    HistoryOptions, OrderHistory, Payback, Scenario, SpendByTenure, TenureBand, TenureOptions,
};
use regulars_tests::{RawOrder, Reference, history_of, many_orders, options, orders};

/// An order or credit note of a customer: day, cents after refunds, whether it is a purchase.
type Entry = (NaiveDate, i64, bool);

fn first_purchase(books: &[Entry]) -> Option<NaiveDate> {
    books.iter().filter(|entry| entry.2).map(|entry| entry.0).min()
}

/// Net revenue of each customer with a purchase.
fn totals(reference: &Reference) -> Vec<i64> {
    let books = reference.books();
    let buyers = books.values().filter(|books| first_purchase(books).is_some());
    buyers.map(|books| books.iter().map(|entry| entry.1).sum()).collect()
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

/// The area between the diagonal and the curve through every customer, doubled.
fn gini(totals: &[i64]) -> f64 {
    let mut sorted: Vec<i64> = totals.iter().map(|&total| total.max(0)).collect();
    sorted.sort_unstable();
    let (n, whole) = (sorted.len() as f64, sorted.iter().sum::<i64>() as f64);
    let mut below = 0.0;
    let mut sum = 0.0;
    for total in sorted {
        let before = sum;
        sum += total as f64 / whole;
        below += (before + sum) / (2.0 * n);
    }
    1.0 - 2.0 * below
}

#[track_caller]
fn check_concentration(found: &Concentration, totals: &[i64]) {
    let mut best: Vec<i64> = totals.iter().map(|&total| total.max(0)).collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let revenue: i64 = best.iter().sum();
    let n = best.len();
    assert_eq!((found.customers, found.revenue.minor()), (n as u64, revenue));
    assert_eq!(found.floored, totals.iter().filter(|&&total| total < 0).count() as u64);
    assert_eq!(found.revenue.minor() + found.floored_revenue.minor(), totals.iter().sum::<i64>());
    // ⌈n·p⌉ in whole percent
    for (top, percent) in found.top.iter().zip([1, 5, 10, 20]) {
        let count = (n * percent).div_ceil(100);
        assert_eq!(top.customers, count as u64);
        assert_eq!(top.revenue.minor(), best[..count].iter().sum::<i64>());
        assert_eq!(top.revenue_share.is_some(), revenue > 0);
    }
    assert_eq!(found.fewest.is_some(), revenue > 0);
    if let Some(fewest) = found.fewest {
        let sum = |count: usize| best[..count].iter().sum::<i64>();
        let count = (0..=n).find(|&count| 10 * sum(count) >= 8 * revenue).unwrap();
        assert_eq!((fewest.customers, fewest.revenue.minor()), (count as u64, sum(count)));
    }
    assert_eq!(found.gini.is_some(), revenue > 0);
    if let Some(found) = found.gini {
        close(found, gini(totals));
        assert!((0.0..1.0).contains(&found), "{found}");
    }
    check_curve(found, &best);
}

#[track_caller]
fn check_curve(found: &Concentration, best: &[i64]) {
    let revenue: i64 = best.iter().sum();
    if revenue == 0 {
        assert!(found.lorenz.is_empty());
        return;
    }
    let n = best.len();
    let curve = &found.lorenz;
    assert_eq!(curve.len(), n.min(100) + 1);
    for (point, at) in curve.iter().zip(0..) {
        let customers = if n <= 100 { at } else { at * n / 100 };
        close(point.customer_share, customers as f64 / n as f64);
        let least: i64 = best.iter().rev().take(customers).sum();
        close(point.revenue_share, least as f64 / revenue as f64);
    }
    let ends = (curve[0], curve[curve.len() - 1]);
    assert_eq!((ends.0.customer_share, ends.0.revenue_share), (0.0, 0.0));
    assert_eq!((ends.1.customer_share, ends.1.revenue_share), (1.0, 1.0));
    // It never falls, never bends down, and never rises above the diagonal.
    let slopes: Vec<f64> = curve
        .windows(2)
        .map(|two| {
            (two[1].revenue_share - two[0].revenue_share) / (two[1].customer_share - two[0].customer_share)
        })
        .collect();
    assert!(slopes[0] >= 0.0 && slopes.windows(2).all(|two| two[1] >= two[0] - 1e-9));
    assert!(curve.iter().all(|point| point.revenue_share <= point.customer_share + 1e-12));
}

/// A band: customers observed through it, those who bought, purchases, cents.
type Band = (u64, u64, u64, i64);

fn found(band: &TenureBand) -> Band {
    (band.active.denominator, band.active.numerator, band.purchases, band.revenue.minor())
}

/// Months `from` to `to`, of the customers observed until `through` months after their first purchase.
fn band(reference: &Reference, [from, to, through]: [u32; 3]) -> Band {
    let until = reference.span().1;
    let mut band = (0, 0, 0, 0);
    for books in reference.books().values() {
        let Some(first) = first_purchase(books).filter(|&first| reference.believes(first)) else { continue };
        if first + Months::new(through) > until {
            continue;
        }
        let within = |day: NaiveDate| first + Months::new(from - 1) <= day && day < first + Months::new(to);
        let days: BTreeSet<NaiveDate> = books.iter().filter(|e| e.2 && within(e.0)).map(|e| e.0).collect();
        band.0 += 1;
        band.1 += u64::from(!days.is_empty());
        band.2 += days.len() as u64;
        band.3 += books.iter().filter(|entry| within(entry.0)).map(|entry| entry.1).sum::<i64>();
    }
    band
}

#[track_caller]
fn check_tenure(spend: &SpendByTenure, reference: &Reference, width: u32) {
    let books = reference.books();
    for (number, row) in (0..).zip(&spend.bands) {
        let (from, to) = (number * width + 1, (number + 1) * width);
        let expected = band(reference, [from, to, to]);
        assert_eq!((row.first_month, row.last_month, found(row)), (from, to, expected));
        let (observed, active, _, cents) = expected;
        assert!(observed > 0);
        let mean = |count: u64| (count > 0).then(|| cents as f64 / 100.0 / count as f64);
        assert_eq!(row.revenue_per_active_customer.value, mean(active));
        assert_eq!(row.revenue_per_original_customer.value, mean(observed));
    }
    let next = u32::try_from(spend.bands.len()).unwrap() * width;
    assert_eq!(band(reference, [next + 1, next + width, next + width]).0, 0);

    let firsts: Vec<NaiveDate> = books.values().filter_map(|books| first_purchase(books)).collect();
    let known = firsts.iter().filter(|&&first| reference.believes(first)).count() as u64;
    assert_eq!((spend.customers, spend.unknown_tenure), (known, firsts.len() as u64 - known));
    let all: i64 = books.values().flatten().map(|entry| entry.1).sum();
    assert_eq!(spend.bands.iter().map(|band| band.revenue.minor()).sum::<i64>() + spend.outside.minor(), all);
    assert!(spend.bands.is_sorted_by(|a, b| a.active.denominator >= b.active.denominator));
}

fn by(months: u32) -> TenureOptions {
    let mut options = TenureOptions::default();
    options.months_per_band = NonZeroU32::new(months).unwrap();
    options
}

/// The same orders observed for longer, so that bands of months can fill.
fn later(mut options: HistoryOptions, history: &OrderHistory, days: u64) -> HistoryOptions {
    options.observed_until = Some(history.observed_until() + Days::new(days));
    options
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn concentration_is_that_of_the_books(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let found = history.concentration(&ConcentrationOptions::default()).unwrap();
        check_concentration(&found, &totals(&Reference::new(&orders, &options)));
    }

    #[test]
    fn concentration_of_any_totals(totals in prop::collection::vec(-50_i64..1000, 0..400)) {
        let options = ConcentrationOptions::default();
        let found = Concentration::of_minor(totals.clone(), Currency::USD, &options).unwrap();
        check_concentration(&found, &totals);
        prop_assert!(found.top.is_sorted_by(|a, b| a.revenue.minor() <= b.revenue.minor()));
    }

    /// In cents or in thousandths, and with every customer twice, it is as concentrated.
    #[test]
    fn concentration_does_not_depend_on_scale(totals in prop::collection::vec(-50_i64..1000, 1..150), by in 2_i64..1000) {
        let of = |totals: Vec<i64>| Concentration::of_minor(totals, Currency::USD, &ConcentrationOptions::default()).unwrap();
        let found = of(totals.clone());
        let scaled = of(totals.iter().map(|total| total * by).collect());
        prop_assert_eq!(scaled.fewest.map(|fewest| fewest.customers), found.fewest.map(|fewest| fewest.customers));
        let twice = of([totals.clone(), totals].concat());
        for other in [&scaled, &twice] {
            prop_assert_eq!(other.gini.is_some(), found.gini.is_some());
            if let Some((a, b)) = other.gini.zip(found.gini) {
                close(a, b);
            }
        }
        for (a, b) in scaled.lorenz.iter().zip(&found.lorenz) {
            close(a.revenue_share, b.revenue_share);
        }
    }

    #[test]
    fn spend_by_tenure_is_that_of_the_books(orders in orders(60), options in options(), more in 0_u64..400, months in 1_u32..4) {
        let options = later(options.clone(), &history_of(&orders, &options).unwrap(), more);
        let history = history_of(&orders, &options).unwrap();
        check_tenure(&history.spend_by_tenure(&by(months)), &Reference::new(&orders, &options), months);
    }

    #[test]
    fn two_bands_are_of_the_same_customers(orders in orders(60), options in options(), more in 0_u64..200, band_ in (1_u32..5, 0_u32..3), base in (1_u32..5, 0_u32..3)) {
        let options = later(options.clone(), &history_of(&orders, &options).unwrap(), more);
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        let months = [band_, base].map(|(from, more)| [from, from + more]);
        let through = months[0][1].max(months[1][1]);
        let ratio = history.tenure_ratio(months[0][0]..=months[0][1], months[1][0]..=months[1][1]).unwrap();
        let expected = months.map(|[from, to]| band(&reference, [from, to, through]));
        prop_assert_eq!([found(&ratio.band), found(&ratio.base)], expected);
        let [(n, _, _, over), (_, _, _, under)] = expected;
        prop_assert_eq!(ratio.per_original_customer.is_some(), n > 0 && under > 0);
        if let Some(found) = ratio.per_original_customer {
            close(found, over as f64 / under as f64);
        }
    }

    #[test]
    fn historic_value_is_that_of_the_books(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        let totals = totals(&reference);
        let value = history.historic_value();
        prop_assert_eq!(value.revenue.total.minor(), totals.iter().sum::<i64>());
        prop_assert_eq!(value.revenue.count, totals.len() as u64);
        for (who, books) in reference.books() {
            let expected = first_purchase(&books).map(|_| books.iter().map(|entry| entry.1).sum::<i64>());
            let found = history.historic_value_of(&CustomerKey::new(who).unwrap());
            prop_assert_eq!(found.map(|money| money.minor()), expected);
        }
    }

    /// A higher cost is never paid back sooner, and the curve sums the months of the table.
    #[test]
    fn payback_is_monotone_in_cost(orders in orders(60), more in 0_u64..400, costs in prop::collection::vec(0.0..20.0_f64, 2), margin in 0.0..1.0_f64) {
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = None;
        let options = later(options.clone(), &history_of(&orders, &options).unwrap(), more);
        let history = history_of(&orders, &options).unwrap();
        let rank = |cost: f64| match history.payback(cost, margin).unwrap().payback {
            Payback::Month { month } => u64::from(month),
            Payback::NotYet { .. } => 1 << 40,
            _ => 1 << 41,
        };
        let (low, high) = (costs[0].min(costs[1]), costs[0].max(costs[1]));
        prop_assert!(rank(low) <= rank(high));
        let months = history.spend_by_tenure(&TenureOptions::default()).bands;
        let cumulative = history.payback(low, margin).unwrap().cumulative;
        let sum: f64 = months.iter().map(|month| month.revenue.to_f64() / month.active.denominator as f64).sum();
        prop_assert_eq!(cumulative.len(), months.len());
        if let Some(&last) = cumulative.last() {
            prop_assert!((last - sum * margin).abs() < 1e-9);
        }
    }

    /// The closed form is the sum of what is to come, until it is nothing.
    #[test]
    fn discounted_value_is_a_sum(m in 1.0..1000.0_f64, r in 0.0..0.95_f64, d in 0.0..0.5_f64) {
        let mut options = DiscountOptions::default();
        options.rate = d;
        let without = DiscountedValue::new(m, r, Grain::Year, &options).unwrap().value.unwrap();
        options.first_margin = true;
        let with = DiscountedValue::new(m, r, Grain::Year, &options).unwrap().value.unwrap();
        let sum: f64 = (1..1500).map(|t| m * (r / (1.0 + d)).powi(t)).sum();
        prop_assert!((without - sum).abs() < 1e-9 * (1.0 + sum));
        prop_assert!((with - without - m).abs() < 1e-9 * (1.0 + with));
    }

    /// Better retention or more new customers never bring less.
    #[test]
    fn a_better_scenario_brings_no_less(n in 0.0..500.0_f64, spend in 0.0..50.0_f64, r in 0.0..1.0_f64, by in 0.0..1.0_f64, a in 0.0..50.0_f64) {
        let worse = Scenario::new(n, spend, r).unwrap().acquiring(a).unwrap();
        let better = Scenario::new(n, spend, r + (1.0 - r) * by).unwrap().acquiring(a * (1.0 + by)).unwrap();
        let compared = worse.compare(&better, 24);
        for (worse, better) in compared.base.periods.iter().zip(&compared.other.periods) {
            prop_assert!(better.customers >= worse.customers * (1.0 - 1e-12));
            prop_assert!(better.cumulative_revenue >= worse.cumulative_revenue * (1.0 - 1e-12));
        }
    }
}

/// Enough orders for several threads where the feature `parallel` is on.
#[test]
fn a_large_shop_has_the_figures_of_its_books() {
    let orders: Vec<RawOrder> = many_orders(150_000);
    let mut options = HistoryOptions::new(Currency::USD);
    options.observed_until = NaiveDate::from_ymd_opt(2024, 6, 1);
    let history = history_of(&orders, &options).unwrap();
    let reference = Reference::new(&orders, &options);
    check_concentration(
        &history.concentration(&ConcentrationOptions::default()).unwrap(),
        &totals(&reference),
    );
    check_tenure(&history.spend_by_tenure(&by(6)), &reference, 6);
    assert_eq!(history.historic_value().revenue.total.minor(), totals(&reference).iter().sum::<i64>());
}
