//! Any bytes through the importers. The first byte chooses the options, the rest is the file.
//!
//! ```sh
//! mkdir -p tests/fuzz/corpus/import
//! for file in tests/fixtures/import/*.csv; do
//!   for options in 0 1 2 3 4 5 6 7; do
//!     { printf "\\$options"; cat "$file"; } > "tests/fuzz/corpus/import/$options-$(basename "$file")"
//!   done
//! done
//! cargo +nightly fuzz run --fuzz-dir tests/fuzz import -- -max_total_time=300
//! ```

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use regulars_import::{ImportOptions, OrderReader, read_history};

static OPTIONS: LazyLock<Vec<ImportOptions>> = LazyLock::new(|| {
    let all = [
        "{}",
        r#"{"currency": "EUR", "zone": "Europe/Berlin", "otherCurrencies": "leave_out"}"#,
        r#"{"currency": "USD", "decimals": 3, "otherCurrencies": "leave_out", "amount": "total"}"#,
        r#"{"currency": "JPY", "decimalComma": true, "dateFormat": "%d/%m/%Y", "zone": "+14:00"}"#,
        r#"{"currency": "EUR", "mapping": {}, "otherCurrencies": "leave_out"}"#,
        r#"{"currency": "EUR", "mapping": {"customer": "Name", "placedAt": "Created at", "status": "", "guest": "0"}}"#,
        r#"{"currency": "EUR", "observedUntil": "2025-01-01", "dateFormat": "%s", "historyStarts": "2024-01-01"}"#,
        r#"{"dateFormat": "%+", "zone": "America/New_York", "otherCurrencies": "leave_out"}"#,
    ];
    all.iter().map(|json| serde_json::from_str(json).unwrap()).collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((&choice, file)) = input.split_first() else { return };
    let options = &OPTIONS[usize::from(choice) % OPTIONS.len()];
    match read_history(file, options) {
        Ok(import) => {
            let summary = import.history.summary();
            let left_out: u64 = summary.left_out.iter().map(|count| count.orders).sum();
            assert_eq!(summary.given, summary.orders + summary.credit_notes + left_out + summary.repeated);
            let orders = OrderReader::new(file, options).unwrap();
            assert_eq!(summary.given, orders.map(Result::unwrap).count() as u64);
            for note in &import.notes {
                assert!(!note.to_string().is_empty());
            }
        }
        Err(error) => assert!(!error.code().is_empty() && !error.to_string().is_empty()),
    }
});
