//! The native part of `bindings/wasm/bench`: `csv_to_report RUNS FILE` takes the time from a file's bytes to the report, on one
//! thread, so many times, and prints the milliseconds as JSON.

use std::error::Error;
use std::time::Instant;

use regulars::ReportOptions;
use regulars_import::{ImportOptions, read_history};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [runs, file] = arguments.as_slice() else { return Err("usage: csv_to_report RUNS FILE".into()) };
    let bytes = std::fs::read(file)?;
    let mut times = Vec::new();
    for _ in 0..runs.parse::<u32>()? {
        let begun = Instant::now();
        let import = read_history(bytes.as_slice(), &ImportOptions::default())?;
        let read = begun.elapsed().as_secs_f64() * 1e3;
        let report = import.history.report(&ReportOptions::default())?;
        let text = serde_json::to_string(&report)?;
        times.push((read, begun.elapsed().as_secs_f64() * 1e3, text.len()));
    }
    println!("{}", serde_json::to_string(&times)?);
    Ok(())
}
