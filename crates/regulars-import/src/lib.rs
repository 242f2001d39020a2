//! Shops' order exports into a history of [`regulars`]: Shopify's `orders_export.csv`, order exports of WooCommerce, and
//! any CSV with a row per order.
//!
//! ```
//! use regulars_import::{ImportOptions, read_history};
//!
//! let file = "\
//! Customer ID,Order Date,Total
//! ann,2024-05-17,35.20
//! bob,2024-05-18,20.00
//! ann,2024-06-02,18.00
//! ";
//! let mut options = ImportOptions::default();
//! options.currency = Some(regulars::Currency::USD);
//! let import = read_history(file.as_bytes(), &options)?;
//! println!("{}", import.columns);
//! assert_eq!(import.history.during("2024")?.repeat_customer_rate().value, Some(0.5));
//! # Ok::<(), regulars_import::ImportError>(())
//! ```
//!
//! It reads from any [`std::io::Read`], bytes included, in memory that does not grow with the file. What it cannot read
//! it refuses with line, column and value ([`ImportError`]); what it takes for granted it says ([`Note`],
//! [`ColumnReport`]).
//!
//! | file | recognised by | amount | customer |
//! |---|---|---|---|
//! | Shopify `orders_export.csv` | its header | `Total` − `Taxes` − `Shipping` ([`AmountBasis`]) | `Email`, else `Phone` |
//! | WooCommerce order export | `customer_user`, `billing_email`, or `date_created` with `customer_id` | by [`Mapping`] | the id unless `0`, else the e-mail |
//! | WooCommerce Analytics → Orders | its header, or its customer types | refused: it does not say who ordered | |
//! | any other CSV | | by [`Mapping`] | the id, else the e-mail |

#![forbid(unsafe_code)]

mod amounts;
mod dates;
mod error;
mod import;
mod mapping;
mod meant;
mod note;
mod options;
mod plain;
mod reader;
mod shopify;
mod source;
mod statuses;
mod table;
mod woocommerce;

pub use dates::DateReader;
pub use error::{ImportError, Remedy};
pub use import::{Import, read_history};
pub use mapping::{ColumnReport, Field, Mapping, ReadColumn, Why};
pub use meant::meant;
pub use note::Note;
pub use options::{AmountBasis, ImportOptions};
pub use reader::{OrderReader, Source};
pub use shopify::{ShopifyOrder, ShopifyReader};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_type_can_cross_threads() {
        fn assert_send_sync<T: Send + Sync>() {}
        assert_send_sync::<(ImportError, ImportOptions, Import, ColumnReport, Mapping, Note, Source)>();
        assert_send_sync::<(OrderReader<std::fs::File>, ShopifyReader<std::fs::File>, ShopifyOrder)>();
    }
}
