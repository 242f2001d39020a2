use std::cell::Cell;
use std::io::Read;

use regulars_import::{OrderReader, read_history};

use crate::options;

/// Rows of a CSV that are made as they are read, and how many bytes were.
struct Endless<'a> {
    row: Vec<u8>,
    given: &'a Cell<u64>,
    rows: u64,
    made: u64,
}

impl<'a> Endless<'a> {
    fn new(rows: u64, given: &'a Cell<u64>) -> Endless<'a> {
        Endless { row: b"customer,date,amount,order_id\n".to_vec(), given, rows, made: 0 }
    }
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.row.is_empty() && self.made < self.rows {
            self.made += 1;
            self.row =
                format!("{:06},2024-05-17 09:50:26,35.20,{:09}\n", self.made % 1000, self.made).into_bytes();
        }
        let length = self.row.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.row[..length]);
        self.row.drain(..length);
        self.given.set(self.given.get() + length as u64);
        Ok(length)
    }
}

/// At every order no more of the file was taken in than a buffer's worth, however long it is.
#[test]
fn a_file_is_read_as_it_comes() {
    const ROW: u64 = "000001,2024-05-17 09:50:26,35.20,000000001\n".len() as u64;
    const ROWS: u64 = 300_000;
    let given = Cell::new(0);
    let mut read = 0;
    let mut ahead = 0;
    for order in OrderReader::new(Endless::new(ROWS, &given), &options(r#"{"currency": "USD"}"#)).unwrap() {
        order.unwrap();
        read += 1;
        ahead = ahead.max(given.get().saturating_sub(read * ROW));
    }
    assert_eq!(read, ROWS);
    assert!(given.get() > 12_000_000);
    assert!(ahead <= 100 << 10, "{ahead} bytes were read ahead");
}

/// A quote that is never closed does not pull the rest of the file into memory.
#[test]
fn an_open_quote_stops_the_reading() {
    let given = Cell::new(0);
    let opened = &b"customer,date,amount\nann,2024-05-17,\"1\nbob,2024-05-17,1\n"[..];
    let file = opened.chain(Endless::new(u64::MAX, &given));
    let error = read_history(file, &options(r#"{"currency": "USD"}"#)).unwrap_err();
    assert_eq!(error.code(), "record_too_long");
    assert!(
        error.to_string().starts_with("the record that begins on line 2 is longer than 16 MiB"),
        "{error}"
    );
    assert!(given.get() < 17 << 20);
}
