//! The part of regulars in the comparison with its peers; `vs/run.sh` calls it.
//!
//! `side_by_side generate ORDERS DIR` writes the columns of a generated shop, little-endian numbers end to end:
//! `customers.i64`, `days.i32` and `amounts.i64`. `side_by_side buying DIR` and `side_by_side report DIR` read them, then do
//! their job once for each line of the standard input and print the seconds it took; at its end they print the figures.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::time::Instant;

use regulars::{Grain, OrderHistory, ReportOptions};
use regulars_benches::{SEED, Shop, options};
use serde::Serialize;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["generate", orders, dir] => generate(orders.parse()?, Path::new(dir)),
        ["buying", dir] => measure(Path::new(dir), |history| history.timeline(Grain::Month)),
        ["report", dir] => measure(Path::new(dir), |history| history.report(&ReportOptions::default())),
        _ => Err("usage: side_by_side generate ORDERS DIR | side_by_side buying|report DIR".into()),
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

/// A run, in seconds.
#[derive(Serialize)]
struct Run {
    /// From columns to the figures.
    total: f64,
    /// Of these, from columns to a history.
    history: f64,
}

/// What each engine of the comparison prints at the end; what its peers have not is not asked of them.
#[derive(Serialize)]
struct Measured<Figures> {
    engine: &'static str,
    threads: usize,
    orders: usize,
    /// What the history keeps on the heap.
    heap_bytes: usize,
    loaded_bytes: Option<u64>,
    peak_bytes: Option<u64>,
    figures: Figures,
}

fn measure<Figures: Serialize>(
    dir: &Path,
    job: fn(&OrderHistory) -> regulars::Result<Figures>,
) -> Result<(), Box<dyn Error>> {
    let shop = Shop {
        customers: read(&dir.join("customers.i64"), i64::from_le_bytes)?,
        days: read(&dir.join("days.i32"), i32::from_le_bytes)?,
        amounts: read(&dir.join("amounts.i64"), i64::from_le_bytes)?,
    };
    let threads = if cfg!(feature = "parallel") { std::thread::available_parallelism()?.get() } else { 1 };
    forget_peak();
    let loaded_bytes = memory("VmRSS:");
    let mut out = std::io::stdout().lock();
    let mut last = None;
    for turn in std::io::stdin().lines() {
        turn?;
        drop(last.take());
        let start = Instant::now();
        let history = OrderHistory::from_columns(&[shop.columns()], options())?;
        let built = start.elapsed().as_secs_f64();
        let figures = job(&history)?;
        let run = Run { total: start.elapsed().as_secs_f64(), history: built };
        writeln!(out, "{}", serde_json::to_string(&run)?)?;
        last = Some((history, figures));
    }
    let peak_bytes = memory("VmHWM:");
    let Some((history, figures)) = last else { return Ok(()) };
    let measured = Measured {
        engine: "regulars",
        threads,
        orders: shop.orders(),
        heap_bytes: history.heap_bytes(),
        loaded_bytes,
        peak_bytes,
        figures,
    };
    writeln!(out, "{}", serde_json::to_string(&measured)?)?;
    Ok(())
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
