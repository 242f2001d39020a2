use core::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use super::history::OrderHistory;
use super::pass::{Block, Counter};
use super::policy::LeftOut;
use crate::calendar::Period;
use crate::measure::Rate;
use crate::money::{Currency, Money};
use crate::words::{ORDERS, counted, with_sentences};

/// What a history holds, what it left out and why, and what was inferred.
///
/// Every order given is in exactly one place: `given` = `orders` + `credit_notes` + the counts of `left_out` +
/// `repeated` + `superseded`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Summary {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The preset of the policy, or `custom`.
    pub policy: &'static str,
    /// The time zone in which instants became days, where one was named.
    pub zone: Option<String>,
    /// From the day of the first order given to the end of the observation.
    pub span: Period,
    /// The days whose first purchases are not believed to be first ones, where the shop is
    /// [older than its books](crate::HistoryOptions::history_starts).
    pub warm_up: Option<Period>,
    /// Orders that were given.
    pub given: u64,
    /// Orders that count.
    pub orders: u64,
    /// Orders that count, merged by customer and day; those of nobody are not merged and not among them.
    pub purchases: u64,
    /// Customers with a purchase.
    pub customers: u64,
    /// Everybody else who is known: by orders that do not count, by credit notes, or by facts, but for those who were won only
    /// after the observation. With the customers they are all who were named.
    pub prospects: u64,
    /// Negative amounts that name no order.
    pub credit_notes: u64,
    /// Orders that came again with the same id and content, and were counted once.
    pub repeated: u64,
    /// Orders that came again later with the same id, and count as they came last, see
    /// [`RepeatedIds::KeepLast`](crate::RepeatedIds::KeepLast).
    pub superseded: u64,
    /// Orders that do not count, by reason. Those placed after the observation have that one reason alone, whatever became
    /// of them.
    pub left_out: Vec<LeftOutCount>,
    /// Orders of nobody, out of the orders that count. They are in orders and revenue, never in a number of customers.
    pub unidentified: Rate,
    /// Net revenue: the amounts that count, less refunds and credit notes.
    pub revenue: Money,
    /// What was inferred because it was not said. In JSON each also has its `sentence`.
    #[serde(serialize_with = "with_sentences")]
    pub inferences: Vec<Inference>,
}

/// How many orders were left out for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LeftOutCount {
    /// The reason.
    pub reason: LeftOut,
    /// How many orders.
    pub orders: u64,
}

/// Something that was inferred because it was not said. It displays as a sentence.
///
/// ```
/// let inference = regulars::Inference::ZoneIsUtc;
/// assert_eq!(inference.to_string(), "No time zone was named: instants became days of UTC.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Inference {
    /// Observation ends the day after the last order.
    ObservedUntil {
        /// That day.
        date: NaiveDate,
    },
    /// Instants became days of UTC.
    ZoneIsUtc,
    /// Orders marked as refunded without an amount count as refunded in full.
    RefundedInFull {
        /// How many of the orders given that were placed before the end of the observation.
        orders: u64,
    },
    /// Refunds beyond the amount of their order count as that amount.
    RefundsCapped {
        /// How many of the orders given that were placed before the end of the observation.
        orders: u64,
    },
    /// No end of the observation was named, and refunds made after the last order are taken off their orders all the same.
    RefundsAfterObservation {
        /// How many.
        orders: u64,
    },
    /// Refunds made on or after the named end of the observation count as not yet made.
    RefundsNotYetMade {
        /// How many.
        orders: u64,
    },
    /// Refunds without a date are booked on the day of their order.
    RefundsWithoutDate {
        /// How many.
        orders: u64,
    },
}

impl fmt::Display for Inference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (orders, what) = match *self {
            Inference::ObservedUntil { date } => {
                return write!(
                    f,
                    "No end of observation was named: it ends before {date}, the day after the last order."
                );
            }
            Inference::ZoneIsUtc => {
                return f.write_str("No time zone was named: instants became days of UTC.");
            }
            Inference::RefundedInFull { orders } => {
                (orders, "marked as refunded without an amount: taken as refunded in full")
            }
            Inference::RefundsCapped { orders } => {
                (orders, "refunded beyond the amount (tax, shipping): taken as refunded in full")
            }
            Inference::RefundsAfterObservation { orders } => {
                (orders, "refunded after the last order, where observation ends: taken off all the same")
            }
            Inference::RefundsNotYetMade { orders } => {
                (orders, "refunded on or after the end of observation: counted as not yet refunded")
            }
            Inference::RefundsWithoutDate { orders } => {
                (orders, "refunded on a day that is not known: booked on the day of the order")
            }
        };
        write!(f, "{} {what}.", counted(orders, ORDERS))
    }
}

/// What a pass counts. Sums of amounts cannot overflow: all of them without their signs sum to less than 2⁶³.
#[derive(Debug, Default)]
pub(crate) struct SummaryCounter {
    customers: u64,
    purchases: u64,
    orders: u64,
    credit_notes: u64,
    revenue: i64,
}

impl Counter for SummaryCounter {
    fn look(&mut self, block: &Block) {
        block.for_each(|shopper| {
            self.customers += u64::from(shopper.purchases > 0);
            self.purchases += u64::from(shopper.purchases);
            self.orders += u64::from(shopper.orders);
            self.credit_notes += shopper.entries.len() as u64 - u64::from(shopper.purchases);
            self.revenue += shopper.net;
        });
    }

    fn merge(&mut self, other: SummaryCounter) {
        self.customers += other.customers;
        self.purchases += other.purchases;
        self.orders += other.orders;
        self.credit_notes += other.credit_notes;
        self.revenue += other.revenue;
    }
}

pub(crate) fn summarize(history: &OrderHistory, mut counts: SummaryCounter) -> Summary {
    let ledger = history.ledger();
    let nobody = ledger.unidentified();
    let unidentified = nobody.stamps.iter().filter(|stamp| stamp.is_purchase()).count() as u64;
    counts.merge(SummaryCounter {
        orders: unidentified,
        credit_notes: nobody.stamps.len() as u64 - unidentified,
        revenue: nobody.nets.iter().sum(),
        ..SummaryCounter::default()
    });
    let SummaryCounter { customers, purchases, orders, credit_notes, revenue } = counts;

    let mut left_out: Vec<LeftOutCount> = Vec::new();
    let reasons = history.left_out().iter().map(|order| (order.reason, 1));
    for (reason, orders) in reasons.chain([(LeftOut::AfterObservation, history.after_observation())]) {
        match left_out.binary_search_by_key(&reason, |count| count.reason) {
            Ok(place) => {
                if let Some(count) = left_out.get_mut(place) {
                    count.orders += orders;
                }
            }
            Err(place) => left_out.insert(place, LeftOutCount { reason, orders }),
        }
    }
    left_out.retain(|count| count.orders > 0);

    let options = history.options();
    Summary {
        currency: options.currency,
        policy: options.policy.name(),
        zone: options.zone.as_ref().map(ToString::to_string),
        span: history.span(),
        warm_up: history.warm_up(),
        given: history.tally().given,
        orders,
        purchases,
        customers,
        prospects: history.prospects(customers).len() as u64,
        credit_notes,
        repeated: history.tally().repeated,
        superseded: history.tally().superseded,
        left_out,
        unidentified: Rate::of(unidentified, orders),
        revenue: Money::from_minor(revenue, options.currency),
        inferences: history.inferences(),
    }
}
