use std::io::Read;

use regulars::{Error, HistoryBuilder, OrderHistory};

use crate::error::ImportError;
use crate::mapping::ColumnReport;
use crate::note::Note;
use crate::options::ImportOptions;
use crate::reader::{OrderReader, Source};

/// A history that was read from a file, and how it was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Import {
    /// The orders.
    pub history: OrderHistory,
    /// Whose export the file is.
    pub source: Source,
    /// What each column was taken for.
    pub columns: ColumnReport,
    /// What was taken from the file, assumed or merged.
    pub notes: Vec<Note>,
}

/// Reads a file of orders into a history, in memory that grows with the history alone.
///
/// # Errors
/// What is wrong with the file, with its line and column, or with the orders together.
///
/// ```
/// use regulars_import::{ImportOptions, read_history};
///
/// let file = "\
/// customer,date,amount,currency
/// ann,2024-05-17,35.20,USD
/// bob,2024-05-18,20.00,USD
/// ann,2024-06-02,18.00,USD
/// ";
/// let import = read_history(file.as_bytes(), &ImportOptions::default())?;
/// for note in &import.notes {
///     println!("{note}");
/// }
/// let summary = import.history.summary();
/// assert_eq!((summary.customers, summary.revenue.to_string().as_str()), (2, "73.20 USD"));
/// # Ok::<(), regulars_import::ImportError>(())
/// ```
pub fn read_history<R: Read>(reader: R, options: &ImportOptions) -> Result<Import, ImportError> {
    let mut orders = OrderReader::new(reader, options)?;
    let mut builder = None;
    while let Some(order) = orders.next().transpose()? {
        // The reader knows the currency once it has read an order.
        let currency = orders.currency().unwrap_or(order.amount.currency());
        builder.get_or_insert_with(|| HistoryBuilder::new(options.history(currency))).push(order)?;
    }
    let history = builder.ok_or(Error::NoOrders)?.finish()?;
    Ok(Import { history, source: orders.source(), notes: orders.notes(), columns: orders.columns().clone() })
}
