//! What a file of orders holds.
//!
//! ```sh
//! cargo run --release -p regulars-import --example history -- orders_export.csv '{"zone": "Europe/Berlin"}'
//! ```
//!
//! With `--count` before the file the orders are only counted, in memory that does not grow with the file.

use std::error::Error;
use std::fs::File;

use regulars_import::{ImportOptions, OrderReader, read_history};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let only_count = arguments.next_if(|argument| argument == "--count").is_some();
    let file = File::open(arguments.next().ok_or("which file?")?)?;
    let options: ImportOptions = match arguments.next() {
        Some(json) => serde_json::from_str(&json)?,
        None => ImportOptions::default(),
    };
    if only_count {
        let mut reader = OrderReader::new(file, &options)?;
        let orders = reader.try_fold(0_u64, |orders, order| order.map(|_| orders + 1))?;
        println!("{orders} orders");
        return Ok(());
    }
    let import = read_history(file, &options)?;
    println!("{:?}\n{}", import.source, import.columns);
    for note in &import.notes {
        println!("{note}");
    }
    println!("{}", serde_json::to_string_pretty(&import.history.summary())?);
    Ok(())
}
