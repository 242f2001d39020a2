//! Who buys, how often and for how much, in a period.

use serde::Serialize;

use crate::calendar::{Day, Grain, Period, PeriodIndex, boundary_day, day_of};
use crate::measure::{Average, Rate};
use crate::money::Money;
use crate::orders::{Block, Counter, Ledger, LeftOut, LeftOutOrder, OrderHistory, RefundDate, Stamp};
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
    /// Whether the books reach back to the start of the equally long period before. Where not, customers who had bought
    /// before the books begin count as new, and figures that depend on the past (new and returning customers) cannot be
    /// compared with those of later periods.
    pub reaches_back: bool,
    /// Customers with a purchase in the period.
    pub customers: u64,
    /// Of these, those whose first purchase ever lies in the period; `None` where there are
    /// [`warm_up_customers`](Self::warm_up_customers).
    pub new_customers: Option<u64>,
    /// Of these, those whose first purchase in the books lies in the period, while the books were warming up
    /// ([`history_starts`](crate::HistoryOptions::history_starts)): whether it is their first, nobody knows.
    pub warm_up_customers: u64,
    /// Purchases: a customer's orders of one day are one.
    pub purchases: u64,
    /// Orders, those of nobody included.
    pub orders: u64,
    /// Net revenue: orders less refunds and credit notes.
    pub revenue: Money,
    /// Customers with at least two purchases in the period ÷ customers.
    pub repeat_customer_rate: Rate,
    /// Customers with at least two purchases up to the period's end, whenever the first was ÷ customers; without a value where
    /// there are [`warm_up_customers`](Self::warm_up_customers).
    pub returning_customer_rate: Rate,
    /// Customers whose first purchase precedes the period ÷ customers; without a value where there are
    /// [`warm_up_customers`](Self::warm_up_customers).
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
    /// The first purchases in the books of customers who may have bought before the books begin
    /// ([`history_starts`](crate::HistoryOptions::history_starts)).
    pub warm_up: RevenuePart,
    /// Customers' later purchases.
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
        let money = |name, of: fn(&Buying) -> Money| Column::money(name, all().map(of));
        let value = |name, of: fn(&Buying) -> Option<f64>| Column::f64(name, all().map(of));
        vec![
            Column::date("start", all().map(|p| p.period.start())),
            Column::date("end", all().map(|p| p.period.end())),
            Column::bool("complete", all().map(|p| p.complete)),
            Column::bool("reaches_back", all().map(|p| p.reaches_back)),
            count("customers", |p| p.customers),
            count("new_customers", |p| p.new_customers.unwrap_or(0))
                .only(all().map(|p| p.new_customers.is_some()).collect()),
            count("warm_up_customers", |p| p.warm_up_customers),
            count("purchases", |p| p.purchases),
            count("orders", |p| p.orders),
            money("revenue", |p| p.revenue),
            value("repeat_customer_rate", |p| p.repeat_customer_rate.value),
            value("returning_customer_rate", |p| p.returning_customer_rate.value),
            value("existing_customer_share", |p| p.existing_customer_share.value),
            value("purchase_frequency", |p| p.purchase_frequency.value),
            value("average_order_value", |p| p.average_order_value.value),
            value("average_revenue_per_customer", |p| p.average_revenue_per_customer.value),
            money("first_revenue", |p| p.revenue_split.first.revenue),
            money("warm_up_revenue", |p| p.revenue_split.warm_up.revenue),
            money("later_revenue", |p| p.revenue_split.later.revenue),
            money("unidentified_revenue", |p| p.revenue_split.unidentified.revenue),
            money("credits_revenue", |p| p.revenue_split.credits.revenue),
        ]
    }
}

/// What an entry is for its customer and for the period that it lies in. Every figure is a sum over kinds, so that a pass
/// does no more than to find the kind of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The first purchase ever.
    First,
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
    /// A credit note.
    Credit,
    /// An order of nobody.
    Nobody,
    /// A credit note to nobody.
    NobodysCredit,
}

const KINDS: usize = Kind::NobodysCredit as usize + 1;

/// What a customer has done so far, as far as it decides the kind of the next purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    Fresh,
    /// Nothing yet, and what comes may not be the first purchase.
    Warming,
    /// The first purchase.
    Once,
    /// One purchase in this period, and others before it.
    OnceHere,
    /// More than one in this period.
    Often,
}

impl State {
    /// The kind of a purchase, and the state after it.
    const fn next(self, same_period: bool) -> (Kind, State) {
        match (self, same_period) {
            (State::Fresh, _) => (Kind::First, State::Once),
            (State::Warming, _) => (Kind::Known, State::Once),
            (_, false) => (Kind::Entry, State::OnceHere),
            (State::Once, _) => (Kind::Second, State::Often),
            (State::OnceHere, _) => (Kind::SecondHere, State::Often),
            (State::Often, _) => (Kind::Further, State::Often),
        }
    }

    /// [`State::next`] for every state and question, to be looked up without a branch.
    #[expect(clippy::indexing_slicing, reason = "2 × 5 is 10, and the compiler looks it up")]
    const NEXT: [(Kind, State); 10] = {
        let states = [State::Fresh, State::Warming, State::Once, State::OnceHere, State::Often];
        let mut table = [(Kind::First, State::Fresh); 10];
        let mut i = 0;
        while i < 10 {
            table[i] = states[i / 2].next(i & 1 != 0);
            i += 1;
        }
        table
    };
}

/// Entries of a period by kind. Revenue cannot overflow: a history's amounts sum to less than 2⁶³ without their signs.
#[derive(Debug, Clone, Copy, Default)]
struct Counts([Sum; KINDS]);

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    revenue: i64,
    /// Purchases, or credit notes.
    entries: u32,
    orders: u32,
}

impl core::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Sum) {
        self.revenue += other.revenue;
        self.entries += other.entries;
        self.orders += other.orders;
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

    fn entries(self, kinds: &[Kind]) -> u64 {
        self.sum(kinds).entries.into()
    }
}

/// What is asked of a pass: the metrics of buying in each of several consecutive periods.
#[derive(Debug)]
pub(crate) struct BuyingPlan<'a> {
    history: &'a OrderHistory,
    periods: &'a [Period],
    index: PeriodIndex,
    new_from: Day,
}

impl<'a> BuyingPlan<'a> {
    pub(crate) fn new(history: &'a OrderHistory, periods: &'a [Period]) -> BuyingPlan<'a> {
        BuyingPlan {
            history,
            periods,
            index: PeriodIndex::of(periods, history.days()),
            new_from: history.new_customers_from(),
        }
    }

    pub(crate) fn counter(&self) -> BuyingCounter<'_> {
        BuyingCounter { plan: self, counts: vec![Counts::default(); self.index.len()] }
    }

    /// The metrics, with refunds on the day of their order where they are part of an average, else as the policy books
    /// them.
    pub(crate) fn finish(&self, counter: BuyingCounter<'_>) -> Vec<Buying> {
        let mut counts = counter.counts;
        let nobody = self.history.ledger().unidentified();
        for (stamp, &revenue) in nobody.stamps.iter().zip(nobody.nets) {
            let purchase = stamp.is_purchase();
            let kind = if purchase { Kind::Nobody } else { Kind::NobodysCredit };
            if let Some(counts) = counts.get_mut(self.index.number(stamp.day())) {
                *counts.of(kind) += Sum { revenue, entries: 1, orders: u32::from(purchase) };
            }
        }
        let placed = counts.clone();
        if self.history.options().policy.refunds_in_periods == RefundDate::Refund {
            self.move_refunds(&mut counts);
        }
        let counts = placed.into_iter().zip(counts).skip(1);
        let buying = self.periods.iter().zip(counts);
        buying.map(|(&period, (placed, booked))| Buying::new(self.history, period, placed, booked)).collect()
    }

    /// Books refunds whose date is known on that date, and gives the day of the order its full amount back.
    fn move_refunds(&self, counts: &mut [Counts]) {
        let (history, ledger) = (self.history, self.history.ledger());
        let mut shift = |ordered: Day, refunded: Day, amount: i64, kind: Kind| {
            for (day, amount) in [(ordered, amount), (refunded, -amount)] {
                if let Some(counts) = counts.get_mut(self.index.number(day)) {
                    counts.of(kind).revenue += amount;
                }
            }
        };
        for refund in &ledger.facts.refunds {
            let (Some(refunded), Some(ordered)) = (refund.day, ledger.stamp(refund.row).map(Stamp::day))
            else {
                continue;
            };
            let kind = match first_purchase(ledger, refund.row) {
                None => Kind::Nobody,
                Some(first) if ordered == first && first >= self.new_from => Kind::First,
                Some(first) if ordered == first => Kind::Known,
                Some(_) => Kind::Further,
            };
            shift(ordered, refunded, refund.amount, kind);
        }
        let refunded = |order: &&LeftOutOrder| order.reason == LeftOut::FullyRefunded;
        for order in history.left_out().iter().filter(refunded) {
            let days = order.refunded_on.map(|refunded| (day_of(order.placed_on), day_of(refunded)));
            if let Some((Ok(ordered), Ok(refunded))) = days {
                let kind = if order.customer.is_some() { Kind::Credit } else { Kind::NobodysCredit };
                shift(ordered, refunded, order.refunded.minor(), kind);
            }
        }
    }
}

/// The counts of every period, of the days before the first and of those after the last.
#[derive(Debug)]
pub(crate) struct BuyingCounter<'a> {
    plan: &'a BuyingPlan<'a>,
    counts: Vec<Counts>,
}

impl Counter for BuyingCounter<'_> {
    #[expect(
        clippy::indexing_slicing,
        reason = "there are counts for every number of a period, and 2 × 5 is 10"
    )]
    fn look(&mut self, block: &Block) {
        block.for_each_crowd(|shopper| {
            let is_new = shopper.first_purchase().is_none_or(|day| day >= self.plan.new_from);
            let mut state = if is_new { State::Fresh } else { State::Warming };
            let mut last = usize::MAX;
            for entry in shopper.entries {
                let number = self.plan.index.number(entry.day);
                let mut kind = Kind::Credit;
                if entry.is_purchase() {
                    (kind, state) = State::NEXT[(state as usize) << 1 | usize::from(number == last)];
                    last = number;
                }
                *self.counts[number].of(kind) +=
                    Sum { revenue: entry.net, entries: shopper.customers, orders: entry.orders };
            }
        });
    }

    fn merge(&mut self, other: Self) {
        for (counts, more) in self.counts.iter_mut().zip(other.counts) {
            counts.0.iter_mut().zip(more.0).for_each(|(sum, more)| *sum += more);
        }
    }
}

/// The metrics of buying in each of several consecutive periods.
pub(super) fn buying_in(history: &OrderHistory, periods: &[Period]) -> Vec<Buying> {
    let plan = BuyingPlan::new(history, periods);
    plan.finish(history.ledger().count(|| plan.counter()))
}

/// The day of the first purchase of the customer of a row, `None` where that is nobody.
fn first_purchase(ledger: &Ledger, row: u32) -> Option<Day> {
    let customer = ledger.customer_of(row);
    (customer < ledger.customers())
        .then(|| ledger.of(customer).stamps.iter().find(|stamp| stamp.is_purchase()).map(|stamp| stamp.day()))
        .flatten()
}

impl Buying {
    fn new(history: &OrderHistory, period: Period, placed: Counts, counts: Counts) -> Buying {
        use Kind::{Credit, Entry, First, Further, Known, Nobody, NobodysCredit, Second, SecondHere};
        let money = |minor| Money::from_minor(minor, history.options().currency);
        let (first, warm_up) = (counts.sum(&[First]), counts.sum(&[Known]));
        let later = counts.sum(&[Entry, Second, SecondHere, Further]);
        let credits = counts.sum(&[Credit]).revenue;
        let unidentified = counts.sum(&[Nobody]);
        let unidentified_revenue = unidentified.revenue + counts.sum(&[NobodysCredit]).revenue;
        let revenue = counts.revenue();
        let orders = [first, warm_up, later, unidentified].iter().map(|part| u64::from(part.orders)).sum();
        let part = |part_revenue: i64, orders: u64| RevenuePart {
            revenue: money(part_revenue),
            orders,
            share: (revenue > 0).then(|| part_revenue as f64 / revenue as f64),
        };

        let customers = counts.entries(&[First, Known, Entry]);
        let warm_up_customers = counts.entries(&[Known]);
        // What depends on the past of every customer is known of all of them, or has no value.
        let known = |rate| if warm_up_customers == 0 { rate } else { Rate::of(0, 0) };
        let reaches_back = |previous: Period| history.books_reach(boundary_day(previous.start()));
        let purchases = counts.entries(&[First, Known, Entry, Second, SecondHere, Further]);
        Buying {
            period,
            complete: period.end() <= history.observed_until(),
            reaches_back: period.before().is_some_and(reaches_back),
            customers,
            new_customers: (warm_up_customers == 0).then(|| counts.entries(&[First])),
            warm_up_customers,
            purchases,
            orders,
            revenue: money(revenue),
            repeat_customer_rate: Rate::of(counts.entries(&[Second, SecondHere]), customers),
            returning_customer_rate: known(Rate::of(counts.entries(&[Entry, Second]), customers)),
            existing_customer_share: known(Rate::of(counts.entries(&[Entry]), customers)),
            purchase_frequency: Average::new(purchases, customers),
            average_order_value: Average::new(money(placed.revenue()), orders),
            average_revenue_per_customer: Average::new(money(placed.identified_revenue()), customers),
            revenue_split: RevenueSplit {
                first: part(first.revenue, first.orders.into()),
                warm_up: part(warm_up.revenue, warm_up.orders.into()),
                later: part(later.revenue, later.orders.into()),
                unidentified: part(unidentified_revenue, unidentified.orders.into()),
                credits: part(credits, 0),
                total: part(revenue, orders),
            },
        }
    }
}
