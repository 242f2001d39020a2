//! What must hold for any orders: the way they come in changes nothing, every order is in one place, parts sum to the
//! whole, and all figures are those of a slow and obvious computation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use regulars::{
    Buying, Grain, HistoryOptions, Inference, LeftOut, OrderHistory, OrderStatus, Period, RefundDate,
    RfmOptions,
};
use regulars_tests::{RawOrder, Reference, columns_of, history_of, many_orders, options, orders};

const GRAINS: [&str; 6] = ["day", "week", "week-sun", "month", "quarter", "year"];

/// What a history is and what it says.
fn figures(history: &OrderHistory) -> String {
    let summary = history.summary();
    let timelines = GRAINS.map(|grain| history.timeline(grain.parse().unwrap()).unwrap());
    serde_json::to_string(&(summary, timelines, history.left_out())).unwrap()
}

fn during(history: &OrderHistory, period: Period) -> Buying {
    *history.during(period).unwrap().buying()
}

/// Orders dealt to two hands; those with a number may go to both.
fn deal(orders: &[RawOrder], to: &[u8]) -> [Vec<RawOrder>; 2] {
    let mut hands = [Vec::new(), Vec::new()];
    for (order, to) in orders.iter().zip(to.iter().cycle()) {
        let both = to % 3 == 2 && order.id.is_some();
        for (hand, here) in hands.iter_mut().zip([to % 3 == 0 || both, to % 3 == 1 || both || to % 3 == 2]) {
            if here {
                hand.push(order.clone());
            }
        }
    }
    hands
}

/// How often the two hands hold more than they were dealt from.
fn doubled(orders: &[RawOrder], hands: &[Vec<RawOrder>]) -> u64 {
    (hands.iter().map(Vec::len).sum::<usize>() - orders.len()) as u64
}

/// The same history but for the count of orders that were given and came again.
fn same_but_for_repeats(left: &OrderHistory, right: &OrderHistory, repeats: u64) {
    let (a, b) = (left.summary(), right.summary());
    assert_eq!((a.given - a.repeated, a.given), (b.given - b.repeated, b.given + repeats));
    let strip = |history: &OrderHistory| {
        let mut summary = history.summary();
        summary.given = 0;
        summary.repeated = 0;
        summary.inferences.clear();
        let timelines = GRAINS.map(|grain| history.timeline(grain.parse().unwrap()).unwrap());
        serde_json::to_string(&(summary, timelines, history.left_out())).unwrap()
    };
    assert_eq!(strip(left), strip(right));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_may_come_in_any_order((orders, shuffled) in orders(40).prop_flat_map(|o| (Just(o.clone()), Just(o).prop_shuffle())), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        prop_assert_eq!(&history, &history_of(&shuffled, &options).unwrap());
    }

    #[test]
    fn columns_in_any_chunks_are_orders_one_by_one(orders in orders(40), chunks in prop::collection::vec(0_usize..15, 0..5), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        prop_assert_eq!(&history, &columns_of(&orders, &[], &options).unwrap());
        prop_assert_eq!(&history, &columns_of(&orders, &chunks, &options).unwrap());
    }

    #[test]
    fn appended_is_given_at_once(orders in orders(40), cut in any::<prop::sample::Index>(), options in options()) {
        let cut = 1 + cut.index(orders.len());
        let (first, later) = orders.split_at(cut);
        let history = history_of(first, &options).unwrap().append(later.iter().map(RawOrder::to_order)).unwrap();
        let at_once = history_of(&orders, &options).unwrap();
        prop_assert_eq!(figures(&history), figures(&at_once));
        prop_assert_eq!(history, at_once);
    }

    #[test]
    fn merged_is_given_at_once(orders in orders(40), to in prop::collection::vec(0_u8..3, 1..40), options in options()) {
        let hands = deal(&orders, &to);
        prop_assume!(hands.iter().all(|hand| !hand.is_empty()));
        let [left, right] = [0, 1].map(|hand| history_of(&hands[hand], &options).unwrap());
        let merged = left.merge(&right).unwrap();
        prop_assert_eq!(&merged, &right.merge(&left).unwrap());
        let both: Vec<RawOrder> = hands.iter().flatten().cloned().collect();
        prop_assert_eq!(&merged, &history_of(&both, &options).unwrap());
        same_but_for_repeats(&merged, &history_of(&orders, &options).unwrap(), doubled(&orders, &hands));
    }

    #[test]
    fn merging_is_associative(orders in orders(40), to in prop::collection::vec(0_usize..3, 1..40), options in options()) {
        let mut hands = [Vec::new(), Vec::new(), Vec::new()];
        for (order, to) in orders.iter().zip(to.iter().cycle()) {
            hands[*to].push(order.clone());
        }
        prop_assume!(hands.iter().all(|hand| !hand.is_empty()));
        let [a, b, c] = [0, 1, 2].map(|hand| history_of(&hands[hand], &options).unwrap());
        let left = a.merge(&b).unwrap().merge(&c).unwrap();
        prop_assert_eq!(&left, &a.merge(&b.merge(&c).unwrap()).unwrap());
        prop_assert_eq!(&left, &history_of(&orders, &options).unwrap());
    }

    #[test]
    fn the_end_of_observation_moves_there_and_back(orders in orders(40), after in 1_u64..150, options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let end = history.span().start() + Days::new(after);
        let then = history.observe_until(Some(end)).unwrap();
        prop_assert_eq!(then.observed_until(), end);
        prop_assert_eq!(&then.observe_until(options.observed_until).unwrap(), &history);
        let mut from_the_start = options.clone();
        from_the_start.observed_until = Some(end);
        prop_assert_eq!(&then, &history_of(&orders, &from_the_start).unwrap());
    }

    /// The history of a day is that of the books as they were on it: without later orders and later refunds.
    #[test]
    fn nothing_is_known_before_its_day(orders in orders(60), options in options(), after in 1_u64..150) {
        use OrderStatus::{Cancelled, Failed, Refunded, Voided};
        let end = history_of(&orders, &options).unwrap().span().start() + Days::new(after);
        let days = (end - NaiveDate::default()).num_days();
        let placed_before = |order: &&RawOrder| history_of(std::slice::from_ref(*order), &options).unwrap().span().start() < end;
        let mut options = options.clone();
        let then: Vec<RawOrder> = orders.iter().filter(placed_before).map(|order| {
            let ahead = order.refunded_on.is_some_and(|on| i64::from(on) >= days);
            let mut order = order.clone();
            if ahead {
                (order.refunded, order.refunded_on) = (None, None);
                // An order of a status that is left out stays so: nobody knows what it was before.
                let paid_back = matches!(order.status, Refunded | Cancelled | Voided | Failed);
                if paid_back && !options.policy.leave_out.contains(&order.status) {
                    order.status = OrderStatus::Paid;
                }
            }
            order
        }).collect();
        options.observed_until = Some(end);
        let history = history_of(&orders, &options).unwrap();
        let books = history_of(&then, &options).unwrap();
        for grain in ["week", "quarter"] {
            let timeline = |history: &OrderHistory| history.timeline(grain.parse().unwrap()).unwrap();
            prop_assert_eq!(timeline(&history), timeline(&books));
        }
        prop_assert_eq!(history.rfm(&RfmOptions::default()), books.rfm(&RfmOptions::default()));
        prop_assert_eq!(history.returns(), books.returns());
        let (found, expected) = (history.summary(), books.summary());
        prop_assert_eq!((found.orders, found.purchases, found.revenue), (expected.orders, expected.purchases, expected.revenue));
        prop_assert_eq!((found.customers, found.prospects), (expected.customers, expected.prospects));
        let reasons = |history: &OrderHistory| -> Vec<_> {
            history.left_out().iter().map(|order| (order.placed_on, order.reason, order.id.clone(), order.amount)).collect()
        };
        prop_assert_eq!(reasons(&history), reasons(&books));
        let known: Vec<_> = found.left_out.iter().filter(|count| count.reason != LeftOut::AfterObservation).copied().collect();
        prop_assert_eq!(known, expected.left_out);
        let after: u64 = found.left_out.iter().filter(|count| count.reason == LeftOut::AfterObservation).map(|count| count.orders).sum();
        prop_assert_eq!(after, found.given - found.repeated - (expected.given - expected.repeated));
        // Of the earlier orders alone, as they were given. That instants became days decides which ones those are.
        let earlier: Vec<RawOrder> = orders.iter().filter(placed_before).cloned().collect();
        let inferred = |history: &OrderHistory| -> Vec<_> {
            history.summary().inferences.into_iter().filter(|inference| *inference != Inference::ZoneIsUtc).collect()
        };
        prop_assert_eq!(inferred(&history), inferred(&history_of(&earlier, &options).unwrap()));
    }

    #[test]
    fn every_order_is_in_one_place(orders in orders(40), after in prop::option::of(1_u64..150), options in options()) {
        let mut history = history_of(&orders, &options).unwrap();
        if let Some(after) = after {
            history = history.observe_until(Some(history.span().start() + Days::new(after))).unwrap();
        }
        let summary = history.summary();
        let left_out: u64 = summary.left_out.iter().map(|count| count.orders).sum();
        prop_assert_eq!(summary.given, orders.len() as u64);
        prop_assert_eq!(summary.given, summary.orders + summary.credit_notes + left_out + summary.repeated);
        let listed = summary.left_out.iter().filter(|count| count.reason != LeftOut::AfterObservation);
        prop_assert_eq!(history.left_out().len() as u64, listed.map(|count| count.orders).sum::<u64>());
    }

    #[test]
    fn figures_are_those_of_the_obvious_computation(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        reference.check_summary(&history.summary());
        for grain in GRAINS {
            let timeline = history.timeline(grain.parse().unwrap()).unwrap();
            let bounds = reference.bounds(grain);
            let found: Vec<NaiveDate> = timeline.periods.iter().map(|buying| buying.period.start()).collect();
            prop_assert_eq!(&found[..], &bounds[..bounds.len() - 1]);
            for (buying, end) in timeline.periods.iter().zip(&bounds[1..]) {
                prop_assert_eq!(buying.period.end(), *end);
                reference.check_buying(buying);
                prop_assert_eq!(*buying, during(&history, buying.period));
            }
        }
    }

    #[test]
    fn any_period_has_the_figures_of_the_obvious_computation(orders in orders(60), options in options(), start in -20_i64..140, days in 1_u64..200) {
        let history = history_of(&orders, &options).unwrap();
        let start = history.span().start() + chrono::TimeDelta::days(start);
        let period = Period::new(start, start + Days::new(days)).unwrap();
        Reference::new(&orders, &options).check_buying(&during(&history, period));
    }

    /// Within the observation: what is known of days after its end has no place in a period before.
    #[test]
    fn an_earlier_end_of_observation_has_the_figures_of_the_obvious_computation(orders in orders(60), options in options(), after in 1_u64..120) {
        let mut options = options;
        let end = history_of(&orders, &options).unwrap().span().start() + Days::new(after);
        options.observed_until = Some(end);
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        reference.check_summary(&history.summary());
        for buying in history.timeline(Grain::WEEK).unwrap().periods.iter().filter(|buying| buying.complete) {
            reference.check_buying(buying);
        }
    }

    #[test]
    fn parts_sum_to_the_whole(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        let summary = history.summary();
        for grain in GRAINS {
            let periods = history.timeline(grain.parse().unwrap()).unwrap().periods;
            for p in &periods {
                let s = p.revenue_split;
                let parts = [s.first, s.warm_up, s.later, s.unidentified, s.credits];
                prop_assert_eq!(parts.iter().map(|part| part.revenue.minor()).sum::<i64>(), p.revenue.minor());
                prop_assert_eq!(parts.iter().map(|part| part.orders).sum::<u64>(), p.orders);
                prop_assert_eq!(s.credits.orders, 0);
                prop_assert!(p.purchases >= p.customers + p.repeat_customer_rate.numerator);
                prop_assert_eq!(p.new_customers.is_none(), p.warm_up_customers > 0);
                if let Some(new) = p.new_customers {
                    prop_assert_eq!(p.customers, new + p.existing_customer_share.numerator);
                    prop_assert!(p.returning_customer_rate.numerator >= p.repeat_customer_rate.numerator);
                    prop_assert!(p.returning_customer_rate.numerator >= p.existing_customer_share.numerator);
                }
            }
            let sum = |of: fn(&regulars::Buying) -> u64| periods.iter().map(of).sum::<u64>();
            prop_assert_eq!(sum(|p| p.orders), summary.orders);
            prop_assert_eq!(sum(|p| p.purchases), summary.purchases);
            prop_assert!(sum(|p| p.new_customers.unwrap_or(0) + p.warm_up_customers) <= summary.customers);
            if options.history_starts.is_none() {
                prop_assert_eq!(sum(|p| p.new_customers.unwrap()), summary.customers);
            }
            // A refund that is booked before the first or after the last period is in the total alone.
            let (start, end) = (periods[0].period.start(), periods[periods.len() - 1].period.end());
            if options.policy.refunds_in_periods == RefundDate::Order || !reference.refunds_outside(start, end) {
                let revenue: i64 = periods.iter().map(|p| p.revenue.minor()).sum();
                prop_assert_eq!(revenue, summary.revenue.minor());
            }
        }
    }

    #[test]
    fn rates_are_shares_within_their_intervals(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        for p in history.timeline(Grain::Month).unwrap().periods {
            for rate in [p.repeat_customer_rate, p.returning_customer_rate, p.existing_customer_share] {
                prop_assert_eq!(rate.value.is_some(), rate.denominator > 0);
                prop_assert_eq!(rate.interval.is_some(), rate.denominator > 0);
                if let (Some(value), Some(interval)) = (rate.value, rate.interval) {
                    prop_assert!((0.0..=1.0).contains(&value));
                    prop_assert!(0.0 <= interval.low && interval.low <= value);
                    prop_assert!(value <= interval.high && interval.high <= 1.0);
                }
            }
            let means = [p.purchase_frequency.value, p.average_order_value.value, p.average_revenue_per_customer.value];
            prop_assert!(means.into_iter().flatten().all(f64::is_finite));
            prop_assert!(p.purchase_frequency.value.is_none_or(|mean| mean >= 1.0));
        }
    }

    /// Orders placed after a period, refunded on or after their day, leave its figures alone. A refund made after it does
    /// not: what was a purchase then may be none now.
    #[test]
    fn a_past_period_does_not_drift(orders in orders(60), options in options(), cut in 1_u64..120) {
        let mut options = options;
        options.observed_until = None;
        let start = history_of(&orders, &options).unwrap().span().start();
        let cut = start + Days::new(cut);
        let epoch = NaiveDate::default();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for order in orders {
            let day = history_of(std::slice::from_ref(&order), &options).unwrap().span().start();
            if day < cut {
                before.push(order.refunded_before(cut));
            } else {
                let lag = order.refunded_on.map(|on| on.max(i32::try_from((day - epoch).num_days()).unwrap()));
                after.push(RawOrder { refunded_on: lag, ..order });
            }
        }
        prop_assume!(!after.is_empty());
        // The repeats of an order are clones of it, so both lists are still consistent.
        let then = history_of(&before, &options).unwrap().observe_until(Some(cut)).unwrap();
        let now = history_of(&[before, after].concat(), &options).unwrap();
        for grain in GRAINS {
            for buying in then.timeline(grain.parse().unwrap()).unwrap().periods {
                if buying.complete {
                    prop_assert_eq!(buying, during(&now, buying.period));
                }
            }
        }
    }

    #[test]
    fn the_books_of_a_customer_are_in_time(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let (mut purchases, mut customers) = (0, 0);
        let mut seen = std::collections::BTreeSet::new();
        for order in &orders {
            let order = order.to_order();
            let Some(key) = order.key() else { continue };
            if !seen.insert(key.clone()) {
                continue;
            }
            let recorded = history.orders_of(key);
            prop_assert!(recorded.is_sorted_by_key(|order| order.placed_on));
            let mut days: Vec<_> = recorded.iter().filter(|o| o.is_purchase).map(|o| o.placed_on).collect();
            days.dedup();
            purchases += days.len() as u64;
            customers += u64::from(!days.is_empty());
        }
        let summary = history.summary();
        prop_assert_eq!((summary.purchases, summary.customers), (purchases, customers));
    }

    #[test]
    fn options_survive_json(options in options()) {
        let json = serde_json::to_string(&options).unwrap();
        prop_assert_eq!(serde_json::from_str::<HistoryOptions>(&json).unwrap(), options);
    }
}

/// Enough rows for several threads where the feature `parallel` is on. The same rows in parts that are each too few for
/// a second thread, merged, are the same history; and its months are those of the obvious computation.
#[test]
fn threads_change_nothing() {
    let orders = many_orders(200_000);
    let mut options = HistoryOptions::new(regulars::Currency::USD);
    options.zone = Some("Europe/Berlin".parse().unwrap());
    let at_once = columns_of(&orders, &[70_000, 60_000], &options).unwrap();
    let parts = orders.chunks(45_000).map(|part| history_of(part, &options).unwrap());
    let merged = parts.reduce(|whole, part| whole.merge(&part).unwrap()).unwrap();
    assert_eq!(at_once, merged);

    let reference = Reference::new(&orders, &options);
    reference.check_summary(&at_once.summary());
    for buying in &at_once.timeline(Grain::Quarter).unwrap().periods {
        reference.check_buying(buying);
    }
    let months = at_once.timeline(Grain::Month).unwrap().periods;
    for buying in &months {
        // One period alone goes by another way through the same scan.
        assert_eq!(*buying, during(&at_once, buying.period));
    }
}
