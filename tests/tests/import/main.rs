//! Files of orders into histories: what shops export, what people edit, and what is none of it.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod bad_input;
mod plain;
mod properties;
mod shop_export;
mod shopify;
mod streaming;

use regulars::{OtherCurrencies, Summary};
use regulars_import::{Import, ImportError, ImportOptions, read_history};

fn read(file: &str) -> Result<Import, ImportError> {
    read_history(file.as_bytes(), &ImportOptions::default())
}

/// Options by the JSON that people would write.
#[track_caller]
fn options(json: &str) -> ImportOptions {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// Options that read orders of every currency and keep one.
fn leaving_out_others(json: &str) -> ImportOptions {
    let mut options = options(json);
    options.other_currencies = OtherCurrencies::LeaveOut;
    options
}

/// That every order is in exactly one place.
#[track_caller]
fn assert_accounted(summary: &Summary) {
    let left_out: u64 = summary.left_out.iter().map(|count| count.orders).sum();
    assert_eq!(
        summary.given,
        summary.orders + summary.credit_notes + left_out + summary.repeated,
        "{summary:?}"
    );
}

/// A file of the folder that `REGULARS_SHARED_DATA` names, for data that may not be kept here. Without it a test says so
/// and passes.
fn shared(name: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("REGULARS_SHARED_DATA") else {
        println!("skipped: REGULARS_SHARED_DATA names no folder with {name}");
        return None;
    };
    let path = std::path::Path::new(&folder).join(name);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
