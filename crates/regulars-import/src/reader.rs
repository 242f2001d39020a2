use std::io::Read;

use regulars::{Currency, Order};
use serde::Serialize;

use crate::amounts::{Amounts, OneCurrency};
use crate::error::ImportError;
use crate::mapping::{ColumnReport, Mapping};
use crate::note::Note;
use crate::options::ImportOptions;
use crate::plain::PlainOrders;
use crate::shopify::{self, ShopifyOrders, ShopifyReader};
use crate::table::Table;
use crate::woocommerce;

/// Whose export a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// Shopify's `orders_export.csv`.
    Shopify,
    /// An order export of WooCommerce.
    WooCommerce,
    /// Any other CSV with a row per order.
    Csv,
}

/// The orders of a file, one by one, in memory that does not grow with the file.
///
/// The reader is read by the 64 KiB, so that it needs no buffer of its own.
///
/// ```
/// use regulars_import::{ImportOptions, OrderReader, Source};
///
/// let file = "customer_id,order_id,ts,amount,currency\n17850,536365,2010-12-01 08:26:00,139.12,GBP\n";
/// let mut reader = OrderReader::new(file.as_bytes(), &ImportOptions::default())?;
/// assert_eq!(reader.source(), Source::Csv);
/// let order = reader.next().unwrap()?;
/// assert_eq!(order.amount.to_string(), "139.12 GBP");
/// assert_eq!(reader.notes()[0].to_string(), "The currency was taken from the file: GBP.");
/// # Ok::<(), regulars_import::ImportError>(())
/// ```
#[derive(Debug)]
pub struct OrderReader<R> {
    orders: Orders<R>,
    source: Source,
    columns: ColumnReport,
    currency: OneCurrency,
    ended: bool,
}

#[derive(Debug)]
enum Orders<R> {
    Shopify(Box<ShopifyOrders<R>>),
    Plain(Box<PlainOrders<R>>),
}

impl<R: Read> OrderReader<R> {
    /// Reads the header and finds out whose export this is.
    ///
    /// # Errors
    /// What is wrong with the file as a CSV in UTF-8, columns that are missing, and exports that cannot be read.
    pub fn new(reader: R, options: &ImportOptions) -> Result<OrderReader<R>, ImportError> {
        let mut table = Table::open(reader)?;
        let (orders, source) = if let Some(mapping) = &options.mapping {
            (Orders::plain(table, mapping, mapping.guest.as_deref(), options)?, Source::Csv)
        } else if shopify::recognises(table.header()) {
            let orders = ShopifyOrders::new(ShopifyReader::over(table, options)?, options);
            (Orders::Shopify(Box::new(orders)), Source::Shopify)
        } else if woocommerce::is_analytics(&mut table) {
            return Err(ImportError::WooCommerceAnalytics);
        } else if woocommerce::recognises(table.header()) {
            let guest = Some(woocommerce::GUEST);
            (Orders::plain(table, &Mapping::default(), guest, options)?, Source::WooCommerce)
        } else {
            (Orders::plain(table, &Mapping::default(), None, options)?, Source::Csv)
        };
        let (columns, amounts) = match &orders {
            Orders::Shopify(orders) => (orders.columns(), orders.amounts()),
            Orders::Plain(orders) => (orders.columns(), orders.amounts()),
        };
        let currency = OneCurrency::new(options, amounts)?;
        Ok(OrderReader { orders, source, columns, currency, ended: false })
    }

    /// Whose export this is.
    pub fn source(&self) -> Source {
        self.source
    }

    /// What each column was taken for.
    pub fn columns(&self) -> &ColumnReport {
        &self.columns
    }

    /// The currency of the history: the option's, else that of the first order that was read.
    pub fn currency(&self) -> Option<Currency> {
        self.currency.get()
    }

    /// What was taken from the file, assumed or merged so far.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        notes.extend(self.currency.told_by_file().map(|currency| Note::CurrencyFromFile { currency }));
        let blank_rows = match &self.orders {
            Orders::Shopify(orders) => {
                orders.notes(&mut notes);
                orders.blank_rows()
            }
            Orders::Plain(orders) => {
                orders.notes(&mut notes);
                orders.blank_rows()
            }
        };
        let commas = self.orders.amounts().commas();
        if commas > 0 {
            notes.push(Note::DecimalCommas { amounts: commas });
        }
        if blank_rows > 0 {
            notes.push(Note::BlankRows { rows: blank_rows });
        }
        notes
    }
}

impl<R: Read> Orders<R> {
    fn plain(
        table: Table<R>,
        mapping: &Mapping,
        guest: Option<&str>,
        options: &ImportOptions,
    ) -> Result<Orders<R>, ImportError> {
        Ok(Orders::Plain(Box::new(PlainOrders::new(table, mapping, guest, options)?)))
    }

    fn amounts(&self) -> &Amounts {
        match self {
            Orders::Shopify(orders) => orders.amounts(),
            Orders::Plain(orders) => orders.amounts(),
        }
    }
}

impl<R: Read> Iterator for OrderReader<R> {
    type Item = Result<Order, ImportError>;

    /// The next order; after an error there is none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = match &mut self.orders {
            Orders::Shopify(orders) => orders.next(&mut self.currency),
            Orders::Plain(orders) => orders.next(&mut self.currency),
        };
        let next = next.transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
