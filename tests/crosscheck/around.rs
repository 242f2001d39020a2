//! Prints acquisition, referrals and engagement of a made-up shop as JSON, for `around.py` to compare with its own.
//!
//! `around <folder>` reads `orders.csv`, `events.csv`, `costs.csv` and `facts.csv`, and the periods from the further
//! arguments.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails loudly"
)]

use chrono::NaiveDate;
use regulars::{
    AmountColumn, Currency, Customer, CustomerKey, EventColumns, EventLog, EventOptions, HistoryOptions,
    KeyColumn, KindColumn, MarketingAim, MarketingCost, Money, OrderColumns, OrderHistory, Period,
    ReferralOptions, Strings, TimeColumn,
};
use serde_json::{Map, Value, json};

/// The cells of a file, column by column; empty ones are missing.
fn columns<const N: usize>(folder: &str, name: &str) -> [Vec<Option<String>>; N] {
    let mut reader = csv::Reader::from_path(format!("{folder}/{name}.csv")).expect(name);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let cell = |row: &csv::StringRecord, at| row.get(at).map(str::to_owned).filter(|cell| !cell.is_empty());
    core::array::from_fn(|at| rows.iter().map(|row| cell(row, at)).collect())
}

fn dates(column: &[Option<String>]) -> Vec<NaiveDate> {
    column.iter().map(|cell| cell.as_ref().unwrap().parse().unwrap()).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, periods) = arguments.split_first().expect("usage: around <folder> <period> …");
    let usd =
        |minor: &Option<String>| Money::from_minor(minor.as_ref().unwrap().parse().unwrap(), Currency::USD);

    let [who, day, minor, channel] = columns(folder, "orders");
    let (who, channel): (&[_], &[_]) = (&who, &channel);
    let (days, amounts): (Vec<_>, Vec<i64>) =
        (dates(&day), minor.iter().map(|minor| usd(minor).minor()).collect());
    let mut orders = OrderColumns::new(TimeColumn::Dates(&days), AmountColumn::Minor(&amounts));
    orders.customers = Some(KeyColumn::Texts(&who));
    orders.channels = Some(&channel as &dyn Strings);
    let mut options = HistoryOptions::new(Currency::USD);
    options.observed_until = NaiveDate::from_ymd_opt(2024, 7, 1);
    options.history_starts = NaiveDate::from_ymd_opt(2022, 12, 1);
    options.warm_up_days = 91;
    let [key, by] = columns(folder, "facts");
    let facts = key.iter().zip(&by).map(|(key, by)| {
        let mut customer = Customer::new(CustomerKey::new(key.as_ref().unwrap()).unwrap());
        customer.referred_by = by.as_deref().and_then(CustomerKey::new);
        customer
    });
    let history = OrderHistory::from_columns(&[orders], options).unwrap().with_customers(facts).unwrap();

    let [who, day, kind, campaign, value] = columns(folder, "events");
    let (who, kind, campaign): (&[_], &[_], &[_]) = (&who, &kind, &campaign);
    let days = dates(&day);
    let number = |cell: &Option<String>| cell.as_ref().map_or(f64::NAN, |cell| cell.parse().unwrap());
    let values: Vec<f64> = value.iter().map(number).collect();
    let mut events = EventColumns::new(TimeColumn::Dates(&days), KindColumn::Texts(&kind));
    events.customers = Some(KeyColumn::Texts(&who));
    events.campaigns = Some(KeyColumn::Texts(&campaign));
    events.values = Some(&values);
    let log = EventLog::from_columns(&[events], &EventOptions::default()).unwrap();

    let [channel, first, until, minor, aim] = columns(folder, "costs");
    let costs: Vec<MarketingCost> = (0..channel.len())
        .map(|row| {
            let period = Period::new(dates(&first)[row], dates(&until)[row]).unwrap();
            let mut cost = MarketingCost::new(period, usd(&minor[row]));
            cost.channel.clone_from(&channel[row]);
            let keeping = aim[row].as_deref() == Some("keeping");
            cost.aim = if keeping { MarketingAim::Keeping } else { MarketingAim::Winning };
            cost
        })
        .collect();

    let figures = periods.iter().map(|period| {
        let window = history.during(period.as_str()).unwrap();
        let mut invited = ReferralOptions::default();
        invited.invitations = Some(5_000);
        let figures = json!({
            "acquisition": window.acquisition(&costs).unwrap(),
            "referrals": window.referrals(&invited).unwrap(),
            "engagement": window.engagement(&log),
        });
        (period.clone(), figures)
    });
    println!("{}", Value::from(figures.collect::<Map<String, Value>>()));
}
