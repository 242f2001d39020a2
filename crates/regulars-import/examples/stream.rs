//! Reads a file of orders of any length, one by one, in memory that does not grow with it.
//!
//! ```sh
//! cargo run --release -p regulars-import --example stream -- orders_export.csv '{"zone": "Europe/Berlin"}'
//! ```
//!
//! With `--history` before the file they become a history, in memory that grows with the history alone.

use std::error::Error;
use std::fs::File;

use regulars_import::{ImportOptions, OrderReader, read_history};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let history = arguments.next_if(|argument| argument == "--history").is_some();
    let file = File::open(arguments.next().ok_or("which file?")?)?;
    let options: ImportOptions = match arguments.next() {
        Some(json) => serde_json::from_str(&json)?,
        None => ImportOptions::default(),
    };
    let (orders, notes) = if history {
        let import = read_history(file, &options)?;
        (import.history.summary().given, import.notes)
    } else {
        let mut reader = OrderReader::new(file, &options)?;
        println!("{}", reader.columns());
        let orders = reader.try_fold(0, |orders, order| order.map(|_| orders + 1))?;
        (orders, reader.notes())
    };
    for note in notes {
        println!("{note}");
    }
    println!("{orders} orders");
    Ok(())
}
