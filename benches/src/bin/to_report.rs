//! From columns to the report, to set what the bindings take beside it; `vs/python.py` does the same in Python.
//!
//! `to_report RUNS DIR` reads the columns that `side_by_side generate` wrote, and prints seconds, one for each run.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use regulars::{OrderHistory, ReportOptions};
use regulars_benches::{Shop, options};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [runs, dir] = arguments.as_slice() else { return Err("usage: to_report RUNS DIR".into()) };
    let shop = Shop {
        customers: read(dir, "customers.i64", i64::from_le_bytes)?,
        days: read(dir, "days.i32", i32::from_le_bytes)?,
        amounts: read(dir, "amounts.i64", i64::from_le_bytes)?,
    };
    let mut seconds: Vec<f64> = Vec::new();
    for _ in 0..runs.parse()? {
        let start = Instant::now();
        let history = OrderHistory::from_columns(&[shop.columns()], options())?;
        let json = serde_json::to_string(&history.report(&ReportOptions::default())?)?;
        seconds.push(start.elapsed().as_secs_f64());
        drop(json);
    }
    serde_json::to_writer(std::io::stdout().lock(), &seconds)?;
    Ok(())
}

fn read<const N: usize, T>(dir: &str, name: &str, number: fn([u8; N]) -> T) -> std::io::Result<Vec<T>> {
    let bytes = std::fs::read(Path::new(dir).join(name))?;
    Ok(bytes.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok()).map(number).collect())
}
