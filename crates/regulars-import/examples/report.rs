//! Prints the report on a file of orders, or on the sample that comes with the crate.
//!
//! ```sh
//! cargo run --release --example report
//! cargo run --release --example report -- my_orders.csv --zone Europe/Berlin --currency EUR
//! ```

use std::error::Error;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Parser;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use regulars::{
    Currency, Grain, OrderPolicy, OtherCurrencies, Period, ReportOptions, SegmentOptions, SegmentRule, Zone,
};
use regulars_import::{Import, ImportError, ImportOptions, Mapping, Source, read_history};

/// The CDNOW 1/10 sample; see NOTICE.md beside it.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow_sample.csv");

/// Prints the report on a file of orders: Shopify's `orders_export.csv`, an order export of WooCommerce, or any CSV
/// with a row per order. Without a file, on a sample of real orders.
#[derive(Parser)]
#[command(name = "report", max_term_width = 100)]
struct Arguments {
    /// The file; `-` reads from the standard input.
    file: Option<PathBuf>,
    /// The shop's time zone: an IANA name or an offset.
    #[arg(long)]
    zone: Option<Zone>,
    /// The currency, as a code of ISO 4217.
    #[arg(long)]
    currency: Option<Currency>,
    /// The decimals of the amounts, where they are finer than the currency's.
    #[arg(long)]
    decimals: Option<u8>,
    /// The day on which observation ends, itself no longer observed.
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<NaiveDate>,
    /// The day on which the books begin, where the shop is older.
    #[arg(long, value_name = "DATE", value_parser = date)]
    starts: Option<NaiveDate>,
    /// Which orders count: strict, shopify or woocommerce.
    #[arg(long, default_value = "strict")]
    policy: OrderPolicy,
    /// Leave orders in other currencies out instead of refusing them.
    #[arg(long)]
    leave_out_other_currencies: bool,
    /// The period of the headlines: 2024, 2024-Q3, 2024-05, 2024-01-01/2024-07-01.
    #[arg(long)]
    period: Option<Period>,
    /// The periods of the timeline: day, week, month, quarter or year.
    #[arg(long, default_value = "month")]
    grain: Grain,
    /// How dates are written, where they do not begin with the year: %d/%m/%Y.
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    columns: Columns,
}

/// Which column is what; one that is left out is guessed, and the empty name is no column.
#[derive(clap::Args)]
#[command(next_help_heading = "Columns, where they are guessed wrong (\"\" is none)")]
struct Columns {
    /// The customer.
    #[arg(long, value_name = "COLUMN")]
    customer: Option<String>,
    /// The customer's e-mail address.
    #[arg(long, value_name = "COLUMN")]
    email: Option<String>,
    /// The value in the customer's column that means nobody.
    #[arg(long, value_name = "VALUE")]
    guest: Option<String>,
    /// The date.
    #[arg(long, value_name = "COLUMN")]
    placed_at: Option<String>,
    /// The amount.
    #[arg(long, value_name = "COLUMN")]
    amount: Option<String>,
    /// The order's number.
    #[arg(long, value_name = "COLUMN")]
    order_id: Option<String>,
    /// How much was paid back.
    #[arg(long, value_name = "COLUMN")]
    refunded: Option<String>,
    /// When it was paid back.
    #[arg(long, value_name = "COLUMN")]
    refunded_on: Option<String>,
    /// What became of the order.
    #[arg(long, value_name = "COLUMN")]
    status: Option<String>,
    /// The currency.
    #[arg(long, value_name = "COLUMN")]
    currency_column: Option<String>,
    /// What the goods cost.
    #[arg(long, value_name = "COLUMN")]
    cost: Option<String>,
    /// The discount.
    #[arg(long, value_name = "COLUMN")]
    discount: Option<String>,
    /// The channel.
    #[arg(long, value_name = "COLUMN")]
    channel: Option<String>,
}

impl Columns {
    fn mapping(&self) -> Option<Mapping> {
        let mut mapping = Mapping::default();
        mapping.customer.clone_from(&self.customer);
        mapping.email.clone_from(&self.email);
        mapping.guest.clone_from(&self.guest);
        mapping.placed_at.clone_from(&self.placed_at);
        mapping.amount.clone_from(&self.amount);
        mapping.order_id.clone_from(&self.order_id);
        mapping.refunded.clone_from(&self.refunded);
        mapping.refunded_on.clone_from(&self.refunded_on);
        mapping.status.clone_from(&self.status);
        mapping.currency.clone_from(&self.currency_column);
        mapping.cost.clone_from(&self.cost);
        mapping.discount.clone_from(&self.discount);
        mapping.channel.clone_from(&self.channel);
        (mapping != Mapping::default()).then_some(mapping)
    }
}

fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "not a date such as 2024-05-17".to_owned())
}

impl Arguments {
    fn import_options(&self) -> ImportOptions {
        let mut options = ImportOptions::default();
        // The sample has no column that says so.
        options.currency = self.currency.or(self.file.is_none().then_some(Currency::USD));
        options.decimals = self.decimals;
        options.zone.clone_from(&self.zone);
        options.policy = self.policy.clone();
        options.observed_until = self.until;
        options.history_starts = self.starts;
        options.date_format.clone_from(&self.date_format);
        if self.leave_out_other_currencies {
            options.other_currencies = OtherCurrencies::LeaveOut;
        }
        options.mapping = self.columns.mapping();
        options
    }

    fn read(&self) -> Result<Import, Box<dyn Error>> {
        let options = self.import_options();
        if self.file.as_ref().is_some_and(|file| file.as_os_str() == "-") {
            return Ok(read_history(io::stdin().lock(), &options)?);
        }
        let path = self.file.clone().unwrap_or_else(|| SAMPLE.into());
        let file = File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let bytes = file.metadata()?.len();
        Ok(read_history(with_progress(file, bytes), &options)?)
    }
}

/// The same bytes, with a bar that follows them where they are many and someone is looking.
fn with_progress(file: File, bytes: u64) -> Box<dyn Read> {
    const MANY: u64 = 10 << 20;
    if bytes < MANY || !io::stderr().is_terminal() {
        return Box::new(file);
    }
    let bar = ProgressBar::new(bytes).with_finish(ProgressFinish::AndClear);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
    {
        bar.set_style(style);
    }
    Box::new(bar.wrap_read(file))
}

fn kind(source: Source) -> &'static str {
    match source {
        Source::Shopify => "export of Shopify",
        Source::WooCommerce => "export of WooCommerce",
        _ => "CSV",
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let import = arguments.read()?;
    let mut options = ReportOptions::default();
    options.period = arguments.period;
    options.grain = arguments.grain;
    let report = import.history.report(&options)?;
    // Beside the end of the period before that of the headlines.
    let before = report.current.period.start();
    let rule = SegmentRule::fit(&import.history, &SegmentOptions::default())?;
    let segments = rule.overview(&import.history, before)?;

    let mut out = io::stdout().lock();
    if arguments.json {
        let json = serde_json::json!({
            "source": import.source,
            "columns": import.columns,
            "notes": import.notes,
            "report": report,
            "segments": segments,
        });
        writeln!(out, "{json:#}")?;
        return Ok(());
    }
    match &arguments.file {
        Some(file) => writeln!(out, "FILE      {} ({})\n", file.display(), kind(import.source))?,
        None => writeln!(
            out,
            "FILE      the CDNOW 1/10 sample, a music shop of 1997; give a file for your own\n"
        )?,
    }
    // Shopify says what its columns mean; of any other file it was guessed, and may be wrong.
    if import.source != Source::Shopify {
        for line in import.columns.to_string().lines() {
            writeln!(out, "  {line}")?;
        }
    }
    for note in &import.notes {
        writeln!(out, "  ! {note}")?;
    }
    writeln!(out, "\n{report}")?;
    writeln!(out, "{segments}")?;
    Ok(())
}

/// The argument that may help.
fn hint(error: &ImportError) -> Option<&'static str> {
    match error.code() {
        "missing_currency" => Some("name it with --currency EUR"),
        "mixed_currencies" => Some("--leave-out-other-currencies leaves these orders out and counts them"),
        "amount_too_fine" => {
            Some("--decimals 3 keeps thousandths; if a point parts thousands, take it out of the file")
        }
        "invalid_amount" => {
            Some("amounts are plain numbers: take currency signs and marks of thousands out of the file")
        }
        "invalid_date" | "invalid_date_format" => Some("it is named with --date-format"),
        "missing_columns" => Some("name the columns with --placed-at and --amount"),
        "missing_customer" => Some("name the column with --customer"),
        "duplicate_order" => Some("one row per article? sum them up by order first"),
        "nothing_observed" => Some("--until must lie after the first order"),
        _ => None,
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has read enough.
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.downcast_ref().and_then(hint) {
                eprintln!("hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}
