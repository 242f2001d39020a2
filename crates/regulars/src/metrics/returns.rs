//! What comes back, and whether the customers do.

use serde::Serialize;

use crate::calendar::{Day, day_of};
use crate::measure::{Rate, Ratio};
use crate::money::Money;
use crate::orders::{Block, Counter, KeyRef, KeyVec, LeftOut, LeftOutOrder, OrderHistory, Stamp};

/// What comes back of what was sold, and whether customers with a return buy again.
///
/// A *return* is an order of which money was paid back, in part or in full, or a credit note. Refunds belong to their
/// orders, whenever they were paid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Returns {
    /// Orders of which money was paid back ÷ orders. Both hold the orders that were paid back in full, which are no
    /// purchases, and the orders of nobody. Credit notes name no order and are not in it.
    pub by_orders: Rate,
    /// What was paid back on orders ÷ the amounts of all orders before refunds.
    pub by_value: Ratio<Money>,
    /// Credit notes, those of nobody included.
    pub credit_notes: u64,
    /// What was paid back on orders and by credit notes ÷ the amounts of all orders before refunds. It can exceed 1, where
    /// credit notes are for orders before the books begin.
    pub by_value_with_credit_notes: Ratio<Money>,
    /// Customers with a return who bought on a day after their first one ÷ customers with a return. The day of a return is
    /// that of the refund, of its order where that is not known, or of the credit note. Who has credit notes but never an
    /// order is no customer.
    pub bought_again_after_return: Rate,
    /// Customers without a return who bought on at least two days ÷ customers without a return.
    pub bought_again_without_return: Rate,
}

impl OrderHistory {
    /// Refund rate by orders and by value, and the share of customers with a return who buy again, beside that of those
    /// without.
    ///
    /// The two shares stand side by side and do not say what returns do: who buys often has more to return, and who had a
    /// return late has had less time since.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let orders = [
    ///     Order::new(day(1), usd(6000)).customer("ann").refunded(usd(3000)),
    ///     Order::new(day(9), usd(4000)).customer("ann"),
    ///     Order::new(day(2), usd(5000)).customer("bob"),
    ///     Order::new(day(3), usd(5000)).customer("cid").refunded(usd(5000)),
    /// ];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let returns = history.returns();
    /// assert_eq!(returns.by_orders.value, Some(0.5));
    /// assert_eq!(returns.by_value.value, Some(0.4));
    /// assert_eq!(returns.bought_again_after_return.value, Some(0.5));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn returns(&self) -> Returns {
        let plan = ReturnPlan::new(self);
        plan.finish(self.ledger().count(|| plan.counter()))
    }
}

/// What is asked of a pass, and what is known without it: the refunds.
#[derive(Debug)]
pub(crate) struct ReturnPlan<'a> {
    history: &'a OrderHistory,
    /// The day of the first refund by customer, `Day::MAX` for those without; empty where there was none at all.
    first_refund: Vec<Day>,
    books: Books,
}

impl<'a> ReturnPlan<'a> {
    pub(crate) fn new(history: &'a OrderHistory) -> ReturnPlan<'a> {
        let ledger = history.ledger();
        let mut plan = ReturnPlan { history, first_refund: Vec::new(), books: Books::default() };
        for refund in &ledger.facts.refunds {
            plan.books.orders_with_return += 1;
            plan.books.paid_back += refund.amount;
            // The ledger's amounts are net of refunds.
            plan.books.sold += refund.amount;
            let day = refund.day.or_else(|| ledger.stamp(refund.row).map(Stamp::day));
            plan.refund(ledger.customer_of(refund.row), day.unwrap_or(Day::MAX));
        }
        // Customers of whom nothing is left but orders that were paid back in full.
        let mut gone: Vec<KeyRef<'_>> = Vec::new();
        let in_full = |order: &&LeftOutOrder| order.reason == LeftOut::FullyRefunded;
        for order in history.left_out().iter().filter(in_full) {
            plan.books.orders += 1;
            plan.books.orders_with_return += 1;
            plan.books.sold += order.amount.minor();
            plan.books.paid_back += order.refunded.minor();
            let Some(customer) = &order.customer else { continue };
            let day = day_of(order.refunded_on.unwrap_or(order.placed_on)).unwrap_or(Day::MAX);
            match history.place_of(customer) {
                Some(place) => plan.refund(place, day),
                None => gone.push(customer.borrow()),
            }
        }
        plan.books.with_return = KeyVec::in_order(gone.into_iter()).len() as u64;
        let nobody = ledger.unidentified();
        for (stamp, &net) in nobody.stamps.iter().zip(nobody.nets) {
            if stamp.is_purchase() {
                plan.books.orders += 1;
                plan.books.sold += net;
            } else {
                plan.books.credit_notes += 1;
                plan.books.credited -= net;
            }
        }
        plan
    }

    /// `place` is the number of customers where nobody got it.
    fn refund(&mut self, place: usize, day: Day) {
        if self.first_refund.is_empty() {
            self.first_refund.resize(self.history.ledger().customers(), Day::MAX);
        }
        if let Some(first) = self.first_refund.get_mut(place) {
            *first = day.min(*first);
        }
    }

    pub(crate) fn counter(&self) -> ReturnCounter<'_> {
        ReturnCounter { plan: self, books: Books::default() }
    }

    pub(crate) fn finish(&self, counter: ReturnCounter<'_>) -> Returns {
        let mut books = counter.books;
        books.add(&self.books);
        let money = |minor| Money::from_minor(minor, self.history.options().currency);
        let sold = money(books.sold);
        Returns {
            by_orders: Rate::of(books.orders_with_return, books.orders),
            by_value: Ratio::new(money(books.paid_back), sold),
            credit_notes: books.credit_notes,
            by_value_with_credit_notes: Ratio::new(money(books.paid_back + books.credited), sold),
            bought_again_after_return: Rate::of(books.again_with, books.with_return),
            bought_again_without_return: Rate::of(books.again_without, books.without_return),
        }
    }
}

/// Sums cannot overflow: amounts and refunds together, without their signs, sum to less than 2⁶³.
#[derive(Debug, Default)]
struct Books {
    orders: u64,
    orders_with_return: u64,
    sold: i64,
    paid_back: i64,
    credit_notes: u64,
    credited: i64,
    with_return: u64,
    again_with: u64,
    without_return: u64,
    again_without: u64,
}

impl Books {
    fn add(&mut self, other: &Books) {
        self.orders += other.orders;
        self.orders_with_return += other.orders_with_return;
        self.sold += other.sold;
        self.paid_back += other.paid_back;
        self.credit_notes += other.credit_notes;
        self.credited += other.credited;
        self.with_return += other.with_return;
        self.again_with += other.again_with;
        self.without_return += other.without_return;
        self.again_without += other.again_without;
    }
}

#[derive(Debug)]
pub(crate) struct ReturnCounter<'a> {
    plan: &'a ReturnPlan<'a>,
    books: Books,
}

impl Counter for ReturnCounter<'_> {
    fn look(&mut self, block: &Block) {
        block.for_each(|shopper| {
            self.books.orders += u64::from(shopper.orders);
            self.books.sold += shopper.net;
            let mut returned = self.plan.first_refund.get(shopper.place).copied().unwrap_or(Day::MAX);
            if shopper.entries.len() > shopper.purchases as usize {
                for credit in shopper.entries.iter().filter(|entry| !entry.is_purchase()) {
                    self.books.credit_notes += 1;
                    self.books.credited -= credit.net;
                    // `sold` is of orders alone.
                    self.books.sold -= credit.net;
                    // Who has credit notes alone is no customer.
                    if shopper.purchases > 0 || returned < Day::MAX {
                        returned = returned.min(credit.day);
                    }
                }
            }
            if returned < Day::MAX {
                self.books.with_return += 1;
                self.books.again_with +=
                    u64::from(shopper.last_purchase().is_some_and(|last| last > returned));
            } else if shopper.purchases > 0 {
                self.books.without_return += 1;
                self.books.again_without += u64::from(shopper.purchases > 1);
            }
        });
    }

    fn merge(&mut self, other: Self) {
        self.books.add(&other.books);
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{Currency, HistoryOptions, Order, OrderPolicy};

    fn usd(cents: i64) -> Money {
        Money::from_minor(cents, Currency::USD)
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 5, day).unwrap()
    }

    fn order(who: &str, on: u32, cents: i64) -> Order {
        Order::new(day(on), usd(cents)).customer(who)
    }

    /// Ann: a part back on the 5th of her order of the 1st, buys again on the 9th. Bob: bought on the 2nd and 3rd, the later
    /// one paid back in part on the 10th, nothing since. Cid: all back. Dee: twice, nothing back. Eve: once. Fay: bought on the
    /// 1st, credit note on the 4th, bought on the 6th. Gus: credit notes alone. And an order of nobody, paid back in part.
    fn shop() -> Vec<Order> {
        vec![
            order("ann", 1, 1000).refunded(usd(400)).refunded_on(day(5)),
            order("ann", 9, 1000),
            order("bob", 2, 500),
            order("bob", 3, 500).refunded(usd(100)).refunded_on(day(10)),
            order("cid", 4, 800).refunded(usd(800)),
            order("dee", 1, 300),
            order("dee", 2, 300),
            order("eve", 1, 200),
            order("fay", 1, 600),
            order("fay", 4, -50),
            order("fay", 6, 600),
            order("gus", 4, -70),
            Order::new(day(7), usd(200)).refunded(usd(100)),
        ]
    }

    /// Orders 11, with money back 4: 1400 of 6000; credit notes 120 more. With a return Ann, Bob, Cid, Fay; again Ann and Fay.
    /// Without Dee and Eve; again Dee.
    #[test]
    fn returns_by_orders_value_and_customers() {
        let history = OrderHistory::from_orders(shop(), HistoryOptions::new(Currency::USD)).unwrap();
        let found = history.returns();
        let counts = |rate: Rate| (rate.numerator, rate.denominator);
        assert_eq!(counts(found.by_orders), (4, 11));
        assert_eq!(found.by_value, Ratio::new(usd(1400), usd(6000)));
        assert_eq!(found.by_value_with_credit_notes, Ratio::new(usd(1520), usd(6000)));
        assert_eq!(found.credit_notes, 2);
        assert_eq!(counts(found.bought_again_after_return), (2, 4));
        assert_eq!(counts(found.bought_again_without_return), (1, 2));
        // Mistakes: without the orders that were paid back in full, and any second purchase taken for a later one.
        assert_ne!(counts(found.by_orders), (3, 10));
        assert_ne!(counts(found.bought_again_after_return), (3, 4));
    }

    /// Where orders that were paid back in full are purchases, the same orders and amounts are returns.
    #[test]
    fn the_policy_does_not_change_what_came_back() {
        let mut options = HistoryOptions::new(Currency::USD);
        let strict = OrderHistory::from_orders(shop(), options.clone()).unwrap().returns();
        options.policy = OrderPolicy::shopify();
        assert_eq!(OrderHistory::from_orders(shop(), options).unwrap().returns(), strict);
    }

    /// Orders placed after the end do not count, those that were paid back in full no more than others; refunds made on or
    /// after it are yet to come. Before the 6th are 8 orders of 4200, the refunds of 400 and 800 made; before the 4th 7 of
    /// 3400, with none.
    #[test]
    fn what_comes_after_the_observation_is_left_out() {
        let mut options = HistoryOptions::new(Currency::USD);
        for (end, by_orders, by_value) in [(4, (0, 7), (0, 3400)), (6, (2, 8), (1200, 4200))] {
            options.observed_until = Some(day(end));
            let found = OrderHistory::from_orders(shop(), options.clone()).unwrap().returns();
            assert_eq!((found.by_orders.numerator, found.by_orders.denominator), by_orders);
            assert_eq!(found.by_value, Ratio::new(usd(by_value.0), usd(by_value.1)));
        }
    }

    #[test]
    fn nothing_came_back() {
        let history =
            OrderHistory::from_orders([order("eve", 1, 200)], HistoryOptions::new(Currency::USD)).unwrap();
        let found = history.returns();
        assert_eq!((found.by_orders.value, found.by_value.value), (Some(0.0), Some(0.0)));
        assert_eq!(found.bought_again_after_return.value, None);
    }
}
