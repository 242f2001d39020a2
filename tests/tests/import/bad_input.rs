use regulars_import::{ImportError, read_history};

use crate::options;

/// A kind of bad input: the options, the file, the code and what the message must name.
type Case = (&'static str, &'static [u8], &'static str, &'static str);

const HEAD: &str = "customer,date,amount,currency,order_id,refunded,status\n";

/// Rows under [`HEAD`]: what is wrong, the code and what the message must name.
const ROWS: [(&str, &str, &str); 26] = [
    ("ann,2024-05-17,1,EURO,1,,", "unknown_currency", "line 2, column `currency`: `EURO`"),
    (
        "ann,2024-05-17,1,USD,1,,\nann,2024-05-17,1,EUR,2,,",
        "mixed_currencies",
        "line 3, column `currency`: found EUR",
    ),
    ("ann,2024-02-30,1,USD,1,,", "invalid_date", "line 2, column `date`: `2024-02-30`"),
    ("ann,17/05/2024,1,USD,1,,", "invalid_date", "name the date_format, which may be `%d/%m/%Y`"),
    (
        "ann,Mug,1,USD,1,,",
        "invalid_date",
        "the column was guessed to be placed_at: if it is not, name another",
    ),
    ("ann,2024-05-17,Mug,USD,1,,", "invalid_amount", "the column was guessed to be amount"),
    ("ann,,1,USD,1,,", "missing_value", "line 2, column `date`"),
    ("ann,0000-01-01,1,USD,1,,", "date_out_of_range", "line 2, column `date`"),
    (
        "ann,2024-05-17,12.345,USD,1,,",
        "amount_too_fine",
        "line 2, column `amount`: `12.345` is finer than 2 decimals: name more in `decimals`, or round it",
    ),
    ("ann,2024-05-17,NaN,USD,1,,", "invalid_amount", "line 2, column `amount`: `NaN`"),
    ("ann,2024-05-17,inf,USD,1,,", "invalid_amount", "`inf`"),
    ("ann,2024-05-17,$5,USD,1,,", "invalid_amount", "`$5`"),
    ("ann,2024-05-17,\"12,50\",USD,1,,", "invalid_amount", "set decimal_comma"),
    ("ann,2024-05-17,\"1,234.50\",USD,1,,", "invalid_amount", "`1,234.50`"),
    ("ann,2024-05-17,,USD,1,,", "missing_value", "line 2, column `amount`"),
    ("ann,2024-05-17,1e300,USD,1,,", "amount_out_of_range", "line 2, column `amount`: `1e300`"),
    ("ann,2024-05-17,92233720368547758.08,USD,1,,", "amount_out_of_range", "line 2, column `amount`"),
    (
        "ann,2024-05-17,92233720368547758.07,USD,1,,\nann,2024-05-17,92233720368547758.07,USD,2,,",
        "sum_out_of_range",
        "sum beyond",
    ),
    ("ann,2024-05-17,1,USD,1,-2,", "negative_amount", "line 2, column `refunded`: `-2`"),
    (
        "ann,2024-05-17,1,USD,1,,lost",
        "unknown_status",
        "if it is not, name another, or the empty name for none",
    ),
    ("ann,2024-05-17,1,USD,1,,\nbob,2024-05-18,2,USD,1,,", "duplicate_order", "`1`"),
    (
        "ann,2024-05-17,1,USD,1,,\nann,2024-05-17,1",
        "unequal_fields",
        "line 3 has 3 fields where the header has 7",
    ),
    ("ann,2024-05-17,1,USD,1,,,extra", "unequal_fields", "line 2 has 8 fields"),
    ("ann,2024-05-17,1,USD,1,,\n\"ann,2024-05-17,1,USD,2,,\n", "unclosed_quote", "line 3"),
    ("ann,2024-05-17,1,USD,1,,\nann,2024-05-17,1,USD,2,,\"paid", "unclosed_quote", "line 3"),
    ("", "no_orders", "there are no orders"),
];

const FILES: [Case; 27] = [
    ("{}", b"", "empty_file", "empty"),
    ("{}", b"\xEF\xBB\xBF", "empty_file", "empty"),
    ("{}", b"\n\r\n  \n", "empty_file", "empty"),
    ("{}", b"\xFF\xFEc\0u\0", "utf16", "UTF-8"),
    ("{}", b"\xFE\xFF\0c\0u", "utf16", "UTF-8"),
    ("{}", b"c\0u\0s\0t\0", "utf16", "UTF-8"),
    ("{}", b"PK\x03\x04\x14\0", "not_csv", "a spreadsheet"),
    ("{}", b"%PDF-1.4\n", "not_csv", "a PDF"),
    ("{}", b"<!DOCTYPE html>\n", "not_csv", "a web page"),
    ("{}", b"customer,date,amount\rann,2024-05-17,1\r", "not_csv", "old Macs"),
    ("{}", b"customer,date,amount\n", "no_orders", "there are no orders"),
    ("{}", b"customer,date\nann,2024-05-17\n", "missing_columns", "`customer`, `date`"),
    ("{}", b"customer,amount\nann,1\n", "missing_columns", "placed_at"),
    ("{}", b"date,amount\n2024-05-17,1\n", "missing_customer", "`date`, `amount`"),
    ("{}", b"customer,date,amount,date\nann,2024-05-17,1,2024-05-17\n", "ambiguous_column", "`date`"),
    ("{}", b"customer,date,amount\nann,2024-05-17,1\n", "missing_currency", "option currency"),
    ("{}", b"customer,date,amount\n\xE9,2024-05-17,1\n", "missing_currency", "option currency"),
    (
        r#"{"currency": "USD"}"#,
        b"customer,date,amount\n\xE9,2024-05-17,1\n",
        "not_utf8",
        "line 2, column `customer`",
    ),
    ("{}", b"customer,date,\xE9\n", "not_utf8", "line 1, column `3`"),
    ("{}", b"customer,\"date,amount\nann,2024-05-17,1\n", "unclosed_quote", "line 1"),
    (
        r#"{"mapping": {"amount": "paid"}}"#,
        b"customer,date,amount\n",
        "unknown_column",
        "there is no column `paid` for amount: the columns are",
    ),
    (
        r#"{"mapping": {"amount": "amnt"}}"#,
        b"customer,date,amount\n",
        "unknown_column",
        "`amnt` for amount: did you mean `amount`? The columns are `customer`, `date`, `amount`",
    ),
    (
        r#"{"mapping": {"placedAt": "amount"}}"#,
        b"customer,date,amount\n",
        "missing_columns",
        "no column is known as amount, since `amount` is named as placed_at: name the one",
    ),
    (
        r#"{"decimals": 30}"#,
        b"customer,date,amount,currency\nann,2024-05-17,1,USD\n",
        "too_many_decimals",
        "`decimals` can be",
    ),
    (r#"{"dateFormat": "%Q"}"#, b"customer,date,amount\n", "invalid_date_format", "`%Q`"),
    (r#"{"currency": "USD", "decimals": 13}"#, b"customer,date,amount\n", "too_many_decimals", "13"),
    (
        r#"{"currency": "USD", "observedUntil": "2024-01-01"}"#,
        b"customer,date,amount\nann,2024-05-17,1\n",
        "nothing_observed",
        "`observed_until` is 2024-01-01, and the first order is of 2024-05-17",
    ),
];

#[track_caller]
fn refused(json: &str, file: &[u8], code: &str, part: &str) {
    let shown = String::from_utf8_lossy(file);
    let error: ImportError = match read_history(file, &options(json)) {
        Err(error) => error,
        Ok(import) => panic!("{shown:?} is read as {:?}", import.history.summary()),
    };
    assert_eq!(error.code(), code, "{shown:?}: {error}");
    let message = error.to_string();
    assert!(message.contains(part), "{message:?} does not say {part:?}");
    assert!(ImportError::CODES.contains(&code) || regulars::Error::CODES.contains(&code), "{code}");
    assert!(
        !message.ends_with('.') && message.chars().next().is_some_and(|c| !c.is_uppercase()),
        "{message}"
    );
}

#[test]
fn each_kind_of_bad_row_is_a_typed_error() {
    for (rows, code, part) in ROWS {
        for line_end in ["\n", "\r\n"] {
            let file = format!("{HEAD}{rows}").replace('\n', line_end);
            refused("{}", file.as_bytes(), code, part);
        }
    }
}

#[test]
fn each_kind_of_bad_file_is_a_typed_error() {
    for (json, file, code, part) in FILES {
        refused(json, file, code, part);
    }
}

#[test]
fn the_guess_is_blamed_only_for_what_another_column_explains() {
    for row in ["ann,2024-05-17,12.345,USD,1,,", "ann,2024-05-17,$35.20,USD,1,,", "ann,45429,1,USD,1,,"] {
        let file = format!("{HEAD}{row}\n");
        let message = read_history(file.as_bytes(), &options("{}")).unwrap_err().to_string();
        assert!(!message.contains("guessed"), "{message}");
    }
}

#[test]
fn unknown_options_are_refused() {
    let error = serde_json::from_str::<regulars_import::ImportOptions>(r#"{"zona": "UTC"}"#).unwrap_err();
    assert!(error.to_string().contains("unknown field `zona`"), "{error}");
}

#[test]
fn a_reader_that_fails_is_an_error() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the line is dead"))
        }
    }
    let error = read_history(std::io::Read::chain(&b"customer,date,amount\n"[..], Broken), &options("{}"))
        .unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("io", "reading failed: the line is dead"));
}
