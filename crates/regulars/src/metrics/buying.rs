//! Who buys, how often and for how much, in a period.

use serde::Serialize;

use crate::calendar::{Day, Grain, Period, day_of};
use crate::error::Result;
use crate::measure::{Average, Rate};
use crate::money::Money;
use crate::orders::{Ledger, LeftOut, LeftOutOrder, OrderHistory, RefundDate, Rows, Stamp};
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
    /// Net revenue ÷ orders, refunds taken off their orders whenever they were paid: money that comes and goes by the date
    /// of a refund is not that of the orders counted here.
    pub average_order_value: Average<Money>,
    /// Net revenue of identified customers ÷ customers, refunds taken off their orders likewise. Revenue of nobody has no
    /// customer to be divided by.
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

/// What a row is for its customer and for the period that it lies in. Every figure is a sum over kinds, so that a scan
/// does no more than to find the kind of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The first purchase ever.
    First,
    /// A further order of that day.
    FirstAgain,
    /// The first purchase in the books, during the warm-up.
    Known,
    /// The first purchase in this period, by a customer who has bought before.
    Entry,
    /// The second purchase ever, in the period of the first.
    Second,
    /// The second purchase in this period, by a customer who had bought before it.
    SecondHere,
    /// A later purchase in this period.
    Further,
    /// A further order of a day, that of the first purchase ever excepted.
    Again,
    /// A credit note.
    Credit,
    /// An order of nobody.
    Nobody,
    /// A credit note to nobody.
    NobodysCredit,
}

const KINDS: usize = Kind::NobodysCredit as usize + 1;

/// What a customer has done so far, as far as it decides the kind of the next row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    Fresh,
    /// Nothing yet, and what comes may not be the first purchase.
    Warming,
    /// The first purchase ever.
    OnceEver,
    /// The first purchase in the books, during the warm-up.
    OnceKnown,
    /// One purchase in this period, and others before it.
    OnceHere,
    /// More than one in this period.
    Often,
}

impl State {
    /// The kind of a purchase, or of a further order of its day, and the state after it.
    const fn next(self, same_period: bool, same_day: bool) -> (Kind, State) {
        match (self, same_period, same_day) {
            (State::Fresh, ..) => (Kind::First, State::OnceEver),
            (State::Warming, ..) => (Kind::Known, State::OnceKnown),
            (State::OnceEver, _, true) => (Kind::FirstAgain, State::OnceEver),
            (_, _, true) => (Kind::Again, self),
            (_, false, _) => (Kind::Entry, State::OnceHere),
            (State::OnceEver | State::OnceKnown, ..) => (Kind::Second, State::Often),
            (State::OnceHere, ..) => (Kind::SecondHere, State::Often),
            (State::Often, ..) => (Kind::Further, State::Often),
        }
    }

    /// [`State::next`] for every state and both questions, to be looked up without a branch.
    #[expect(clippy::indexing_slicing, reason = "4 × 6 is 24, and the compiler looks it up")]
    const NEXT: [(Kind, State); 24] = {
        let states =
            [State::Fresh, State::Warming, State::OnceEver, State::OnceKnown, State::OnceHere, State::Often];
        let mut table = [(Kind::First, State::Fresh); 24];
        let mut i = 0;
        while i < 24 {
            table[i] = states[i / 4].next(i & 1 != 0, i & 2 != 0);
            i += 1;
        }
        table
    };
}

/// Orders and revenue of a period by kind. Revenue cannot overflow: a history's amounts sum to less than 2⁶³ without
/// their signs.
#[derive(Debug, Clone, Copy, Default)]
struct Counts([Sum; KINDS]);

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    revenue: i64,
    rows: u64,
}

impl core::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Sum) {
        self.revenue += other.revenue;
        self.rows += other.rows;
    }
}

impl Counts {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "there is a sum for every kind")]
    fn of(&mut self, kind: Kind) -> &mut Sum {
        &mut self.0[kind as usize]
    }

    fn sum(mut self, kinds: &[Kind]) -> Sum {
        let mut sum = Sum::default();
        for &kind in kinds {
            sum += *self.of(kind);
        }
        sum
    }

    fn revenue(self) -> i64 {
        self.0.iter().map(|sum| sum.revenue).sum()
    }

    fn identified_revenue(mut self) -> i64 {
        self.revenue() - self.of(Kind::Nobody).revenue - self.of(Kind::NobodysCredit).revenue
    }

    fn rows(self, kinds: &[Kind]) -> u64 {
        self.sum(kinds).rows
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
    Ok(periods
        .iter()
        .zip(counts)
        .map(|(&period, [placed, booked])| Buying::new(history, period, placed, booked))
        .collect())
}

/// The counts of every slot, with refunds on the day of their order, and as the policy books them.
fn count(history: &OrderHistory, slots: &Slots) -> Vec<[Counts; 2]> {
    let ledger = history.ledger();
    let new_from = history.new_customers_from();
    let parts = ledger.fold(
        || vec![Counts::default(); slots.outside + 1],
        |counts, _, rows| count_customer(rows, slots, new_from, counts),
    );
    let mut counts = vec![Counts::default(); slots.outside + 1];
    for part in parts {
        for (counts, more) in counts.iter_mut().zip(part) {
            counts.0.iter_mut().zip(more.0).for_each(|(sum, more)| *sum += more);
        }
    }
    let nobody = ledger.unidentified();
    for (stamp, &revenue) in nobody.stamps.iter().zip(nobody.nets) {
        if let Some(counts) = counts.get_mut(slots.of(stamp.day())) {
            let kind = if stamp.is_purchase() { Kind::Nobody } else { Kind::NobodysCredit };
            *counts.of(kind) += Sum { revenue, rows: 1 };
        }
    }
    let placed = counts.clone();
    if history.options().policy.refunds_in_periods == RefundDate::Refund {
        move_refunds(history, slots, new_from, &mut counts);
    }
    placed.into_iter().zip(counts).map(|(placed, booked)| [placed, booked]).collect()
}

#[inline]
#[expect(
    clippy::indexing_slicing,
    reason = "a slot is at most `outside`, the last of `counts`, and 4 × 6 is 24"
)]
fn count_customer(rows: Rows<'_>, slots: &Slots, new_from: Day, counts: &mut [Counts]) {
    let first = rows.stamps.iter().find(|stamp| stamp.is_purchase());
    let is_new = first.is_none_or(|stamp| stamp.day() >= new_from);
    let mut state = if is_new { State::Fresh } else { State::Warming };
    let (mut last_day, mut last_slot) = (Day::MIN, usize::MAX);
    for (&stamp, &revenue) in rows.stamps.iter().zip(rows.nets) {
        let day = stamp.day();
        let slot = slots.of(day);
        let kind = if stamp.is_purchase() {
            let question = usize::from(slot == last_slot) | usize::from(day == last_day) << 1;
            let (kind, next) = State::NEXT[(state as usize) << 2 | question];
            (last_day, last_slot, state) = (day, slot, next);
            kind
        } else {
            Kind::Credit
        };
        *counts[slot].of(kind) += Sum { revenue, rows: 1 };
    }
}

/// Books refunds whose date is known on that date, and gives the day of the order its full amount back.
fn move_refunds(history: &OrderHistory, slots: &Slots, new_from: Day, counts: &mut [Counts]) {
    let ledger = history.ledger();
    let mut shift = |ordered: Day, refunded: Day, amount: i64, kind: Kind| {
        for (day, amount) in [(ordered, amount), (refunded, -amount)] {
            if let Some(counts) = counts.get_mut(slots.of(day)) {
                counts.of(kind).revenue += amount;
            }
        }
    };
    for refund in &ledger.facts.refunds {
        let (Some(refunded), Some(ordered)) = (refund.day, ledger.stamp(refund.row).map(Stamp::day)) else {
            continue;
        };
        let kind = match first_purchase(ledger, refund.row) {
            None => Kind::Nobody,
            Some(first) if ordered == first && first >= new_from => Kind::First,
            Some(_) => Kind::Further,
        };
        shift(ordered, refunded, refund.amount, kind);
    }
    let observed = |order: &&LeftOutOrder| order.placed_on < history.observed_until();
    let refunded = |order: &&LeftOutOrder| order.reason == LeftOut::FullyRefunded;
    for order in history.left_out().iter().filter(refunded).filter(observed) {
        let days = order.refunded_on.map(|refunded| (day_of(order.placed_on), day_of(refunded)));
        if let Some((Ok(ordered), Ok(refunded))) = days {
            let kind = if order.customer.is_some() { Kind::Credit } else { Kind::NobodysCredit };
            shift(ordered, refunded, order.refunded.minor(), kind);
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
        let [placed, booked] = counts.first().copied().unwrap_or_default();
        Buying::new(history, period, placed, booked)
    }

    fn new(history: &OrderHistory, period: Period, placed: Counts, counts: Counts) -> Buying {
        use Kind::{
            Again, Credit, Entry, First, FirstAgain, Further, Known, Nobody, NobodysCredit, Second,
            SecondHere,
        };
        let money = |minor| Money::from_minor(minor, history.options().currency);
        let first = counts.sum(&[First, FirstAgain]);
        let later = counts.sum(&[Known, Entry, Second, SecondHere, Further, Again]);
        let credits = counts.sum(&[Credit]).revenue;
        let unidentified = counts.sum(&[Nobody]);
        let unidentified_revenue = unidentified.revenue + counts.sum(&[NobodysCredit]).revenue;
        let revenue = counts.revenue();
        let orders = first.rows + later.rows + unidentified.rows;
        let part = |part_revenue: i64, orders| RevenuePart {
            revenue: money(part_revenue),
            orders,
            share: (revenue > 0).then(|| part_revenue as f64 / revenue as f64),
        };

        let customers = counts.rows(&[First, Known, Entry]);
        let new_customers = counts.rows(&[First]);
        let purchases = counts.rows(&[First, Known, Entry, Second, SecondHere, Further]);
        Buying {
            period,
            complete: period.end() <= history.observed_until(),
            customers,
            new_customers,
            purchases,
            orders,
            revenue: money(revenue),
            repeat_customer_rate: Rate::of(counts.rows(&[Second, SecondHere]), customers),
            returning_customer_rate: Rate::of(counts.rows(&[Entry, Second]), customers),
            existing_customer_share: Rate::of(customers - new_customers, customers),
            purchase_frequency: Average::new(purchases, customers),
            average_order_value: Average::new(money(placed.revenue()), orders),
            average_revenue_per_customer: Average::new(money(placed.identified_revenue()), customers),
            revenue_split: RevenueSplit {
                first: part(first.revenue, first.rows),
                later: part(later.revenue, later.rows),
                unidentified: part(unidentified_revenue, unidentified.rows),
                credits: part(credits, 0),
                total: part(revenue, orders),
            },
        }
    }
}
