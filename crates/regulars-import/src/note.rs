use core::fmt;

use regulars::Currency;
use serde::Serialize;

use crate::mapping::bare;

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
        /// The currency.
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

impl Note {
    /// What there is to say about the column that amounts are guessed to be in.
    ///
    /// ```
    /// use regulars_import::Note;
    ///
    /// assert_eq!(Note::on_amounts("Total"), Some(Note::AmountsAreTotals { column: "Total".into() }));
    /// assert_eq!(Note::on_amounts("net_total"), None);
    /// ```
    pub fn on_amounts(column: &str) -> Option<Note> {
        let name = bare(column);
        let is_total = name.contains("total") && !name.contains("net");
        is_total.then(|| Note::AmountsAreTotals { column: column.to_owned() })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The words that follow a number are those for one or for many.
        let so_many =
            |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        match self {
            Note::CurrencyFromFile { currency } => {
                write!(f, "The currency was taken from the file: {currency}.")
            }
            Note::DatesAsWritten { orders } => {
                let orders = so_many(*orders, "order counts", "orders count");
                write!(f, "No time zone was named: {orders} on the date as it is written.")
            }
            Note::LinesMerged { lines, orders } => {
                let lines = so_many(*lines, "line was", "lines were");
                write!(f, "{lines} merged into {}.", so_many(*orders, "order", "orders"))
            }
            Note::RefundsIncludeTaxOrShipping { orders } => {
                let refunds = so_many(
                    *orders,
                    "part refund may hold tax or shipping: it was",
                    "part refunds may hold tax or shipping: they were",
                );
                write!(f, "{refunds} taken off the goods in full.")
            }
            Note::ShippingMayHoldTax { orders } => {
                let orders = so_many(*orders, "order has", "orders have");
                write!(
                    f,
                    "{orders} shipping and prices that include tax: if shipping is taxed, net sales are too low by \
                     that tax, which the export does not tell."
                )
            }
            Note::TaxAndShippingBeyondTotal { orders } => {
                let orders = so_many(*orders, "order has", "orders have");
                write!(f, "{orders} more tax and shipping than total: the goods count as 0.")
            }
            Note::Guests { value, orders } => {
                let orders = so_many(*orders, "order has", "orders have");
                write!(f, "{orders} the customer `{value}`, which means nobody.")
            }
            Note::AmountsAreTotals { column } => {
                write!(f, "The amounts are those of `{column}`, which may hold tax and shipping.")
            }
            Note::DecimalCommas { amounts } => {
                let amounts = so_many(*amounts, "amount was", "amounts were");
                write!(f, "{amounts} read with a comma before the decimals.")
            }
            Note::BlankRows { rows } => {
                let rows = so_many(*rows, "row without any value was", "rows without any value were");
                write!(f, "{rows} skipped.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Note;

    #[test]
    fn one_is_not_many() {
        let said = [
            (
                Note::DatesAsWritten { orders: 1 },
                "No time zone was named: 1 order counts on the date as it is written.",
            ),
            (
                Note::DatesAsWritten { orders: 2 },
                "No time zone was named: 2 orders count on the date as it is written.",
            ),
            (Note::LinesMerged { lines: 2, orders: 1 }, "2 lines were merged into 1 order."),
            (
                Note::RefundsIncludeTaxOrShipping { orders: 1 },
                "1 part refund may hold tax or shipping: it was taken off the goods in full.",
            ),
            (
                Note::TaxAndShippingBeyondTotal { orders: 1 },
                "1 order has more tax and shipping than total: the goods count as 0.",
            ),
            (
                Note::Guests { value: "guest".to_owned(), orders: 1 },
                "1 order has the customer `guest`, which means nobody.",
            ),
            (Note::DecimalCommas { amounts: 1 }, "1 amount was read with a comma before the decimals."),
            (Note::BlankRows { rows: 1 }, "1 row without any value was skipped."),
        ];
        for (note, sentence) in said {
            assert_eq!(note.to_string(), sentence);
        }
    }
}
