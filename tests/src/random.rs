//! Random orders of a small shop, so that customers, days and order numbers meet often.

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use regulars::{Currency, HistoryOptions, OrderPolicy, OrderStatus, RefundDate};

use crate::raw::{Placed, RawOrder};

/// 2023-12-20, so that histories cross the turn of a year, a leap day and a change of the clock.
const FIRST: i32 = 19_711;
const DAYS: i32 = 130;

fn text(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(choices).prop_map(str::to_owned)
}

fn status() -> impl Strategy<Value = OrderStatus> {
    use OrderStatus::{
        Authorized, Cancelled, Deleted, Draft, Failed, OnHold, Paid, Pending, Refunded, Test, Voided,
    };
    prop_oneof![
        12 => Just(Paid),
        1 => select(&[Refunded, Pending, Authorized, OnHold, Cancelled, Voided, Failed, Test, Draft, Deleted][..]),
        1 => Just(Refunded),
    ]
}

/// The last and first second of 2023 and 2024 in UTC, and those around the change of the clock in New York (10 March 2024,
/// 07:00 UTC) and in Berlin (31 March 2024, 01:00 UTC).
const SECONDS: [i64; 6] =
    [1_704_067_199, 1_704_067_200, 1_710_053_999, 1_710_054_000, 1_711_846_799, 1_711_846_800];

fn placed() -> impl Strategy<Value = Placed> {
    prop_oneof![
        4 => (FIRST..FIRST + DAYS).prop_map(Placed::Day),
        // Days on which many buy, some of them more than once.
        2 => select(&[FIRST, FIRST + 1, FIRST + 12, FIRST + 101, FIRST + 102][..]).prop_map(Placed::Day),
        1 => select(&SECONDS[..]).prop_map(Placed::Second),
        1 => (i64::from(FIRST) * 86_400..i64::from(FIRST + DAYS) * 86_400).prop_map(Placed::Second),
    ]
}

fn order() -> impl Strategy<Value = RawOrder> {
    let who = (
        weighted(
            0.7,
            text(&[
                "1",
                "2",
                "3",
                "4711",
                "-5",
                "0042",
                "42",
                "cus_A",
                "cus_a",
                " 1 ",
                "",
                "9223372036854775807",
            ]),
        ),
        weighted(
            0.6,
            text(&["ann@example.com", "Ann@Example.com ", "BOB@x.org", "bob@x.org", "Ünal@x.org", ""]),
        ),
    );
    // Sums of the large ones are still exact in the floats of slow and obvious computations.
    let amount = prop_oneof![
        12 => 1_i64..400,
        2 => Just(0_i64),
        3 => -200_i64..0,
        1 => select(&[9_000_000_000_000, -9_000_000_000_000][..]),
    ];
    // A refund of more than the amount, a refund of all of it, and one before the order are all to be found in books.
    let refund = (weighted(0.25, 0_i64..450), weighted(0.5, -2_i32..60));
    let extra =
        (weighted(0.3, 0_i64..50), weighted(0.3, 0_i64..50), weighted(0.3, text(&["web", "shop", ""])));
    (who, placed(), amount, status(), refund, extra).prop_map(
        |((customer, email), placed, amount, status, (refunded, lag), (cost, discount, channel))| {
            let day = match placed {
                Placed::Day(day) => day,
                Placed::Second(second) => i32::try_from(second.div_euclid(86_400)).unwrap(),
            };
            let refunded_on = lag.map(|lag| day + lag);
            let id = None;
            RawOrder {
                id,
                customer,
                email,
                placed,
                amount,
                status,
                refunded,
                refunded_on,
                cost,
                discount,
                channel,
            }
        },
    )
}

/// Up to `most` orders, of which many have a number and some come twice.
pub fn orders(most: usize) -> impl Strategy<Value = Vec<RawOrder>> {
    let numbered = (vec((order(), 0_u8..4), 1..most), vec(any::<prop::sample::Index>(), 0..6));
    let with_repeats = numbered.prop_map(|(orders, again)| {
        let mut all: Vec<RawOrder> = (1..)
            .zip(orders)
            .map(|(number, (order, kind)): (i32, _)| {
                let id = match kind {
                    0 => None,
                    1 => Some(number.to_string()),
                    2 => Some(format!("#{number}")),
                    _ => Some(format!("{number:04}")),
                };
                RawOrder { id, ..order }
            })
            .collect();
        for index in again {
            // With a number it is the same order again, without one it is another order that looks the same.
            let order = all[index.index(all.len())].clone();
            all.push(order);
        }
        all
    });
    with_repeats.prop_shuffle()
}

/// Options of many kinds, all in US dollars; observation ends after the last order, or is inferred.
pub fn options() -> impl Strategy<Value = HistoryOptions> {
    let policy = prop_oneof![
        3 => Just(OrderPolicy::strict()),
        1 => Just(OrderPolicy::shopify()),
        1 => Just(OrderPolicy::woocommerce()),
        1 => Just(OrderPolicy::strict().counting(OrderStatus::Pending).counting(OrderStatus::Cancelled)),
    ];
    let zone =
        select(&[None, Some("Europe/Berlin"), Some("America/New_York"), Some("+13:00"), Some("UTC")][..]);
    let warm_up = weighted(0.3, (-30_i32..0, 0_u32..120));
    let until = weighted(0.3, 0_i32..40);
    (policy, any::<bool>(), zone, warm_up, until).prop_map(|(policy, by_order, zone, warm_up, until)| {
        let mut options = HistoryOptions::new(Currency::USD);
        options.policy = policy;
        if by_order {
            options.policy.refunds_in_periods = RefundDate::Order;
        }
        options.zone = zone.map(|name| name.parse().unwrap());
        if let Some((start, days)) = warm_up {
            options.history_starts = Some(crate::raw::date(FIRST + start));
            options.warm_up_days = days;
        }
        options.observed_until = until.map(|days| -> NaiveDate { crate::raw::date(FIRST + DAYS + 1 + days) });
        options
    })
}

/// So many orders of a larger shop, always the same: enough for every thread to have something to do.
pub fn many_orders(count: usize) -> Vec<RawOrder> {
    let mut state = 0x853c_49e6_748f_ea9b_u64;
    // The generator of Steele, Lea and Flood (2014), SplitMix64.
    let mut next = move |below: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = state;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % below
    };
    (0..count)
        .map(|number| {
            let day = 19_000 + i32::try_from(next(700)).unwrap();
            let mut order = RawOrder::new(day, i64::try_from(next(20_000)).unwrap() + 1);
            let customer = next(60_000);
            order.customer = match next(20) {
                0 => None,
                1..=9 => Some(customer.to_string()),
                _ => Some(format!("Customer{customer}@Example.com")),
            };
            match next(25) {
                0 => order.amount = 0,
                1 => order.amount = -order.amount,
                2 | 3 => {
                    order.refunded = Some(i64::try_from(next(20_000)).unwrap());
                    order.refunded_on = Some(day + i32::try_from(next(40)).unwrap());
                }
                4 => order.status = OrderStatus::Cancelled,
                _ => {}
            }
            if next(3) > 0 {
                order.id = Some(format!("#{number}"));
            }
            order
        })
        .collect()
}
