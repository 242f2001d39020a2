//! Orders that come again with another content, where the last one holds: as if only the last had come, whichever way they
//! came.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regulars::{CustomerKey, HistoryOptions, OrderHistory, OrderStatus, RepeatedIds};
use regulars_tests::{Placed, RawOrder, columns_of, date, history_of, key, many_orders, options, orders};

/// An order as it stands in a later export.
fn changed() -> impl Strategy<Value = (Index, u8, i64, OrderStatus)> {
    let status =
        select(&[OrderStatus::Paid, OrderStatus::Refunded, OrderStatus::Cancelled, OrderStatus::Deleted][..]);
    (any::<Index>(), 0_u8..6, 1_i64..400, status)
}

/// Orders, and after them, in between, some of them again with a change.
fn exports() -> impl Strategy<Value = Vec<RawOrder>> {
    (orders(40), vec((changed(), any::<Index>()), 0..12)).prop_map(|(mut orders, changes)| {
        for ((which, what, amount, status), at) in changes {
            let mut order = orders[which.index(orders.len())].clone();
            match what {
                0 => order.amount = amount,
                1 => order.status = status,
                2 => order.refunded = Some(amount),
                3 => order.placed = Placed::Day(19_720 + i32::try_from(amount % 100).unwrap()),
                4 => order.customer = Some("somebody else".to_owned()),
                _ => {}
            }
            orders.insert(at.index(orders.len() + 1), order);
        }
        orders
    })
}

fn keeping_last(options: &HistoryOptions) -> HistoryOptions {
    let mut options = options.clone();
    options.repeated_ids = RepeatedIds::KeepLast;
    options
}

/// The last order of every number, and all without one.
fn last_ones(orders: &[RawOrder]) -> Vec<RawOrder> {
    let last: HashMap<String, usize> =
        orders.iter().zip(0..).filter_map(|(order, at)| Some((key(order.id.as_ref())?, at))).collect();
    let holds = |at: usize, order: &RawOrder| key(order.id.as_ref()).is_none_or(|id| last[&id] == at);
    (0..).zip(orders).filter(|(at, order)| holds(*at, order)).map(|(_, order)| order.clone()).collect()
}

/// All that a history says but for what was given, which an order that was superseded is too: with it the books may begin
/// earlier, and reach back further.
fn content(history: &OrderHistory) -> String {
    let mut summary = serde_json::to_value(history.summary()).unwrap();
    for given in ["given", "superseded", "span", "inferences"] {
        summary[given] = serde_json::Value::Null;
    }
    let months = (0..9).map(|month| {
        let text = format!("{}-{:02}", 2023 + (11 + month) / 12, (11 + month) % 12 + 1);
        let mut buying = serde_json::to_value(history.during(text.as_str()).unwrap().buying()).unwrap();
        buying["reachesBack"] = serde_json::Value::Null;
        buying
    });
    let books: Vec<_> = ["1", "2", "3", "42", "somebody else", "ann@example.com", "bob@x.org"]
        .map(|key| history.orders_of(&CustomerKey::new(key).unwrap()))
        .into();
    serde_json::to_string(&(summary, months.collect::<Vec<_>>(), history.left_out(), books)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_one_holds(orders in exports(), mut options in options(), chunks in vec(0_usize..15, 0..5), cut in any::<Index>()) {
        options.observed_until = options.observed_until.or(Some(date(19_900)));
        let keeping = keeping_last(&options);
        let last = last_ones(&orders);
        let history = history_of(&orders, &keeping).unwrap();
        let summary = history.summary();
        prop_assert_eq!(summary.superseded, (orders.len() - last.len()) as u64);
        prop_assert_eq!((summary.given, summary.repeated), (orders.len() as u64, 0));
        prop_assert_eq!(content(&history), content(&history_of(&last, &options).unwrap()));

        // At once, in columns, appended: the same.
        prop_assert_eq!(&history, &columns_of(&orders, &chunks, &keeping).unwrap());
        let (first, later) = orders.split_at(1 + cut.index(orders.len()));
        let appended = history_of(first, &keeping).unwrap().append(later.iter().map(RawOrder::to_order));
        prop_assert_eq!(&history, &appended.unwrap());
    }

    /// Of two histories neither is the later one.
    #[test]
    fn merging_is_symmetric_or_an_error(orders in exports(), options in options(), cut in any::<Index>()) {
        let keeping = keeping_last(&options);
        let (first, later) = orders.split_at(cut.index(orders.len()));
        prop_assume!(!first.is_empty() && !later.is_empty());
        let [a, b] = [first, later].map(|part| history_of(part, &keeping).unwrap());
        match (a.merge(&b), b.merge(&a)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(one, other),
            (Err(one), Err(other)) => prop_assert_eq!((one.code(), other.code()), ("duplicate_order", "duplicate_order")),
            (one, other) => prop_assert!(false, "{:?} and {:?}", one.is_ok(), other.is_ok()),
        }
    }
}

/// More than a batch of a builder, with changes in the same batch and in the next one.
#[test]
fn the_last_one_holds_over_batches() {
    let mut orders = many_orders(262_200);
    for from in [3, 262_100] {
        let again: Vec<RawOrder> = orders[from..]
            .iter()
            .step_by(997)
            .take(40)
            .map(|order| RawOrder { amount: 77, ..order.clone() })
            .collect();
        orders.extend(again);
    }
    let keeping = keeping_last(&HistoryOptions::new(regulars::Currency::USD));
    let history = history_of(&orders, &keeping).unwrap();
    assert_eq!(history, columns_of(&orders, &[100_000, 50_000], &keeping).unwrap());
    let last = last_ones(&orders);
    assert!(last.len() < orders.len() - 20);
    assert_eq!(history.summary().superseded, (orders.len() - last.len()) as u64);
}

#[test]
fn by_default_a_change_is_an_error() {
    let order = RawOrder { id: Some("#1".to_owned()), ..RawOrder::new(19_720, 100) };
    let paid_back = RawOrder { refunded: Some(30), ..order.clone() };
    let options = HistoryOptions::new(regulars::Currency::USD);
    let error = history_of(&[order.clone(), paid_back.clone()], &options).unwrap_err();
    assert_eq!(error.code(), "duplicate_order");
    let history = history_of(&[order, paid_back], &keeping_last(&options)).unwrap();
    assert_eq!((history.summary().orders, history.summary().revenue.minor()), (1, 70));
}
