//! What customers have brought so far.

use serde::Serialize;

use crate::measure::{Average, Rate};
use crate::money::Money;
use crate::orders::{Block, Counter, CustomerKey, NO_AMOUNT, OrderHistory, Stamp};

/// What customers have brought so far: no forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HistoricValue {
    /// Net revenue so far ÷ customers with a purchase. Credit notes of these customers are taken off; revenue of nobody
    /// is no customer's.
    pub revenue: Average<Money>,
    /// Net revenue less the cost of goods ÷ the same customers; `None` unless the cost of every order of theirs is known.
    pub margin: Option<Average<Money>>,
    /// Orders of identified customers whose cost is known ÷ all of them.
    pub orders_with_cost: Rate,
}

impl OrderHistory {
    /// What customers have brought so far, on average.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let orders = [
    ///     Order::new(day(1), usd(6000)).customer("ann").refunded(usd(3000)),
    ///     Order::new(day(9), usd(4000)).customer("ann"),
    ///     Order::new(day(9), usd(1000)).customer("bob"),
    /// ];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// assert_eq!(history.historic_value().revenue.value, Some(40.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn historic_value(&self) -> HistoricValue {
        self.ledger().count(ValueCounter::default).finish(self)
    }

    /// What one customer has brought so far: orders less refunds and credit notes; `None` for one without a purchase.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, CustomerKey, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let orders = [
    ///     Order::new(day(1), usd(6000)).customer("ann").refunded(usd(3000)),
    ///     Order::new(day(9), usd(4000)).customer("ann"),
    /// ];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// assert_eq!(history.historic_value_of(&CustomerKey::new("ann").unwrap()), Some(usd(7000)));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn historic_value_of(&self, customer: &CustomerKey) -> Option<Money> {
        let orders = self.orders_of(customer);
        let minor = orders.iter().map(|order| order.net.minor()).sum();
        let bought = orders.iter().any(|order| order.is_purchase);
        bought.then(|| Money::from_minor(minor, self.options().currency))
    }
}

/// What a pass counts for [`HistoricValue`].
#[derive(Debug, Default)]
pub(crate) struct ValueCounter {
    customers: u64,
    orders: u64,
    revenue: i64,
}

impl Counter for ValueCounter {
    fn look(&mut self, block: &Block) {
        block.for_each(|shopper| {
            if shopper.purchases > 0 {
                self.customers += 1;
                self.orders += u64::from(shopper.orders);
                self.revenue += shopper.net;
            }
        });
    }

    fn merge(&mut self, other: ValueCounter) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.revenue += other.revenue;
    }
}

impl ValueCounter {
    pub(crate) fn finish(&self, history: &OrderHistory) -> HistoricValue {
        let ledger = history.ledger();
        // Orders of nobody come last.
        let identified = ledger.rows() - ledger.unidentified().stamps.len();
        let costs = ledger.facts.costs.iter().flat_map(|costs| (0..).zip(costs).take(identified));
        let (mut with_cost, mut cost) = (0, 0_i128);
        for (row, &known) in costs {
            if known != NO_AMOUNT && ledger.stamp(row).is_some_and(Stamp::is_purchase) {
                with_cost += 1;
                cost += i128::from(known);
            }
        }
        let currency = history.options().currency;
        let mean = |minor| Average::new(Money::from_minor(minor, currency), self.customers);
        let margin = i64::try_from(i128::from(self.revenue) - cost).ok();
        HistoricValue {
            revenue: mean(self.revenue),
            margin: margin.filter(|_| self.orders > 0 && with_cost == self.orders).map(mean),
            orders_with_cost: Rate::of(with_cost, self.orders),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{Currency, HistoryOptions, Order};

    fn usd(cents: i64) -> Money {
        Money::from_minor(cents, Currency::USD)
    }

    fn order(who: &str, day: &str, cents: i64) -> Order {
        Order::new(day.parse::<NaiveDate>().unwrap(), usd(cents)).customer(who)
    }

    fn history(orders: impl IntoIterator<Item = Order>) -> OrderHistory {
        OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap()
    }

    /// Two orders totalling 100, refund 30: 70. Bob was paid back in full and Cid has a credit note alone: no customers.
    #[test]
    fn historic_value_is_net_of_refunds() {
        let orders = [
            order("ann", "2024-05-01", 6000).refunded(usd(3000)),
            order("ann", "2024-05-09", 4000),
            order("bob", "2024-05-02", 800).refunded(usd(800)),
            order("cid", "2024-05-03", -500),
            Order::new(NaiveDate::from_ymd_opt(2024, 5, 4).unwrap(), usd(9900)),
        ];
        let history = history(orders);
        let of = |who| history.historic_value_of(&CustomerKey::new(who).unwrap());
        assert_eq!((of("ann"), of("bob"), of("cid"), of("dee")), (Some(usd(7000)), None, None, None));
        assert_eq!(history.historic_value().revenue, Average::new(usd(7000), 1));
        assert_eq!(history.historic_value().margin, None);
    }

    /// (60 − 25) + (40 − 10) − 5 of credit = 60 for Ann; without the cost of one order there is no margin.
    #[test]
    fn historic_margin_needs_every_cost() {
        let orders = [
            order("ann", "2024-05-01", 6000).cost(usd(2500)),
            order("ann", "2024-05-09", 4000).cost(usd(1000)),
            order("ann", "2024-05-10", -500),
        ];
        let value = history(orders.clone()).historic_value();
        assert_eq!(value.margin, Some(Average::new(usd(6000), 1)));
        assert_eq!((value.orders_with_cost.numerator, value.orders_with_cost.denominator), (2, 2));
        let value = history(orders.into_iter().chain([order("bob", "2024-05-11", 100)])).historic_value();
        assert_eq!((value.margin, value.orders_with_cost.numerator), (None, 2));
    }
}
