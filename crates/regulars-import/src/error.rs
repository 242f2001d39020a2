use core::fmt;
use std::io;

use serde::Serialize;

use crate::mapping::{Field, ReadColumn};
use crate::meant::meant;
use crate::source::MOST_RECORD_BYTES;

/// What can go wrong between a file and a history: a value with the facts in it, a stable
/// [`code`](ImportError::code) for programs and one line of prose for people.
///
/// Lines are counted from 1, as editors count them, and name the line on which the record begins.
///
/// ```
/// use regulars_import::{ImportOptions, read_history};
///
/// let file = "customer,date,amount,currency\nann,2024-05-17,12.345,USD\n";
/// let error = read_history(file.as_bytes(), &ImportOptions::default()).unwrap_err();
/// assert_eq!(error.code(), "amount_too_fine");
/// assert!(error.to_string().starts_with("line 2, column `amount`: `12.345` is finer than 2 decimals"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The source could not be read.
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
    /// No byte, or nothing but blank lines.
    #[error("the file is empty")]
    EmptyFile,
    /// Bytes of another kind of file.
    #[error("this is {found} and not CSV: export or save the orders as CSV in UTF-8")]
    NotCsv {
        /// What it looks like.
        found: &'static str,
    },
    /// Text in 16-bit units.
    #[error("the text is UTF-16: save the file as CSV in UTF-8")]
    Utf16,
    /// Text in some other encoding.
    #[error("line {line}, column `{column}`: the text is not UTF-8: save the file as CSV in UTF-8")]
    NotUtf8 {
        /// The line on which the record begins.
        line: u64,
        /// The column.
        column: String,
    },
    /// Columns that a history cannot do without.
    #[error(
        "no column is known as {}{}: name the one that is, the columns are {}",
        names(missing),
        Given(taken),
        quoted(found)
    )]
    MissingColumns {
        /// What was looked for.
        missing: Vec<Field>,
        /// The columns that it would have been guessed from, had they not been named for something else.
        taken: Vec<ReadColumn>,
        /// The columns that there are.
        found: Vec<String>,
    },
    /// No column that says who ordered.
    #[error(
        "no column says who ordered: name the customer or the email column, the columns are {}",
        quoted(found)
    )]
    MissingCustomer {
        /// The columns that there are.
        found: Vec<String>,
    },
    /// An export that is a shop system's own, but with columns taken out.
    #[error("the Shopify export lacks {}: export the orders again and keep every column", quoted(missing))]
    IncompleteExport {
        /// The columns that are not there.
        missing: Vec<String>,
    },
    /// A mapping to a column that is not in the file.
    #[error("there is no column `{column}` for {field}: {} {}", Meant(column, found), quoted(found))]
    UnknownColumn {
        /// What the mapping is for.
        field: Field,
        /// The column that it names.
        column: String,
        /// The columns that there are.
        found: Vec<String>,
    },
    /// One name over several columns of which one is needed.
    #[error("column `{column}` is there twice: rename or remove one")]
    AmbiguousColumn {
        /// The name.
        column: String,
    },
    /// The CSV of WooCommerce's Analytics → Orders.
    #[error(
        "this is the CSV of WooCommerce Analytics, which has neither customer ids nor e-mail addresses: export the \
         orders with an order export plugin that writes `customer_id` or `billing_email`"
    )]
    WooCommerceAnalytics,
    /// A record with more or fewer fields than the header.
    #[error("line {line} has {found} fields where the header has {expected}")]
    UnequalFields {
        /// The line on which the record begins.
        line: u64,
        /// Its fields.
        found: usize,
        /// The fields of the header.
        expected: usize,
    },
    /// The file ends within quotes.
    #[error(
        "the record that begins on line {line} opens a quote that is never closed: the file may be cut off"
    )]
    UnclosedQuote {
        /// The line on which the record begins.
        line: u64,
    },
    /// A record beyond what one order can need.
    #[error(
        "the record that begins on line {line} is longer than {} MiB: a quote in it may never be closed",
        MOST_RECORD_BYTES >> 20
    )]
    RecordTooLong {
        /// The line on which the record begins.
        line: u64,
    },
    /// A line of an order that does not follow its order.
    #[error(
        "line {line} continues order `{order}` but does not follow it: the export was sorted or filtered, take it as \
         Shopify wrote it"
    )]
    OrphanLine {
        /// The line on which the record begins.
        line: u64,
        /// The order that it names.
        order: String,
    },
    /// No currency in the options and none with the first order.
    #[error("nothing says which currency the amounts are in: name it in the option currency")]
    MissingCurrency,
    /// A date format that the formatter does not know.
    #[error("`{format}` is not a date format such as `%d/%m/%Y`")]
    InvalidDateFormat {
        /// The format as given.
        format: String,
    },
    /// What is wrong with one cell, with its place.
    #[error("line {line}, column `{column}`: {source}{}", Then(remedy.as_deref()))]
    Cell {
        /// The line on which the record begins.
        line: u64,
        /// The column's name in the header.
        column: String,
        /// What is wrong.
        source: regulars::Error,
        /// The option that may help.
        remedy: Option<Box<Remedy>>,
    },
    /// What is wrong with the orders together.
    #[error(transparent)]
    Orders(#[from] regulars::Error),
}

/// The one list that [`ImportError::code`] and [`ImportError::CODES`] are both made from.
macro_rules! codes {
    ($($variant:ident => $code:literal,)+) => {
        impl ImportError {
            /// Every code of this crate's own. [`ImportError::code`] can also return those of
            /// [`regulars::Error::CODES`].
            ///
            /// ```
            /// assert!(regulars_import::ImportError::CODES.contains(&"unclosed_quote"));
            /// ```
            pub const CODES: &[&'static str] = &[$($code),+];

            /// A stable name of the kind of error, the same in every language. An error of a cell or of the orders has
            /// the code of what is wrong there.
            ///
            /// ```
            /// use regulars_import::{ImportOptions, read_history};
            ///
            /// let error = read_history(&b""[..], &ImportOptions::default()).unwrap_err();
            /// assert_eq!(error.code(), "empty_file");
            /// ```
            pub fn code(&self) -> &'static str {
                match self {
                    $(ImportError::$variant { .. } => $code,)+
                    ImportError::Cell { source, .. } | ImportError::Orders(source) => source.code(),
                }
            }
        }
    };
}

codes! {
    Io => "io",
    EmptyFile => "empty_file",
    NotCsv => "not_csv",
    Utf16 => "utf16",
    NotUtf8 => "not_utf8",
    MissingColumns => "missing_columns",
    MissingCustomer => "missing_customer",
    IncompleteExport => "incomplete_export",
    UnknownColumn => "unknown_column",
    AmbiguousColumn => "ambiguous_column",
    WooCommerceAnalytics => "woocommerce_analytics",
    UnequalFields => "unequal_fields",
    UnclosedQuote => "unclosed_quote",
    RecordTooLong => "record_too_long",
    OrphanLine => "orphan_line",
    MissingCurrency => "missing_currency",
    InvalidDateFormat => "invalid_date_format",
}

/// The option that may make a cell readable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remedy {
    /// [`ImportOptions::date_format`](crate::ImportOptions::date_format).
    DateFormat {
        /// The format that was named, which the cell does not follow.
        named: Option<String>,
        /// Formats that the cell would follow.
        fitting: Vec<&'static str>,
    },
    /// A day and a time that there are, since the text begins like one with the year.
    RealDate,
    /// [`ImportOptions::decimal_comma`](crate::ImportOptions::decimal_comma).
    DecimalComma,
    /// The export as the shop system wrote it, since a spreadsheet takes the offset from UTC off.
    OriginalFile,
    /// [`ImportOptions::mapping`](crate::ImportOptions::mapping), because the column was guessed, and such a value can be that
    /// of another.
    Mapping {
        /// What it was guessed to be.
        field: Field,
        /// Whether there can be none.
        optional: bool,
    },
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remedy::DateFormat { named: None, fitting } if fitting.is_empty() => f.write_str(
                "dates that do not begin with the year need a date_format, such as `%d.%m.%Y %H:%M`",
            ),
            Remedy::DateFormat { named: None, fitting } => {
                write!(f, "name the date_format, which may be `{}`", fitting.join("` or `"))
            }
            Remedy::DateFormat { named: Some(named), fitting } => {
                write!(f, "it does not follow the date_format `{named}`")?;
                if fitting.is_empty() { Ok(()) } else { write!(f, ", but `{}`", fitting.join("` or `")) }
            }
            Remedy::RealDate => f.write_str(
                "after the year come a month, a day and perhaps a time that there are, as in `2024-05-17 14:30`",
            ),
            Remedy::DecimalComma => f.write_str("set decimal_comma if the comma stands before the decimals"),
            Remedy::OriginalFile => {
                f.write_str("take the export as Shopify wrote it, with the offset from UTC")
            }
            Remedy::Mapping { field, optional } => {
                write!(f, "the column was guessed to be {field}: if it is not, name another")?;
                if *optional { f.write_str(", or the empty name for none") } else { Ok(()) }
            }
        }
    }
}

/// A remedy after a colon, or nothing.
struct Then<'a>(Option<&'a Remedy>);

impl fmt::Display for Then<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |remedy| write!(f, ": {remedy}"))
    }
}

/// For what else columns are taken, or nothing.
struct Given<'a>(&'a [ReadColumn]);

impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, ReadColumn { field, column, .. }) in self.0.iter().enumerate() {
            let lead = if at == 0 { ", since" } else { " and" };
            write!(f, "{lead} `{column}` is named as {field}")?;
        }
        Ok(())
    }
}

/// What goes before the list of columns: the one that was meant, as a question, where there is one.
struct Meant<'a>(&'a str, &'a [String]);

impl fmt::Display for Meant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match meant(self.0, self.1) {
            Some(meant) => write!(f, "did you mean `{meant}`? The columns are"),
            None => f.write_str("the columns are"),
        }
    }
}

/// What is wrong with a value whose place is not known yet.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) source: regulars::Error,
    pub(crate) remedy: Option<Remedy>,
}

impl From<regulars::Error> for Flaw {
    fn from(source: regulars::Error) -> Flaw {
        Flaw { source, remedy: None }
    }
}

/// The start of a text that may be as long as a record.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

fn names(fields: &[Field]) -> String {
    fields.iter().map(|field| field.name()).collect::<Vec<_>>().join(" or ")
}

fn quoted(columns: &[String]) -> String {
    const MOST: usize = 100;
    let mut list: Vec<String> =
        columns.iter().take(MOST).map(|column| format!("`{}`", shown(column))).collect();
    if let Some(more) = columns.len().checked_sub(MOST).filter(|&more| more > 0) {
        list.push(format!("and {more} more"));
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_not_the_cores() {
        for (at, code) in ImportError::CODES.iter().enumerate() {
            assert!(!ImportError::CODES[..at].contains(code), "{code}");
            assert!(!regulars::Error::CODES.contains(code), "{code}");
        }
    }

    #[test]
    fn long_values_are_shown_by_their_start() {
        assert_eq!(shown("é"), "é");
        assert_eq!(shown(&"é".repeat(81)).chars().count(), 81);
    }
}
