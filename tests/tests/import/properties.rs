use std::io::Read;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regulars_import::{ImportError, ImportOptions, OrderReader, read_history};

use crate::shop_export::shop_export;
use crate::{assert_accounted, options};

const OPTIONS: [&str; 7] = [
    "{}",
    r#"{"currency": "EUR", "zone": "Europe/Berlin", "otherCurrencies": "leave_out"}"#,
    r#"{"currency": "USD", "decimals": 3, "otherCurrencies": "leave_out", "amount": "total"}"#,
    r#"{"currency": "JPY", "decimalComma": true, "dateFormat": "%d/%m/%Y"}"#,
    r#"{"currency": "EUR", "mapping": {}, "otherCurrencies": "leave_out"}"#,
    r#"{"currency": "EUR", "mapping": {"customer": "Name", "placedAt": "Created at", "status": ""}}"#,
    r#"{"currency": "EUR", "observedUntil": "2025-01-01", "dateFormat": "%+", "otherCurrencies": "leave_out"}"#,
];

/// Reads a file, whatever it is: no panic, and every order that was read is in one place of the history.
fn holds(file: &[u8], options: &ImportOptions) {
    match read_history(file, options) {
        Ok(import) => {
            let summary = import.history.summary();
            assert_accounted(&summary);
            let orders = OrderReader::new(file, options).unwrap();
            assert_eq!(summary.given, orders.map(Result::unwrap).count() as u64);
        }
        Err(error) => {
            assert!(!error.code().is_empty());
            assert!(error.to_string().len() < 20_000, "{} bytes of message", error.to_string().len());
        }
    }
}

/// Gives one byte at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let some = buffer.len().min(1);
        self.0.read(&mut buffer[..some])
    }
}

fn outcome(result: Result<regulars_import::Import, ImportError>) -> Result<String, String> {
    result.map(|import| format!("{import:?}")).map_err(|error| error.to_string())
}

/// Text that is nearly a CSV of orders.
fn nearly_csv() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "customer",
            "date",
            "amount",
            "currency",
            "email",
            "order_id",
            "status",
            "2024-05-17",
            "17/05/2024",
            "2024-05-17 09:50:26 +0200",
            "1",
            "-1",
            "1.5",
            "1,5",
            "USD",
            "JPY",
            "paid",
            "ann",
            "\"",
            "\"\"",
            ",",
            ",",
            ",",
            ";",
            "\t",
            "\n",
            "\n",
            "\r\n",
            "\r",
            " ",
            "é",
            "\u{feff}",
            "\0",
            "end",
            "\nend\n",
        ][..],
    );
    let header = select(&["", "customer,date,amount,currency\n", "email;date;amount\r\n"][..]);
    (header, vec(piece, 0..60)).prop_map(|(header, pieces)| header.to_owned() + &pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(file in vec(any::<u8>(), 0..400), at in 0..OPTIONS.len()) {
        holds(&file, &options(OPTIONS[at]));
    }

    #[test]
    fn any_text_is_survived(file in nearly_csv(), at in 0..OPTIONS.len()) {
        holds(file.as_bytes(), &options(OPTIONS[at]));
    }

    #[test]
    fn any_change_of_an_export_is_survived(
        seed in any::<u64>(),
        changes in vec((any::<Index>(), any::<Index>(), select(&b"\",\n\r;0-9Za\xFF\0"[..])), 0..4),
        cut in any::<Option<Index>>(),
        at in 0..OPTIONS.len(),
    ) {
        let mut file = shop_export(seed, 20, if seed % 2 == 0 { "\n" } else { "\r\n" }).csv.into_bytes();
        for (place, kind, byte) in changes {
            let place = place.index(file.len());
            match kind.index(3) {
                0 => file[place] = byte,
                1 => file.insert(place, byte),
                _ => drop(file.remove(place)),
            }
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        holds(&file, &options(OPTIONS[at]));
    }

    #[test]
    fn how_the_bytes_arrive_changes_nothing(file in nearly_csv(), at in 0..OPTIONS.len()) {
        let options = options(OPTIONS[at]);
        prop_assert_eq!(
            outcome(read_history(file.as_bytes(), &options)),
            outcome(read_history(Trickle(file.as_bytes()), &options))
        );
    }
}

/// A file that was cut off anywhere is an error or holds the orders before the cut, the last one perhaps without some of
/// its lines.
#[test]
fn a_cut_loses_nothing_before_it() {
    let export = shop_export(99, 12, "\n");
    let options = options(r#"{"currency": "EUR", "otherCurrencies": "leave_out"}"#);
    let whole: Vec<_> =
        OrderReader::new(export.csv.as_bytes(), &options).unwrap().collect::<Result<_, _>>().unwrap();
    for cut in 0..export.csv.len() {
        let Ok(reader) = OrderReader::new(&export.csv.as_bytes()[..cut], &options) else { continue };
        let Ok(orders) = reader.collect::<Result<Vec<_>, _>>() else { continue };
        let sure = orders.len().saturating_sub(1);
        assert_eq!(orders[..sure], whole[..sure], "cut at {cut}");
    }
}
