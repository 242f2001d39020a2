use core::fmt;

use regulars::Currency;
use serde::Serialize;

/// Something that was taken from the file, assumed or merged on the way. It displays as a sentence.
///
/// ```
/// let note = regulars_import::Note::BlankRows { rows: 2 };
/// assert_eq!(note.to_string(), "2 rows without any value were skipped.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Note {
    /// No currency was named, so the first order's is that of the history.
    CurrencyFromFile {
        /// It.
        currency: Currency,
    },
    /// Times with an offset from UTC count on the date that is written, since no zone was named.
    DatesAsWritten {
        /// Of how many orders.
        orders: u64,
    },
    /// The line items of one order were merged.
    LinesMerged {
        /// How many lines.
        lines: u64,
        /// Into how many orders.
        orders: u64,
    },
    /// Part refunds may pay back tax and shipping, and were taken off the goods in full.
    RefundsIncludeTaxOrShipping {
        /// How many orders have one.
        orders: u64,
    },
    /// Prices include the tax. If shipping is taxed as well, its tax was taken off twice, with `Taxes` and with
    /// `Shipping`, since the export does not say how much of either it is.
    ShippingMayHoldTax {
        /// How many orders.
        orders: u64,
    },
    /// Tax and shipping together are more than the total, so that the goods count as nothing.
    TaxAndShippingBeyondTotal {
        /// Of how many orders.
        orders: u64,
    },
    /// A value in the customer column that means nobody.
    Guests {
        /// The value.
        value: String,
        /// How many orders have it.
        orders: u64,
    },
    /// The column of the amounts is a total by its name, so that it may hold tax and shipping.
    AmountsAreTotals {
        /// The column.
        column: String,
    },
    /// Commas were taken to stand before the decimals.
    DecimalCommas {
        /// In how many amounts.
        amounts: u64,
    },
    /// Rows without any value were skipped.
    BlankRows {
        /// How many.
        rows: u64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::CurrencyFromFile { currency } => {
                write!(f, "The currency was taken from the file: {currency}.")
            }
            Note::DatesAsWritten { orders } => {
                write!(f, "No time zone was named: {orders} orders count on the date as it is written.")
            }
            Note::LinesMerged { lines, orders } => {
                write!(f, "{lines} lines were merged into {orders} orders.")
            }
            Note::RefundsIncludeTaxOrShipping { orders } => {
                write!(
                    f,
                    "{orders} part refunds may hold tax or shipping: they were taken off the goods in full."
                )
            }
            Note::ShippingMayHoldTax { orders } => {
                write!(
                    f,
                    "{orders} orders have shipping and prices that include tax: if shipping is taxed, their net \
                     sales are too low by that tax, which the export does not tell."
                )
            }
            Note::TaxAndShippingBeyondTotal { orders } => {
                write!(f, "{orders} orders have more tax and shipping than total: their goods count as 0.")
            }
            Note::Guests { value, orders } => {
                write!(f, "{orders} orders have the customer `{value}`, which means nobody.")
            }
            Note::AmountsAreTotals { column } => {
                write!(f, "The amounts are those of `{column}`, which may hold tax and shipping.")
            }
            Note::DecimalCommas { amounts } => {
                write!(f, "{amounts} amounts were read with a comma before the decimals.")
            }
            Note::BlankRows { rows } => write!(f, "{rows} rows without any value were skipped."),
        }
    }
}
