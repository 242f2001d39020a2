//! Segments put to the test on past days: `backtest [FILE CURRENCY DECIMALS DATE...]`. Without arguments, the CDNOW sample at
//! three dates.

use std::error::Error;
use std::fs::File;

use chrono::NaiveDate;
use regulars::{BacktestOptions, Currency, SegmentOptions, SegmentRule};
use regulars_import::{ImportOptions, read_history};

fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("`{text}` is not a date such as 2024-05-17"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (file, currency, dates) = match arguments.as_slice() {
        [] => (
            concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow_sample.csv"),
            Currency::USD,
            vec![date("1997-07-01")?, date("1997-10-01")?, date("1998-01-01")?],
        ),
        [file, currency, decimals, dates @ ..] => {
            let dates: Result<Vec<NaiveDate>, _> = dates.iter().map(|text| date(text)).collect();
            (file.as_str(), Currency::new(currency)?.with_decimals(decimals.parse()?)?, dates?)
        }
        _ => return Err("usage: backtest [FILE CURRENCY DECIMALS DATE...]".into()),
    };
    let mut options = ImportOptions::default();
    options.currency = Some(currency);
    options.decimals = Some(currency.decimals());
    let history = read_history(File::open(file)?, &options)?.history;
    for date in dates {
        let then = history.observe_until(Some(date))?;
        let rule = SegmentRule::fit(&then, &SegmentOptions::default())?;
        println!("{}", rule.backtest(&history, date, &BacktestOptions::default())?);
        let stability = rule.stability(&then)?;
        let kappa = stability.kappa.map_or("–".to_owned(), |kappa| format!("{kappa:.3}"));
        println!("Against the month before: {} unchanged, kappa {kappa}.", stability.unchanged);
        for moved in stability.sensitivity {
            println!("  cut of the {} {:+.0} %: {} change", moved.cut, 100.0 * moved.by, moved.changed);
        }
        println!();
    }
    Ok(())
}
