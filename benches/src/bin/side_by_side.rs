//! The part of regulars in the comparison with its peers; `vs/run.sh` calls it.
//!
//! `side_by_side generate ORDERS DIR` writes the columns of a generated shop, little-endian numbers end to end:
//! `customers.i64`, `days.i32` and `amounts.i64`. `side_by_side measure RUNS DIR` reads them, takes the time of the way
//! to the monthly figures so many times, and prints the result as JSON.

use std::error::Error;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::time::Instant;

use regulars::{Grain, OrderHistory, ReportOptions, Timeline};
use regulars_benches::{SEED, Shop, options};
use serde::Serialize;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["generate", orders, dir] => generate(orders.parse()?, Path::new(dir)),
        ["measure", runs, dir] => measure(runs.parse()?, Path::new(dir)),
        _ => Err("usage: side_by_side generate ORDERS DIR | side_by_side measure RUNS DIR".into()),
    }
}

fn generate(orders: usize, dir: &Path) -> Result<(), Box<dyn Error>> {
    let shop = Shop::generate(orders, SEED);
    std::fs::create_dir_all(dir)?;
    write(&dir.join("customers.i64"), shop.customers.iter().map(|number| number.to_le_bytes()))?;
    write(&dir.join("days.i32"), shop.days.iter().map(|number| number.to_le_bytes()))?;
    write(&dir.join("amounts.i64"), shop.amounts.iter().map(|number| number.to_le_bytes()))
}

fn write<const N: usize>(path: &Path, numbers: impl Iterator<Item = [u8; N]>) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for number in numbers {
        file.write_all(&number)?;
    }
    Ok(file.flush()?)
}

fn read<const N: usize, T>(path: &Path, number: fn([u8; N]) -> T) -> Result<Vec<T>, Box<dyn Error>> {
    let file = File::open(path)?;
    let count = usize::try_from(file.metadata()?.len())? / N;
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut bytes = [0; N];
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        file.read_exact(&mut bytes)?;
        numbers.push(number(bytes));
    }
    Ok(numbers)
}

/// What each engine of the comparison prints. Times are in seconds, one for each run.
#[derive(Serialize)]
struct Measured {
    engine: &'static str,
    threads: usize,
    orders: usize,
    customers: u64,
    /// From columns to the monthly figures.
    total: Vec<f64>,
    /// From columns to a history.
    history: Vec<f64>,
    /// From a history to the monthly figures.
    metrics: Vec<f64>,
    /// From a history to the whole report.
    report: Vec<f64>,
    /// Of the report's JSON, so that runs can be held against each other.
    report_digest: String,
    /// What the history keeps on the heap.
    heap_bytes: usize,
    loaded_bytes: Option<u64>,
    peak_bytes: Option<u64>,
    months: Vec<Month>,
}

#[derive(Serialize)]
struct Month {
    period: String,
    customers: u64,
    new_customers: u64,
    repeat_customers: u64,
    returning_customers: u64,
    purchases: u64,
    orders: u64,
    revenue: i64,
    first_revenue: i64,
    later_revenue: i64,
}

fn measure(runs: usize, dir: &Path) -> Result<(), Box<dyn Error>> {
    let shop = Shop {
        customers: read(&dir.join("customers.i64"), i64::from_le_bytes)?,
        days: read(&dir.join("days.i32"), i32::from_le_bytes)?,
        amounts: read(&dir.join("amounts.i64"), i64::from_le_bytes)?,
    };
    let threads = if cfg!(feature = "parallel") { std::thread::available_parallelism()?.get() } else { 1 };
    forget_peak();
    let loaded_bytes = memory("VmRSS:");
    let (mut total, mut history_times, mut metrics) = (Vec::new(), Vec::new(), Vec::new());
    let (mut report_times, mut report_digest) = (Vec::new(), String::new());
    let mut last = None;
    for _ in 0..runs.max(1) {
        drop(last.take());
        let start = Instant::now();
        let history = OrderHistory::from_columns(&[shop.columns()], options())?;
        let built = Instant::now();
        let timeline = history.timeline(Grain::Month)?;
        let done = Instant::now();
        history_times.push((built - start).as_secs_f64());
        metrics.push((done - built).as_secs_f64());
        total.push((done - start).as_secs_f64());
        let start = Instant::now();
        let report = history.report(&ReportOptions::default())?;
        report_times.push(start.elapsed().as_secs_f64());
        let mut digest = DefaultHasher::new();
        digest.write(&serde_json::to_vec(&report)?);
        report_digest = format!("{:016x}", digest.finish());
        last = Some((history, timeline));
    }
    let peak_bytes = memory("VmHWM:");
    let Some((history, timeline)) = last else { return Ok(()) };
    let measured = Measured {
        engine: "regulars",
        threads,
        orders: shop.orders(),
        customers: history.summary().customers,
        total,
        history: history_times,
        metrics,
        report: report_times,
        report_digest,
        heap_bytes: history.heap_bytes(),
        loaded_bytes,
        peak_bytes,
        months: months(&timeline),
    };
    serde_json::to_writer(std::io::stdout().lock(), &measured)?;
    Ok(())
}

fn months(timeline: &Timeline) -> Vec<Month> {
    let month = |buying: &regulars::Buying| Month {
        period: buying.period.start().format("%Y-%m").to_string(),
        customers: buying.customers,
        new_customers: buying.new_customers,
        repeat_customers: buying.repeat_customer_rate.numerator,
        returning_customers: buying.returning_customer_rate.numerator,
        purchases: buying.purchases,
        orders: buying.orders,
        revenue: buying.revenue.minor(),
        first_revenue: buying.revenue_split.first.revenue.minor(),
        later_revenue: buying.revenue_split.later.revenue.minor(),
    };
    timeline.periods.iter().map(month).collect()
}

/// Lets the peak of memory begin anew, where Linux can.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A line of Linux's account of this process, in bytes.
fn memory(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|text| text.strip_prefix(line))?;
    Some(1024 * kilobytes.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?)
}
