use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::key::{CustomerKey, OrderId};
use super::policy::OrderStatus;
use crate::money::Money;

/// When something happened: an instant, which the shop's zone turns into a day, or a day of the shop's calendar.
///
/// In JSON it is an instant of RFC 3339, or a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Moment {
    /// A point in time.
    Instant(DateTime<Utc>),
    /// A day of the shop's own calendar.
    Day(NaiveDate),
}

impl From<NaiveDate> for Moment {
    fn from(date: NaiveDate) -> Moment {
        Moment::Day(date)
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(instant: DateTime<Utc>) -> Moment {
        Moment::Instant(instant)
    }
}

impl From<DateTime<FixedOffset>> for Moment {
    fn from(instant: DateTime<FixedOffset>) -> Moment {
        Moment::Instant(instant.to_utc())
    }
}

/// A row of the shop's books.
///
/// ```
/// use chrono::NaiveDate;
/// use regulars::{Currency, Money, Order, OrderStatus};
///
/// let day = NaiveDate::from_ymd_opt(2024, 5, 17).unwrap();
/// let order = Order::new(day, Money::parse("35.20", Currency::USD)?)
///     .id("#1001")
///     .email("Ann@Example.com")
///     .status(OrderStatus::Paid)
///     .refunded(Money::parse("5.20", Currency::USD)?);
/// assert_eq!(order.key().unwrap().to_string(), "ann@example.com");
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Order {
    /// When it was placed.
    pub placed: Moment,
    /// Net sales before refunds: goods after discounts, before tax and shipping. A shop that has only totals gives
    /// totals. A negative amount is a credit note.
    pub amount: Money,
    /// The shop's number of the order. With it, an order that arrives twice counts once.
    pub id: Option<OrderId>,
    /// The customer's id.
    pub customer: Option<CustomerKey>,
    /// The customer's e-mail address, which identifies them where there is no id.
    pub email: Option<CustomerKey>,
    /// What became of the order.
    pub status: OrderStatus,
    /// How much of `amount` was paid back.
    pub refunded: Option<Money>,
    /// When it was paid back, or the order cancelled.
    pub refunded_on: Option<Moment>,
    /// What the goods cost the shop.
    pub cost: Option<Money>,
    /// The discount that `amount` already has taken off.
    pub discount: Option<Money>,
    /// Through which channel it came.
    pub channel: Option<String>,
}

impl Order {
    /// A paid order of which nothing else is known; without [`customer`](Order::customer) or [`email`](Order::email)
    /// it counts as unidentified.
    pub fn new(placed: impl Into<Moment>, amount: Money) -> Order {
        Order {
            placed: placed.into(),
            amount,
            id: None,
            customer: None,
            email: None,
            status: OrderStatus::Paid,
            refunded: None,
            refunded_on: None,
            cost: None,
            discount: None,
            channel: None,
        }
    }

    /// Who bought: the customer id, else the e-mail address, else nobody.
    pub fn key(&self) -> Option<&CustomerKey> {
        self.customer.as_ref().or(self.email.as_ref())
    }

    /// Sets the shop's number of the order; empty text is none.
    #[must_use]
    pub fn id(mut self, id: &str) -> Order {
        self.id = CustomerKey::new(id);
        self
    }

    /// Sets the customer's id; empty text is none.
    #[must_use]
    pub fn customer(mut self, id: &str) -> Order {
        self.customer = CustomerKey::new(id);
        self
    }

    /// Sets the customer's e-mail address; empty text is none.
    #[must_use]
    pub fn email(mut self, address: &str) -> Order {
        self.email = CustomerKey::new(address);
        self
    }

    /// Sets what became of the order.
    #[must_use]
    pub fn status(mut self, status: OrderStatus) -> Order {
        self.status = status;
        self
    }

    /// Sets how much was paid back.
    #[must_use]
    pub fn refunded(mut self, amount: Money) -> Order {
        self.refunded = Some(amount);
        self
    }

    /// Sets when it was paid back, or the order cancelled.
    #[must_use]
    pub fn refunded_on(mut self, moment: impl Into<Moment>) -> Order {
        self.refunded_on = Some(moment.into());
        self
    }

    /// Sets what the goods cost the shop.
    #[must_use]
    pub fn cost(mut self, amount: Money) -> Order {
        self.cost = Some(amount);
        self
    }

    /// Sets the discount that the amount already has taken off.
    #[must_use]
    pub fn discount(mut self, amount: Money) -> Order {
        self.discount = Some(amount);
        self
    }

    /// Sets the channel through which it came.
    #[must_use]
    pub fn channel(mut self, channel: &str) -> Order {
        self.channel = Some(channel.to_owned());
        self
    }
}
