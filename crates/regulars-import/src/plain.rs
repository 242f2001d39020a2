use std::io::Read;

use regulars::{Currency, CustomerKey, Error, Money, Order, OrderStatus};

use crate::amounts::{Amounts, OneCurrency};
use crate::dates::Dates;
use crate::error::{Flaw, ImportError, Remedy};
use crate::mapping::{ColumnReport, Field, Mapping, Why, resolve, rivals};
use crate::note::Note;
use crate::options::ImportOptions;
use crate::statuses::Statuses;
use crate::table::Table;

/// The orders of a CSV with one row per order, read by a mapping.
#[derive(Debug)]
pub(crate) struct PlainOrders<R> {
    table: Table<R>,
    columns: Columns,
    report: ColumnReport,
    dates: Dates,
    amounts: Amounts,
    statuses: Statuses,
    guest: Option<String>,
    guests: u64,
    dates_as_written: u64,
}

/// Where a column stands, and whether that was guessed.
type Place = (usize, Why);

#[derive(Debug)]
struct Columns {
    customer: Option<Place>,
    email: Option<Place>,
    placed_at: Place,
    amount: Place,
    order_id: Option<Place>,
    refunded: Option<Place>,
    refunded_on: Option<Place>,
    status: Option<Place>,
    currency: Option<Place>,
    cost: Option<Place>,
    discount: Option<Place>,
    channel: Option<Place>,
}

impl<R: Read> PlainOrders<R> {
    pub(crate) fn new(
        table: Table<R>,
        mapping: &Mapping,
        guest: Option<&str>,
        options: &ImportOptions,
    ) -> Result<PlainOrders<R>, ImportError> {
        let taken = resolve(mapping, table.header())?;
        let place = |field| taken.iter().find(|(other, ..)| *other == field).map(|&(_, at, why)| (at, why));
        let found = || table.header().to_vec();
        let needed = [Field::PlacedAt, Field::Amount];
        let (Some(placed_at), Some(amount)) = (place(Field::PlacedAt), place(Field::Amount)) else {
            let missing: Vec<Field> = needed.into_iter().filter(|&field| place(field).is_none()).collect();
            let taken = rivals(&missing, &taken, table.header());
            return Err(ImportError::MissingColumns { missing, taken, found: found() });
        };
        let columns = Columns {
            customer: place(Field::Customer),
            email: place(Field::Email),
            placed_at,
            amount,
            order_id: place(Field::OrderId),
            refunded: place(Field::Refunded),
            refunded_on: place(Field::RefundedOn),
            status: place(Field::Status),
            currency: place(Field::Currency),
            cost: place(Field::Cost),
            discount: place(Field::Discount),
            channel: place(Field::Channel),
        };
        if columns.customer.is_none() && columns.email.is_none() {
            return Err(ImportError::MissingCustomer { found: found() });
        }
        Ok(PlainOrders {
            report: ColumnReport::new(table.header(), taken.iter().copied()),
            dates: Dates::new(options.date_format.as_deref(), options.zone.is_some())?,
            amounts: Amounts::new(options, table.delimiter()),
            statuses: Statuses::default(),
            guest: guest.map(|guest| guest.trim().to_owned()),
            table,
            columns,
            guests: 0,
            dates_as_written: 0,
        })
    }

    pub(crate) fn columns(&self) -> ColumnReport {
        self.report.clone()
    }

    pub(crate) fn amounts(&self) -> &Amounts {
        &self.amounts
    }

    pub(crate) fn next(&mut self, one: &mut OneCurrency) -> Result<Option<Order>, ImportError> {
        if !self.table.advance()? {
            return Ok(None);
        }
        let currency = self.currency(one)?;
        let (table, columns) = (&self.table, &self.columns);
        let filled = |(column, _): Place| match table.cell(column)? {
            "" => Err(table.flaw(column, Error::MissingValue)),
            text => Ok(text),
        };
        let cell = |place: Option<Place>| place.map_or(Ok(""), |(column, _)| table.cell(column));
        let moment = |place: Place, field, text: &str| {
            let written = self.dates.read(text).map_err(|flaw| explain(table, place, field, flaw))?;
            Ok::<_, ImportError>(self.dates.moment(written))
        };

        let (placed, as_written) = moment(columns.placed_at, Field::PlacedAt, filled(columns.placed_at)?)?;
        self.dates_as_written += u64::from(as_written);
        let text = filled(columns.amount)?;
        let amount = self
            .amounts
            .amount(text, currency)
            .map_err(|flaw| explain(table, columns.amount, Field::Amount, flaw))?;
        let mut order = Order::new(placed, amount);

        let mut positive = |place: Option<Place>, field| -> Result<Option<Money>, ImportError> {
            let Some(place) = place else { return Ok(None) };
            let amount = self.amounts.positive(table.cell(place.0)?, currency);
            amount.map_err(|flaw| explain(table, place, field, flaw))
        };
        order.refunded = positive(columns.refunded, Field::Refunded)?;
        order.cost = positive(columns.cost, Field::Cost)?;
        order.discount = positive(columns.discount, Field::Discount)?;

        if let Some(place) = columns.status {
            let text = table.cell(place.0)?;
            if !text.is_empty() {
                let status = self.statuses.read(text);
                order.status = status.map_err(|error| explain(table, place, Field::Status, error.into()))?;
            }
        }
        // A refund of nothing on an order that is called refunded is a refund that was not written down.
        if order.status == OrderStatus::Refunded && order.refunded.is_some_and(|refund| refund.minor() == 0) {
            order.refunded = None;
        }
        if let Some(place) = columns.refunded_on {
            let text = table.cell(place.0)?;
            if !text.is_empty() {
                order.refunded_on = Some(moment(place, Field::RefundedOn, text)?.0);
            }
        }
        order.id = CustomerKey::new(cell(columns.order_id)?);
        order.email = CustomerKey::new(cell(columns.email)?);
        let customer = cell(columns.customer)?;
        if self.guest.as_deref() == Some(customer) {
            self.guests += 1;
        } else {
            order.customer = CustomerKey::new(customer);
        }
        let channel = cell(columns.channel)?;
        order.channel = (!channel.is_empty()).then(|| channel.to_owned());
        Ok(Some(order))
    }

    /// The currency of the current record: its own, else the history's.
    fn currency(&mut self, one: &mut OneCurrency) -> Result<Currency, ImportError> {
        if let Some(place) = self.columns.currency {
            let code = self.table.cell(place.0)?;
            if !code.is_empty() {
                let currency = self.amounts.currency(code);
                let currency = currency.map_err(|flaw| explain(&self.table, place, Field::Currency, flaw))?;
                one.admit(currency).map_err(|error| self.table.flaw(place.0, error))?;
                return Ok(currency);
            }
        }
        one.get().ok_or(ImportError::MissingCurrency)
    }

    pub(crate) fn notes(&self, notes: &mut Vec<Note>) {
        if self.dates_as_written > 0 {
            notes.push(Note::DatesAsWritten { orders: self.dates_as_written });
        }
        if let Some(value) = self.guest.clone().filter(|_| self.guests > 0) {
            notes.push(Note::Guests { value, orders: self.guests });
        }
        let (column, why) = self.columns.amount;
        if why == Why::Guessed {
            notes.extend(Note::on_amounts(&self.table.name(column)));
        }
    }

    pub(crate) fn blank_rows(&self) -> u64 {
        self.table.blank_rows()
    }
}

/// What is wrong with a cell; where its column was only guessed and the value can be that of another, this.
fn explain<R: Read>(table: &Table<R>, (column, why): Place, field: Field, flaw: Flaw) -> ImportError {
    let may_be_another = match &flaw.source {
        Error::InvalidAmount { value } | Error::InvalidDate { value } => {
            !value.contains(|c: char| c.is_ascii_digit())
        }
        Error::NegativeAmount { .. } | Error::UnknownCurrency { .. } | Error::UnknownStatus { .. } => true,
        _ => false,
    };
    if why != Why::Guessed || !may_be_another {
        return table.flaw(column, flaw);
    }
    let optional = !matches!(field, Field::PlacedAt | Field::Amount);
    table.flaw(column, Flaw { remedy: Some(Remedy::Mapping { field, optional }), ..flaw })
}
