//! What one scan of the ledger finds of every customer: the facts that segments, signals and backtests are made from.

use crate::calendar::{Day, boundary_day};
use crate::orders::{KeyRef, LeftOut, NO_AMOUNT, OrderHistory, Rows};
use crate::sort;

/// A customer with a purchase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buyer {
    /// The place in the ledger.
    pub(super) customer: u32,
    pub(super) purchases: u32,
    /// Days from the first purchase to the last.
    pub(super) span: u32,
    /// Days from the last purchase to the last day that was observed.
    pub(super) silence: u32,
    /// In the window: net revenue less, where they are wanted, costs.
    pub(super) value: i64,
    /// In the window: orders and credit notes; what was sold before money went back; what went back.
    pub(super) orders: u32,
    pub(super) sold: i64,
    pub(super) returned: i64,
    pub(super) complaints: u32,
    /// Customers who name this one as the one who referred them.
    pub(super) referrals: u32,
    /// Whether a cost that is wanted is not known.
    pub(super) cost_unknown: bool,
}

impl Buyer {
    /// Days since the first purchase.
    pub(super) fn tenure(&self) -> u32 {
        self.span.saturating_add(self.silence)
    }

    pub(super) fn mean_gap(&self) -> Option<f64> {
        mean_gap(self.purchases, self.span)
    }
}

/// Days between purchases, on average; `None` for a single purchase.
pub(super) fn mean_gap(purchases: u32, span: u32) -> Option<f64> {
    (purchases > 1).then(|| f64::from(span) / f64::from(purchases - 1))
}

/// Facts that few customers have, in the order of the ledger.
#[derive(Debug, Clone, Copy, Default)]
struct Rare {
    customer: u32,
    /// Orders that were paid back in full and are no purchases.
    orders: u32,
    sold: i64,
    returned: i64,
    complaints: u32,
    referrals: u32,
}

/// A look at every buyer of a history.
#[derive(Debug)]
pub(super) struct Buyers<'a> {
    history: &'a OrderHistory,
    last_day: Day,
    from: Day,
    costs: Option<&'a [i64]>,
    rare: Vec<Rare>,
}

impl<'a> Buyers<'a> {
    /// With values over the trailing `window` days, or over all time; less costs, where they are wanted.
    pub(super) fn new(history: &'a OrderHistory, window: Option<u32>, less_costs: bool) -> Buyers<'a> {
        let end = history.days().end;
        let days = window.map(|days| i32::try_from(days).unwrap_or(i32::MAX));
        let from = days.map_or(Day::MIN, |days| end.saturating_sub(days));
        Buyers {
            history,
            last_day: end - 1,
            from,
            // Where no order has a cost, none of them is known.
            costs: less_costs.then(|| history.ledger().facts.costs.as_deref().unwrap_or_default()),
            rare: rare_facts(history, from),
        }
    }

    /// Looks at every buyer: on each thread into a value of its own, in the order of the customers.
    pub(super) fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        look: impl Fn(&mut T, Buyer, Rows<'_>) + Sync,
    ) -> Vec<T> {
        let ledger = self.history.ledger();
        let parts = ledger.fold(
            || (new(), None),
            |(value, rare): &mut (T, Option<usize>), customer, rows| {
                #[expect(clippy::cast_possible_truncation, reason = "a history numbers its rows in 32 bits")]
                let number = customer as u32;
                let at = rare.get_or_insert_with(|| self.rare.partition_point(|rare| rare.customer < number));
                while self.rare.get(*at).is_some_and(|rare| rare.customer < number) {
                    *at += 1;
                }
                let own = self.rare.get(*at).filter(|rare| rare.customer == number);
                if let Some(buyer) = self.buyer(number, rows, own) {
                    look(value, buyer, rows);
                }
            },
        );
        parts.into_iter().map(|(value, _)| value).collect()
    }

    #[inline]
    fn buyer(&self, customer: u32, rows: Rows<'_>, rare: Option<&Rare>) -> Option<Buyer> {
        let (mut purchases, mut first, mut last) = (0, Day::MIN, Day::MIN);
        let (mut orders, mut sold, mut returned) = (0, 0, 0);
        for (stamp, &net) in rows.stamps.iter().zip(rows.nets) {
            let day = stamp.day();
            let here = day >= self.from;
            if stamp.is_purchase() {
                if day != last {
                    purchases += 1;
                    last = day;
                    if purchases == 1 {
                        first = day;
                    }
                }
                if here {
                    orders += 1;
                    sold += net;
                }
            } else if here {
                returned -= net;
            }
        }
        if purchases == 0 {
            return None;
        }
        let (cost, cost_unknown) = self.costs.map_or((0, false), |costs| self.cost(customer, costs));
        let value = (sold - returned).saturating_sub(cost);
        let rare = rare.copied().unwrap_or_default();
        let days = |from: Day, to: Day| u32::try_from(to - from).unwrap_or(0);
        Some(Buyer {
            customer,
            purchases,
            span: days(first, last),
            silence: days(last, self.last_day),
            value,
            orders: orders + rare.orders,
            sold: sold + rare.sold,
            returned: returned + rare.returned,
            complaints: rare.complaints,
            referrals: rare.referrals,
            cost_unknown,
        })
    }

    /// What the orders of the window cost, and whether the cost of any is not known.
    fn cost(&self, customer: u32, costs: &[i64]) -> (i64, bool) {
        let ledger = self.history.ledger();
        let (mut sum, mut unknown) = (0_i64, false);
        for row in ledger.range(customer as usize) {
            #[expect(clippy::cast_possible_truncation, reason = "a history numbers its rows in 32 bits")]
            let Some(stamp) = ledger.stamp(row as u32) else { continue };
            if stamp.is_purchase() && stamp.day() >= self.from {
                match costs.get(row) {
                    Some(&cost) if cost != NO_AMOUNT => sum = sum.saturating_add(cost),
                    _ => unknown = true,
                }
            }
        }
        (sum, unknown)
    }
}

/// Refunds, orders paid back in full, complaints and referrals, by customer.
fn rare_facts(history: &OrderHistory, from: Day) -> Vec<Rare> {
    let ledger = history.ledger();
    let customers = ledger.customers();
    let mut rare: Vec<Rare> = Vec::new();
    let mut note = |customer: usize, fact: Rare| {
        if let (true, Ok(customer)) = (customer < customers, u32::try_from(customer)) {
            rare.push(Rare { customer, ..fact });
        }
    };
    for refund in &ledger.facts.refunds {
        if ledger.stamp(refund.row).is_some_and(|stamp| stamp.day() >= from) {
            // The ledger's amounts are net of refunds: what was sold is more.
            let fact = Rare { sold: refund.amount, returned: refund.amount, ..Rare::default() };
            note(ledger.customer_of(refund.row), fact);
        }
    }
    let mut named: Vec<(KeyRef<'_>, Rare)> = Vec::new();
    for order in history.left_out() {
        let counts = order.reason == LeftOut::FullyRefunded && boundary_day(order.placed_on) >= from;
        if let (true, Some(customer)) = (counts, &order.customer) {
            let (sold, returned) = (order.amount.minor(), order.refunded.minor());
            named.push((customer.borrow(), Rare { orders: 1, sold, returned, ..Rare::default() }));
        }
    }
    for customer in history.customers() {
        if customer.complaints > 0 {
            let complaints = customer.complaints;
            named.push((customer.key.borrow(), Rare { complaints, ..Rare::default() }));
        }
        if let Some(referrer) = &customer.referred_by {
            named.push((referrer.borrow(), Rare { referrals: 1, ..Rare::default() }));
        }
    }
    let (keys, facts): (Vec<_>, Vec<_>) = named.into_iter().unzip();
    for (place, fact) in ledger.keys.find_all(&keys).into_iter().zip(facts) {
        if let Some(place) = place {
            note(place, fact);
        }
    }
    sort::by(&mut rare, |a, b| a.customer.cmp(&b.customer));
    rare.dedup_by(|next, sum| {
        let same = next.customer == sum.customer;
        if same {
            sum.orders += next.orders;
            sum.sold += next.sold;
            sum.returned += next.returned;
            sum.complaints = sum.complaints.saturating_add(next.complaints);
            sum.referrals = sum.referrals.saturating_add(next.referrals);
        }
        same
    });
    rare
}
