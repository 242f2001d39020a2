//! Returns against a look at every order and every customer.

#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use regulars::{Rate, Returns};
use regulars_tests::{Reference, history_of, many_orders, options, orders};

#[track_caller]
fn check(found: &Returns, reference: &Reference) {
    let (mut orders, mut with_return, mut sold, mut paid_back) = (0, 0, 0, 0);
    let mut first_return: BTreeMap<&str, NaiveDate> = BTreeMap::new();
    let mut returned = |who, day: NaiveDate| {
        let first = first_return.entry(who).or_insert(day);
        *first = day.min(*first);
    };
    let mut customers = BTreeSet::new();
    for (who, day, amount, back, back_on) in reference.sold() {
        orders += 1;
        with_return += u64::from(back > 0);
        sold += amount;
        paid_back += back;
        customers.extend(who);
        if let Some(who) = who.filter(|_| back > 0) {
            returned(who, back_on.unwrap_or(day));
        }
    }
    let books = reference.books();
    for (&who, rows) in &books {
        for (day, _, _) in rows.iter().filter(|row| !row.2) {
            returned(who, *day);
        }
    }
    let (mut after, mut without) = ((0, 0), (0, 0));
    let occasions = reference.occasions();
    for who in customers {
        let days: Vec<NaiveDate> = occasions.get(who).into_iter().flatten().copied().collect();
        if let Some(first) = first_return.get(who) {
            after.1 += 1;
            after.0 += u64::from(days.iter().any(|day| day > first));
        } else {
            without.1 += 1;
            without.0 += u64::from(days.len() >= 2);
        }
    }
    let counts = |rate: Rate| (rate.numerator, rate.denominator);
    assert_eq!(counts(found.by_orders), (with_return, orders));
    assert_eq!((found.by_value.numerator.minor(), found.by_value.denominator.minor()), (paid_back, sold));
    assert!(found.by_value.value.is_none_or(|value| (0.0..=1.0).contains(&value)));
    assert_eq!(counts(found.bought_again_after_return), after);
    assert_eq!(counts(found.bought_again_without_return), without);
    let credited: i64 = books.values().flatten().filter(|row| !row.2).map(|row| -row.1).sum();
    let with_credits = found.by_value_with_credit_notes.numerator.minor() - paid_back;
    // Credit notes of nobody are in the whole.
    assert!(with_credits >= credited);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn returns_are_those_of_the_books(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let found = history.returns();
        check(&found, &Reference::new(&orders, &options));
        prop_assert_eq!(found.credit_notes, history.summary().credit_notes);
    }

    #[test]
    fn orders_after_the_observation_have_no_returns(orders in orders(60), options in options(), after in 1_u64..120) {
        let mut options = options;
        options.observed_until = Some(history_of(&orders, &options).unwrap().span().start() + Days::new(after));
        let history = history_of(&orders, &options).unwrap();
        check(&history.returns(), &Reference::new(&orders, &options));
    }
}

/// Enough orders for several threads where the feature `parallel` is on.
#[test]
fn a_large_shop_has_the_returns_of_its_books() {
    let orders = many_orders(150_000);
    let options = regulars::HistoryOptions::new(regulars::Currency::USD);
    check(&history_of(&orders, &options).unwrap().returns(), &Reference::new(&orders, &options));
}
