//! Who buys, how often and for how much, in a period.

use serde::Serialize;

use crate::calendar::{Day, Grain, Period, day_of};
use crate::error::Result;
use crate::measure::{Average, Rate};
use crate::money::Money;
use crate::orders::{Ledger, LeftOut, OrderHistory, RefundDate, Rows, Stamp};
use crate::table::{Column, Columns};

/// The metrics of buying in one period.
///
/// A *purchase* is what a customer ordered on one day. A *customer* of the period is an identified one with a purchase
/// in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Buying {
    /// The period.
    pub period: Period,
    /// Whether observation lasted to its end. Figures of an incomplete period are not comparable with others.
    pub complete: bool,
    /// Customers with a purchase in the period.
    pub customers: u64,
    /// Of these, those whose first purchase ever lies in the period.
    pub new_customers: u64,
    /// Purchases: a customer's orders of one day are one.
    pub purchases: u64,
    /// Orders, those of nobody included.
    pub orders: u64,
    /// Net revenue: orders less refunds and credit notes.
    pub revenue: Money,
    /// Customers with at least two purchases in the period ÷ customers.
    pub repeat_customer_rate: Rate,
    /// Customers with at least two purchases up to the period's end, whenever the first was ÷ customers.
    pub returning_customer_rate: Rate,
    /// Customers whose first purchase precedes the period ÷ customers. Customers whose first known purchase falls into a
    /// warm-up ([`history_starts`](crate::HistoryOptions::history_starts)) are not called new and count here.
    pub existing_customer_share: Rate,
    /// Purchases ÷ customers.
    pub purchase_frequency: Average<u64>,
    /// Net revenue ÷ orders.
    pub average_order_value: Average<Money>,
    /// Net revenue of identified customers ÷ customers. Revenue of nobody has no customer to be divided by.
    pub average_revenue_per_customer: Average<Money>,
    /// Where revenue and orders came from.
    pub revenue_split: RevenueSplit,
}

/// Where the revenue and the orders of a period came from. The parts sum to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RevenueSplit {
    /// Customers' first purchases ever.
    pub first: RevenuePart,
    /// Their later purchases, and those of customers who are not called new because the books were warming up.
    pub later: RevenuePart,
    /// Orders of nobody.
    pub unidentified: RevenuePart,
    /// Money of customers that belongs to no purchase: credit notes, and orders that were paid back in full on another
    /// day.
    pub credits: RevenuePart,
    /// All of it.
    pub total: RevenuePart,
}

/// Revenue and orders of one part of a [`RevenueSplit`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RevenuePart {
    /// Net revenue.
    pub revenue: Money,
    /// Orders.
    pub orders: u64,
    /// Its share of the total revenue; `None` where that is not positive.
    pub share: Option<f64>,
}

/// The metrics of buying, period by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Timeline {
    /// The size of the periods.
    pub grain: Grain,
    /// The periods, which follow each other without a gap.
    pub periods: Vec<Buying>,
}

impl Columns for Timeline {
    fn rows(&self) -> usize {
        self.periods.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.periods.iter();
        #[expect(clippy::cast_possible_wrap, reason = "a history holds fewer than 2³² orders")]
        let count = |name, of: fn(&Buying) -> u64| Column::i64(name, all().map(move |p| of(p) as i64));
        let money = |name, of: fn(&Buying) -> Money| Column::i64(name, all().map(move |p| of(p).minor()));
        let value = |name, of: fn(&Buying) -> Option<f64>| Column::f64(name, all().map(of));
        vec![
            Column::date("start", all().map(|p| p.period.start())),
            Column::date("end", all().map(|p| p.period.end())),
            Column::bool("complete", all().map(|p| p.complete)),
            count("customers", |p| p.customers),
            count("new_customers", |p| p.new_customers),
            count("purchases", |p| p.purchases),
            count("orders", |p| p.orders),
            money("revenue_minor", |p| p.revenue),
            value("repeat_customer_rate", |p| p.repeat_customer_rate.value),
            value("returning_customer_rate", |p| p.returning_customer_rate.value),
            value("existing_customer_share", |p| p.existing_customer_share.value),
            value("purchase_frequency", |p| p.purchase_frequency.value),
            value("average_order_value", |p| p.average_order_value.value),
            value("average_revenue_per_customer", |p| p.average_revenue_per_customer.value),
            money("first_revenue_minor", |p| p.revenue_split.first.revenue),
            money("later_revenue_minor", |p| p.revenue_split.later.revenue),
            money("unidentified_revenue_minor", |p| p.revenue_split.unidentified.revenue),
            money("credits_revenue_minor", |p| p.revenue_split.credits.revenue),
        ]
    }
}

/// What one scan counts of a period. Revenue cannot overflow: a history's amounts sum to less than 2⁶³ without their
/// signs.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    customers: u64,
    new: u64,
    repeat: u64,
    returning: u64,
    purchases: u64,
    first: Sum,
    later: Sum,
    unidentified: Sum,
    credits: Sum,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    revenue: i64,
    orders: u64,
}

impl core::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Sum) {
        self.revenue += other.revenue;
        self.orders += other.orders;
    }
}

impl core::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.customers += other.customers;
        self.new += other.new;
        self.repeat += other.repeat;
        self.returning += other.returning;
        self.purchases += other.purchases;
        self.first += other.first;
        self.later += other.later;
        self.unidentified += other.unidentified;
        self.credits += other.credits;
    }
}

/// Which of consecutive periods a day lies in. Days outside all of them share one more slot after the last.
struct Slots {
    base: Day,
    by_day: Vec<u32>,
    outside: usize,
}

impl Slots {
    fn new(periods: &[Period]) -> Result<Slots> {
        let base = periods.first().map_or(Ok(0), |period| day_of(period.start()))?;
        Ok(Slots { base, by_day: Grain::index_by_day(periods)?, outside: periods.len() })
    }

    #[inline]
    fn of(&self, day: Day) -> usize {
        // A day before the first period wraps to beyond the table.
        #[expect(clippy::cast_sign_loss, reason = "see above")]
        let offset = day.wrapping_sub(self.base) as u32 as usize;
        self.by_day.get(offset).map_or(self.outside, |&slot| slot as usize)
    }
}

/// The metrics of buying in each of several consecutive periods, in one scan of the history.
pub(super) fn buying_in(history: &OrderHistory, periods: &[Period]) -> Result<Vec<Buying>> {
    let slots = Slots::new(periods)?;
    let counts = count(history, &slots);
    Ok(periods.iter().zip(counts).map(|(&period, counts)| Buying::new(history, period, &counts)).collect())
}

fn count(history: &OrderHistory, slots: &Slots) -> Vec<Counts> {
    let ledger = history.ledger();
    let new_from = history.new_customers_from();
    let parts = ledger.fold(
        || vec![Counts::default(); slots.outside + 1],
        |counts, _, rows| count_customer(rows, slots, new_from, counts),
    );
    let mut counts = vec![Counts::default(); slots.outside + 1];
    for part in parts {
        for (sum, more) in counts.iter_mut().zip(part) {
            *sum += more;
        }
    }
    let nobody = ledger.unidentified();
    for (stamp, &revenue) in nobody.stamps.iter().zip(nobody.nets) {
        if let Some(counts) = counts.get_mut(slots.of(stamp.day())) {
            counts.unidentified += Sum { revenue, orders: u64::from(stamp.is_purchase()) };
        }
    }
    if history.options().policy.refunds_in_periods == RefundDate::Refund {
        move_refunds(history, slots, new_from, &mut counts);
    }
    counts
}

#[inline]
#[expect(clippy::indexing_slicing, reason = "a slot is at most `outside`, the last of `counts`")]
fn count_customer(rows: Rows<'_>, slots: &Slots, new_from: Day, counts: &mut [Counts]) {
    let mut last_day = Day::MIN;
    let mut last_slot = usize::MAX;
    let mut purchases = 0_u32;
    let mut purchases_in_slot = 0_u32;
    let mut is_new = false;
    for (&stamp, &revenue) in rows.stamps.iter().zip(rows.nets) {
        let day = stamp.day();
        let slot = slots.of(day);
        let counts = &mut counts[slot];
        if !stamp.is_purchase() {
            counts.credits.revenue += revenue;
            continue;
        }
        if day != last_day {
            last_day = day;
            purchases += 1;
            counts.purchases += 1;
            if purchases == 1 {
                is_new = day >= new_from;
            }
            if slot == last_slot {
                purchases_in_slot += 1;
                counts.repeat += u64::from(purchases_in_slot == 2);
                // With two purchases or more on entry, the customer has been counted then.
                counts.returning += u64::from(purchases == 2);
            } else {
                last_slot = slot;
                purchases_in_slot = 1;
                counts.customers += 1;
                counts.new += u64::from(purchases == 1 && is_new);
                counts.returning += u64::from(purchases >= 2);
            }
        }
        let part = if purchases == 1 && is_new { &mut counts.first } else { &mut counts.later };
        *part += Sum { revenue, orders: 1 };
    }
}

/// Books refunds whose date is known on that date, and gives the day of the order its full amount back.
fn move_refunds(history: &OrderHistory, slots: &Slots, new_from: Day, counts: &mut [Counts]) {
    let ledger = history.ledger();
    let mut shift = |ordered: Day, refunded: Day, amount: i64, part: fn(&mut Counts) -> &mut Sum| {
        for (day, amount) in [(ordered, amount), (refunded, -amount)] {
            if let Some(counts) = counts.get_mut(slots.of(day)) {
                part(counts).revenue += amount;
            }
        }
    };
    for refund in &ledger.facts.refunds {
        let (Some(refunded), Some(ordered)) = (refund.day, ledger.stamp(refund.row).map(Stamp::day)) else {
            continue;
        };
        let part: fn(&mut Counts) -> &mut Sum = match first_purchase(ledger, refund.row) {
            None => |counts| &mut counts.unidentified,
            Some(first) if ordered == first && first >= new_from => |counts| &mut counts.first,
            Some(_) => |counts| &mut counts.later,
        };
        shift(ordered, refunded, refund.amount, part);
    }
    for order in history.left_out().iter().filter(|order| order.reason == LeftOut::FullyRefunded) {
        let days = order.refunded_on.map(|refunded| (day_of(order.placed_on), day_of(refunded)));
        if let Some((Ok(ordered), Ok(refunded))) = days {
            let part: fn(&mut Counts) -> &mut Sum = if order.customer.is_some() {
                |counts| &mut counts.credits
            } else {
                |counts| &mut counts.unidentified
            };
            shift(ordered, refunded, order.refunded.minor(), part);
        }
    }
}

/// The day of the first purchase of the customer of a row, `None` where that is nobody.
fn first_purchase(ledger: &Ledger, row: u32) -> Option<Day> {
    let customer = ledger.customer_of(row);
    (customer < ledger.customers())
        .then(|| ledger.of(customer).stamps.iter().find(|stamp| stamp.is_purchase()).map(|stamp| stamp.day()))
        .flatten()
}

impl Buying {
    pub(super) fn during(history: &OrderHistory, period: Period) -> Buying {
        let counts = Slots::new(&[period]).map(|slots| count(history, &slots)).unwrap_or_default();
        Buying::new(history, period, &counts.first().copied().unwrap_or_default())
    }

    fn new(history: &OrderHistory, period: Period, counts: &Counts) -> Buying {
        let money = |minor| Money::from_minor(minor, history.options().currency);
        let mut total = Sum::default();
        for part in [counts.first, counts.later, counts.unidentified, counts.credits] {
            total += part;
        }
        let part = |sum: Sum| RevenuePart {
            revenue: money(sum.revenue),
            orders: sum.orders,
            share: (total.revenue > 0).then(|| sum.revenue as f64 / total.revenue as f64),
        };
        let customers = counts.customers;
        Buying {
            period,
            complete: period.end() <= history.observed_until(),
            customers,
            new_customers: counts.new,
            purchases: counts.purchases,
            orders: total.orders,
            revenue: money(total.revenue),
            repeat_customer_rate: Rate::of(counts.repeat, customers),
            returning_customer_rate: Rate::of(counts.returning, customers),
            existing_customer_share: Rate::of(customers - counts.new, customers),
            purchase_frequency: Average::new(counts.purchases, customers),
            average_order_value: Average::new(money(total.revenue), total.orders),
            average_revenue_per_customer: Average::new(
                money(total.revenue - counts.unidentified.revenue),
                customers,
            ),
            revenue_split: RevenueSplit {
                first: part(counts.first),
                later: part(counts.later),
                unidentified: part(counts.unidentified),
                credits: part(counts.credits),
                total: part(total),
            },
        }
    }
}
