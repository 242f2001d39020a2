//! Orders as plain data.

use chrono::{DateTime, NaiveDate};
use regulars::{
    AmountColumn, Currency, HistoryOptions, KeyColumn, Moment, Money, Order, OrderColumns, OrderHistory,
    OrderStatus, Result, Strings, TimeColumn,
};

/// When an order was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// Days since 1970-01-01 in the shop's calendar.
    Day(i32),
    /// Seconds since 1970-01-01T00:00:00Z.
    Second(i64),
}

/// An order in the words that a shop's export would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawOrder {
    /// The shop's number.
    pub id: Option<String>,
    /// The customer's id.
    pub customer: Option<String>,
    /// The customer's address.
    pub email: Option<String>,
    /// When.
    pub placed: Placed,
    /// Cents.
    pub amount: i64,
    /// What became of it.
    pub status: OrderStatus,
    /// Cents that went back.
    pub refunded: Option<i64>,
    /// The day on which they did, as days since 1970-01-01.
    pub refunded_on: Option<i32>,
    /// Cents that the goods cost.
    pub cost: Option<i64>,
    /// Cents of discount.
    pub discount: Option<i64>,
    /// The channel.
    pub channel: Option<String>,
}

/// The date of a number of days since 1970-01-01.
pub fn date(day: i32) -> NaiveDate {
    NaiveDate::default() + chrono::TimeDelta::days(i64::from(day))
}

impl RawOrder {
    /// A paid order of nobody.
    pub fn new(day: i32, amount: i64) -> RawOrder {
        RawOrder {
            id: None,
            customer: None,
            email: None,
            placed: Placed::Day(day),
            amount,
            status: OrderStatus::Paid,
            refunded: None,
            refunded_on: None,
            cost: None,
            discount: None,
            channel: None,
        }
    }

    /// The same order, what went back on it at the latest on the day before `end`.
    #[must_use]
    pub fn refunded_before(mut self, end: NaiveDate) -> RawOrder {
        let last = i32::try_from((end - NaiveDate::default()).num_days()).unwrap() - 1;
        self.refunded_on = self.refunded_on.map(|on| on.min(last));
        self
    }

    fn moment(&self) -> Moment {
        match self.placed {
            Placed::Day(day) => Moment::Day(date(day)),
            Placed::Second(second) => Moment::Instant(DateTime::from_timestamp(second, 0).unwrap()),
        }
    }

    /// The order as the core takes it one by one.
    pub fn to_order(&self) -> Order {
        let usd = |minor| Money::from_minor(minor, Currency::USD);
        let mut order = Order::new(self.moment(), usd(self.amount)).status(self.status);
        if let Some(id) = &self.id {
            order = order.id(id);
        }
        if let Some(customer) = &self.customer {
            order = order.customer(customer);
        }
        if let Some(email) = &self.email {
            order = order.email(email);
        }
        order.refunded = self.refunded.map(usd);
        order.refunded_on = self.refunded_on.map(|day| Moment::Day(date(day)));
        order.cost = self.cost.map(usd);
        order.discount = self.discount.map(usd);
        order.channel.clone_from(&self.channel);
        order
    }
}

/// A history of orders that come one by one.
///
/// # Errors
/// As [`OrderHistory::from_orders`].
pub fn history_of(orders: &[RawOrder], options: &HistoryOptions) -> Result<OrderHistory> {
    OrderHistory::from_orders(orders.iter().map(RawOrder::to_order), options.clone())
}

/// A history of the same orders in chunks of columns; each chunk has so many rows.
///
/// # Errors
/// As [`OrderHistory::from_columns`].
pub fn columns_of(orders: &[RawOrder], chunks: &[usize], options: &HistoryOptions) -> Result<OrderHistory> {
    struct Cells {
        ids: Vec<Option<String>>,
        customers: Vec<Option<String>>,
        emails: Vec<Option<String>>,
        placed: Vec<Option<Moment>>,
        amounts: Vec<String>,
        statuses: Vec<String>,
        refunded: Vec<Option<i64>>,
        refunded_on: (Vec<i32>, Vec<bool>),
        costs: (Vec<i128>, Vec<bool>),
        discounts: (Vec<f64>, Vec<bool>),
        channels: Vec<Option<String>>,
    }
    /// Cells and which of them are there; a cell that is not is one that no column could hold.
    fn masked<T: Copy>(cells: impl Iterator<Item = Option<T>>, else_: T) -> (Vec<T>, Vec<bool>) {
        cells.map(|cell| (cell.unwrap_or(else_), cell.is_some())).unzip()
    }
    let mut rest = orders;
    let mut cells = Vec::new();
    for &rows in chunks.iter().chain([&orders.len()]) {
        let (chunk, more) = rest.split_at(rows.min(rest.len()));
        rest = more;
        cells.push(Cells {
            ids: chunk.iter().map(|o| o.id.clone()).collect(),
            customers: chunk.iter().map(|o| o.customer.clone()).collect(),
            emails: chunk.iter().map(|o| o.email.clone()).collect(),
            placed: chunk.iter().map(|o| Some(o.moment())).collect(),
            amounts: chunk.iter().map(|o| Money::from_minor(o.amount, Currency::USD).decimal()).collect(),
            statuses: chunk.iter().map(|o| word(o.status)).collect(),
            refunded: chunk.iter().map(|o| o.refunded).collect(),
            refunded_on: masked(chunk.iter().map(|o| o.refunded_on), i32::MIN),
            // With two decimals more than the currency has.
            costs: masked(chunk.iter().map(|o| o.cost.map(|cents| i128::from(cents) * 100)), i128::MAX),
            discounts: masked(chunk.iter().map(|o| o.discount.map(|cents| cents as f64 / 100.0)), 0.001),
            channels: chunk.iter().map(|o| o.channel.clone()).collect(),
        });
    }
    let slices: Vec<_> = cells
        .iter()
        .map(|c| {
            (
                c.ids.as_slice(),
                c.customers.as_slice(),
                c.emails.as_slice(),
                c.amounts.as_slice(),
                c.statuses.as_slice(),
                c.channels.as_slice(),
            )
        })
        .collect();
    let whole: Vec<_> = cells
        .iter()
        .map(|c| {
            (
                TimeColumn::Days(&c.refunded_on.0),
                AmountColumn::Decimals { values: &c.costs.0, scale: 4 },
                AmountColumn::Floats { values: &c.discounts.0, decimals: 2 },
            )
        })
        .collect();
    let columns: Vec<OrderColumns<'_>> = cells
        .iter()
        .zip(&slices)
        .zip(&whole)
        .map(|((c, texts), (refunded_on, costs, discounts))| {
            let (ids, customers, emails, amounts, statuses, channels) = texts;
            let mut columns = OrderColumns::new(TimeColumn::Moments(&c.placed), AmountColumn::Texts(amounts));
            columns.ids = Some(KeyColumn::Texts(ids));
            columns.customers = Some(KeyColumn::Texts(customers));
            columns.emails = Some(KeyColumn::Texts(emails));
            columns.statuses = Some(statuses as &dyn Strings);
            columns.refunded = Some(AmountColumn::NullableMinor(&c.refunded));
            columns.refunded_on =
                Some(TimeColumn::Nullable { values: refunded_on, present: &c.refunded_on.1 });
            columns.costs = Some(AmountColumn::Nullable { values: costs, present: &c.costs.1 });
            columns.discounts = Some(AmountColumn::Nullable { values: discounts, present: &c.discounts.1 });
            columns.channels = Some(channels as &dyn Strings);
            columns
        })
        .collect();
    OrderHistory::from_columns(&columns, options.clone())
}

/// A word of a shop system for a status.
fn word(status: OrderStatus) -> String {
    match status {
        OrderStatus::Paid => "wc-completed",
        OrderStatus::Refunded => "refunded",
        OrderStatus::Pending => "Pending payment",
        OrderStatus::Authorized => "authorised",
        OrderStatus::OnHold => "on-hold",
        OrderStatus::Cancelled => "canceled",
        OrderStatus::Voided => "voided",
        OrderStatus::Failed => "failed",
        OrderStatus::Test => "test",
        OrderStatus::Draft => "checkout-draft",
        OrderStatus::Deleted => "trash",
        other => panic!("no word for {other:?}"),
    }
    .to_owned()
}
