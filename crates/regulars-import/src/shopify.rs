use std::io::Read;

use chrono::{DateTime, FixedOffset};
use regulars::{Currency, CustomerKey, Error, Money, Order, OrderStatus};

use crate::amounts::{Amounts, OneCurrency};
use crate::dates::{Dates, Written};
use crate::error::{Flaw, ImportError, Remedy};
use crate::mapping::{ColumnReport, Field, Why, find};
use crate::note::Note;
use crate::options::{AmountBasis, ImportOptions};
use crate::statuses::Statuses;
use crate::table::Table;

/// An order of a Shopify export with the sums that Shopify writes, its line items counted.
///
/// [`ShopifyReader`] reads them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ShopifyOrder {
    /// The line of the file on which it begins.
    pub line: u64,
    /// `Name`: the number that people know it by, such as `#1001`.
    pub name: String,
    /// `Id`, which unlike the name is unique across shops, where the export has it.
    pub id: Option<String>,
    /// `Email`, as it is written; blank at the till.
    pub email: Option<String>,
    /// `Phone`.
    pub phone: Option<String>,
    /// `Financial Status`, as it is written.
    pub financial_status: String,
    /// What became of it: `Cancelled at` before `Financial Status`.
    pub status: OrderStatus,
    /// `Created at`.
    pub created_at: DateTime<FixedOffset>,
    /// `Cancelled at`.
    pub cancelled_at: Option<DateTime<FixedOffset>>,
    /// `Subtotal`: goods after discounts, tax included in shops whose prices include it.
    pub subtotal: Money,
    /// `Shipping`.
    pub shipping: Money,
    /// `Taxes`.
    pub taxes: Money,
    /// `Total`.
    pub total: Money,
    /// `Discount Amount`.
    pub discount: Option<Money>,
    /// `Refunded Amount`, which may pay back tax and shipping too.
    pub refunded: Money,
    /// `Source`: the channel.
    pub source: Option<String>,
    /// How many lines the order has in the export.
    pub lines: u64,
}

impl ShopifyOrder {
    /// Who ordered: the e-mail address, else the phone number, else nobody.
    pub fn customer_key(&self) -> Option<CustomerKey> {
        self.email.as_deref().or(self.phone.as_deref()).and_then(CustomerKey::new)
    }

    /// The currency of its sums.
    pub fn currency(&self) -> Currency {
        self.total.currency()
    }

    /// Goods after discounts, before tax and shipping: `Total` − `Taxes` − `Shipping`.
    ///
    /// # Errors
    /// [`Error::AmountOutOfRange`].
    pub fn net_sales(&self) -> Result<Money, Error> {
        let net = self.total.minor().checked_sub(self.taxes.minor());
        let net = net.and_then(|net| net.checked_sub(self.shipping.minor()));
        let net = net.ok_or_else(|| Error::AmountOutOfRange { value: self.total.decimal() })?;
        Ok(Money::from_minor(net, self.currency()))
    }

    /// Whether `Shipping` may hold tax that is in `Taxes` as well: where prices include the tax, nothing comes on top of
    /// goods and shipping.
    fn shipping_may_hold_tax(&self) -> bool {
        let (taxes, shipping) = (self.taxes.minor(), self.shipping.minor());
        taxes > 0 && shipping > 0 && self.subtotal.minor().checked_add(shipping) == Some(self.total.minor())
    }
}

/// The orders of a Shopify `orders_export.csv`, one by one as Shopify wrote them, in whatever currency.
///
/// [`OrderReader`](crate::OrderReader) makes [`Order`]s of them.
///
/// ```
/// use regulars_import::{ImportOptions, ShopifyReader};
///
/// let file = "\
/// Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem name,Cancelled at,Refunded Amount
/// #1001,Ann@Example.com,paid,EUR,30.00,4.90,4.79,34.90,2025-10-07 09:50:26 +0200,Mug,,0.00
/// #1001,Ann@Example.com,,,,,,,2025-10-07 09:50:26 +0200,Tea,,
/// ";
/// let orders = ShopifyReader::new(file.as_bytes(), &ImportOptions::default())?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(orders.len(), 1);
/// assert_eq!(orders[0].lines, 2);
/// assert_eq!(orders[0].net_sales()?.to_string(), "25.21 EUR");
/// # Ok::<(), regulars_import::ImportError>(())
/// ```
#[derive(Debug)]
pub struct ShopifyReader<R> {
    table: Table<R>,
    columns: Columns,
    dates: Dates,
    amounts: Amounts,
    statuses: Statuses,
    /// The order whose lines are being read.
    current: Option<ShopifyOrder>,
    ended: bool,
}

impl<R: Read> ShopifyReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ImportError::IncompleteExport`] where a column is missing, and whatever is wrong with the file as a CSV.
    pub fn new(reader: R, options: &ImportOptions) -> Result<ShopifyReader<R>, ImportError> {
        ShopifyReader::over(Table::open(reader)?, options)
    }

    pub(crate) fn over(table: Table<R>, options: &ImportOptions) -> Result<ShopifyReader<R>, ImportError> {
        Ok(ShopifyReader {
            columns: Columns::find(table.header())?,
            dates: Dates::new(None, options.zone.is_some())?,
            amounts: Amounts::new(options, table.delimiter()),
            statuses: Statuses::default(),
            table,
            current: None,
            ended: false,
        })
    }

    /// The next order that is complete, once the line after it has been seen.
    fn read(&mut self) -> Result<Option<ShopifyOrder>, ImportError> {
        while self.table.advance()? {
            let columns = &self.columns;
            let first = [columns.status, columns.currency, columns.total].into_iter();
            if !first.into_iter().all(|column| self.table.is_blank(column)) {
                let order = self.order()?;
                if let Some(complete) = self.current.replace(order) {
                    return Ok(Some(complete));
                }
                continue;
            }
            let name = self.table.cell(columns.name)?;
            match &mut self.current {
                Some(order) if order.name == name => order.lines += 1,
                _ => {
                    let order = crate::error::shown(name);
                    return Err(ImportError::OrphanLine { line: self.table.line(), order });
                }
            }
        }
        Ok(self.current.take())
    }

    /// The order whose first line is the current record.
    fn order(&mut self) -> Result<ShopifyOrder, ImportError> {
        let (table, columns) = (&self.table, &self.columns);
        let filled = |column: usize| match table.cell(column)? {
            "" => Err(table.flaw(column, Error::MissingValue)),
            text => Ok(text),
        };
        let optional = |column: Option<usize>| -> Result<Option<String>, ImportError> {
            let text = column.map_or(Ok(""), |column| table.cell(column))?;
            Ok(Some(text).filter(|text| !text.is_empty()).map(str::to_owned))
        };

        let code = filled(columns.currency)?;
        let currency = self.amounts.currency(code).map_err(|flaw| table.flaw(columns.currency, flaw))?;
        let zero = Money::from_minor(0, currency);
        let mut amount = |column: usize, text: &str| {
            let amount = self.amounts.amount(text, currency);
            amount.map_err(|flaw| table.flaw(column, flaw))
        };
        let total = amount(columns.total, filled(columns.total)?)?;
        let mut or_zero = |column| match table.cell(column)? {
            "" => Ok(zero),
            text => amount(column, text),
        };
        let subtotal = or_zero(columns.subtotal)?;
        let shipping = or_zero(columns.shipping)?;
        let taxes = or_zero(columns.taxes)?;
        let mut positive = |column| {
            let amount = self.amounts.positive(table.cell(column)?, currency);
            amount.map_err(|flaw| table.flaw(column, flaw))
        };
        let refunded = positive(columns.refunded)?.unwrap_or(zero);
        let discount = columns.discount.map_or(Ok(None), &mut positive)?;

        let financial_status = filled(columns.status)?;
        let cancelled = optional(Some(columns.cancelled_at))?;
        let instant = |column: usize, text: &str| {
            let instant = self.dates.read(text).and_then(|written| {
                let lost = Flaw {
                    source: Error::InvalidDate { value: text.to_owned() },
                    remedy: Some(Remedy::OriginalFile),
                };
                written.instant().ok_or(lost)
            });
            let as_exported = |flaw: Flaw| Flaw { remedy: Some(Remedy::OriginalFile), ..flaw };
            instant.map_err(|flaw| table.flaw(column, as_exported(flaw)))
        };
        let status = self.statuses.read(financial_status);
        let status = status.map_err(|error| table.flaw(columns.status, error))?;
        Ok(ShopifyOrder {
            line: table.line(),
            name: filled(columns.name)?.to_owned(),
            id: optional(columns.id)?,
            email: optional(Some(columns.email))?,
            phone: optional(columns.phone)?.map(|phone| phone.trim_start_matches('\'').to_owned()),
            financial_status: financial_status.to_owned(),
            status: if cancelled.is_some() { OrderStatus::Cancelled } else { status },
            created_at: instant(columns.created_at, filled(columns.created_at)?)?,
            cancelled_at: cancelled.map(|text| instant(columns.cancelled_at, &text)).transpose()?,
            subtotal,
            shipping,
            taxes,
            total,
            discount,
            refunded,
            source: optional(columns.source)?,
            lines: 1,
        })
    }
}

impl<R: Read> Iterator for ShopifyReader<R> {
    type Item = Result<ShopifyOrder, ImportError>;

    /// The next order; after an error there is none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Whether a header is that of a Shopify export.
pub(crate) fn recognises(header: &[String]) -> bool {
    ["Name", "Financial Status", "Created at", "Total", "Lineitem name"]
        .iter()
        .all(|name| header.iter().any(|column| column == name))
}

/// Where the columns stand.
#[derive(Debug)]
struct Columns {
    name: usize,
    email: usize,
    status: usize,
    currency: usize,
    subtotal: usize,
    shipping: usize,
    taxes: usize,
    total: usize,
    refunded: usize,
    created_at: usize,
    cancelled_at: usize,
    id: Option<usize>,
    phone: Option<usize>,
    discount: Option<usize>,
    source: Option<usize>,
}

impl Columns {
    fn find(header: &[String]) -> Result<Columns, ImportError> {
        let mut missing = Vec::new();
        let mut needed = |name: &str| -> Result<usize, ImportError> {
            let place = find(header, name)?;
            if place.is_none() {
                missing.push(name.to_owned());
            }
            Ok(place.unwrap_or_default())
        };
        let columns = Columns {
            name: needed("Name")?,
            email: needed("Email")?,
            status: needed("Financial Status")?,
            currency: needed("Currency")?,
            subtotal: needed("Subtotal")?,
            shipping: needed("Shipping")?,
            taxes: needed("Taxes")?,
            total: needed("Total")?,
            refunded: needed("Refunded Amount")?,
            created_at: needed("Created at")?,
            cancelled_at: needed("Cancelled at")?,
            id: find(header, "Id")?,
            phone: find(header, "Phone")?,
            discount: find(header, "Discount Amount")?,
            source: find(header, "Source")?,
        };
        if missing.is_empty() { Ok(columns) } else { Err(ImportError::IncompleteExport { missing }) }
    }

    fn report(&self, header: &[String]) -> ColumnReport {
        let taken = [
            (Field::Email, Some(self.email)),
            (Field::Customer, self.phone),
            (Field::PlacedAt, Some(self.created_at)),
            (Field::Amount, Some(self.total)),
            (Field::Amount, Some(self.taxes)),
            (Field::Amount, Some(self.shipping)),
            (Field::OrderId, self.id),
            (Field::OrderId, Some(self.name)),
            (Field::Refunded, Some(self.refunded)),
            (Field::RefundedOn, Some(self.cancelled_at)),
            (Field::Status, Some(self.status)),
            (Field::Currency, Some(self.currency)),
            (Field::Discount, self.discount),
            (Field::Channel, self.source),
        ];
        let taken = taken.into_iter().filter_map(|(field, at)| Some((field, at?, Why::Export)));
        ColumnReport::new(header, taken)
    }
}

/// Shopify's orders as orders of a history.
#[derive(Debug)]
pub(crate) struct ShopifyOrders<R> {
    reader: ShopifyReader<R>,
    basis: AmountBasis,
    orders: u64,
    lines: u64,
    dates_as_written: u64,
    part_refunds: u64,
    beyond_total: u64,
    tax_in_shipping: u64,
}

impl<R: Read> ShopifyOrders<R> {
    pub(crate) fn new(reader: ShopifyReader<R>, options: &ImportOptions) -> ShopifyOrders<R> {
        ShopifyOrders {
            reader,
            basis: options.amount,
            orders: 0,
            lines: 0,
            dates_as_written: 0,
            part_refunds: 0,
            beyond_total: 0,
            tax_in_shipping: 0,
        }
    }

    pub(crate) fn columns(&self) -> ColumnReport {
        self.reader.columns.report(self.reader.table.header())
    }

    pub(crate) fn amounts(&self) -> &Amounts {
        &self.reader.amounts
    }

    pub(crate) fn next(&mut self, currency: &mut OneCurrency) -> Result<Option<Order>, ImportError> {
        let Some(order) = self.reader.next().transpose()? else { return Ok(None) };
        let flaw = |column: usize, source| ImportError::Cell {
            line: order.line,
            column: self.reader.table.name(column),
            source,
            remedy: None,
        };
        let columns = &self.reader.columns;
        currency.admit(order.currency()).map_err(|error| flaw(columns.currency, error))?;
        let amount = self.amount(&order).map_err(|error| flaw(columns.total, error))?;
        self.orders += 1;
        self.lines += order.lines;
        Ok(Some(self.convert(order, amount)))
    }

    fn amount(&self, order: &ShopifyOrder) -> Result<Money, Error> {
        match self.basis {
            AmountBasis::Total => Ok(order.total),
            AmountBasis::NetSales => order.net_sales(),
        }
    }

    fn convert(&mut self, order: ShopifyOrder, mut amount: Money) -> Order {
        if amount.minor() < 0 && order.total.minor() >= 0 {
            amount = Money::from_minor(0, amount.currency());
            self.beyond_total += 1;
        }
        self.tax_in_shipping +=
            u64::from(self.basis == AmountBasis::NetSales && order.shipping_may_hold_tax());
        let part = order.refunded.minor() < order.total.minor();
        if part && order.refunded.minor() > 0 && amount.minor() < order.total.minor() {
            self.part_refunds += 1;
        }
        // All of the money back is all of the goods back; otherwise what goes beyond the goods was tax or shipping.
        let back = if part { order.refunded.minor().min(amount.minor()) } else { amount.minor() }.max(0);

        let moment = |instant: DateTime<FixedOffset>| self.reader.dates.moment(Written::from(instant));
        let (placed, as_written) = moment(order.created_at);
        self.dates_as_written += u64::from(as_written);
        let mut result = Order::new(placed, amount).status(order.status);
        result.id = CustomerKey::new(order.id.as_deref().unwrap_or(&order.name));
        match (&order.email, &order.phone) {
            (Some(email), _) => result.email = CustomerKey::new(email),
            (None, Some(phone)) => result.customer = CustomerKey::new(phone),
            (None, None) => {}
        }
        if order.refunded.minor() > 0 {
            result.refunded = Some(Money::from_minor(back, amount.currency()));
        }
        result.refunded_on = order.cancelled_at.map(|instant| moment(instant).0);
        result.discount = order.discount;
        result.channel = order.source;
        result
    }

    pub(crate) fn notes(&self, notes: &mut Vec<Note>) {
        let counted = [
            (self.dates_as_written, Note::DatesAsWritten { orders: self.dates_as_written }),
            (self.lines - self.orders, Note::LinesMerged { lines: self.lines, orders: self.orders }),
            (self.part_refunds, Note::RefundsIncludeTaxOrShipping { orders: self.part_refunds }),
            (self.tax_in_shipping, Note::ShippingMayHoldTax { orders: self.tax_in_shipping }),
            (self.beyond_total, Note::TaxAndShippingBeyondTotal { orders: self.beyond_total }),
        ];
        notes.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note));
    }

    pub(crate) fn blank_rows(&self) -> u64 {
        self.reader.table.blank_rows()
    }
}
