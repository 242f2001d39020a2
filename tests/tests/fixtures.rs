//! Runs every case of `fixtures/*.json`, and holds that every public call that gives a result, every error code and
//! every defined figure has one. `fixtures/README.md` describes the format.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use regulars::{
    AmountColumn, Definition, Error, HistoryOptions, KeyColumn, Moment, Money, Order, OrderColumns,
    OrderHistory, RfmOptions, Strings, TimeColumn,
};
use regulars_calls::{CallError, table_json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for readers")]
    about: String,
    #[serde(default)]
    inputs: BTreeMap<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    call: String,
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(default)]
    options: Option<Value>,
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    then: Vec<Map<String, Value>>,
    #[serde(default, deserialize_with = "given")]
    expected: Option<Value>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    digits: Option<i32>,
    #[serde(default)]
    mistake: Option<Mistake>,
    provenance: String,
}

/// So that an expected `null` is told from none.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    #[expect(dead_code, reason = "for readers")]
    what: String,
    gives: Value,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    placed_at: Vec<Value>,
    amounts: Vec<Value>,
    #[serde(default)]
    amount_decimals: Option<u8>,
    #[serde(default)]
    customers: Option<Vec<Value>>,
    #[serde(default)]
    emails: Option<Vec<Option<String>>>,
    #[serde(default)]
    ids: Option<Vec<Value>>,
    #[serde(default)]
    statuses: Option<Vec<Option<String>>>,
    #[serde(default)]
    currencies: Option<Vec<Option<String>>>,
    #[serde(default)]
    refunded: Option<Vec<Value>>,
    #[serde(default)]
    refunded_on: Option<Vec<Value>>,
    #[serde(default)]
    costs: Option<Vec<Value>>,
    #[serde(default)]
    discounts: Option<Vec<Value>>,
    #[serde(default)]
    channels: Option<Vec<Option<String>>>,
}

/// A column as the fixture holds it, in memory of the kind that the core takes.
enum Cells {
    Integers(Vec<i64>),
    Floats(Vec<f64>, u8),
    Texts(Vec<Option<String>>),
    Minor(Vec<Option<i64>>),
}

impl Cells {
    /// Whole numbers, else floats where decimals are named, else text; a missing whole number is `null`.
    fn new(column: &[Value], decimals: Option<u8>) -> Cells {
        if let Some(decimals) = decimals {
            return Cells::Floats(column.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect(), decimals);
        }
        if let Some(numbers) = column.iter().map(Value::as_i64).collect() {
            return Cells::Integers(numbers);
        }
        if column.iter().all(|cell| cell.is_null() || cell.is_i64()) {
            return Cells::Minor(column.iter().map(Value::as_i64).collect());
        }
        let text = |cell: &Value| match cell {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Cells::Texts(column.iter().map(text).collect())
    }
}

struct Chunk {
    placed_at: Vec<Option<Moment>>,
    refunded_on: Option<Vec<Option<Moment>>>,
    amounts: Cells,
    customers: Option<Cells>,
    ids: Option<Cells>,
    refunded: Option<Cells>,
    costs: Option<Cells>,
    discounts: Option<Cells>,
    input: Input,
}

fn moment(value: &Value) -> Option<Moment> {
    let text = value.as_str()?;
    Some(match text.parse::<NaiveDate>() {
        Ok(date) => Moment::Day(date),
        Err(_) => Moment::Instant(DateTime::parse_from_rfc3339(text).unwrap().to_utc()),
    })
}

impl Chunk {
    fn new(value: &Value) -> Chunk {
        let input: Input = serde_json::from_value(value.clone()).unwrap();
        let cells = |column: &Option<Vec<Value>>| column.as_ref().map(|column| Cells::new(column, None));
        let moments = |column: &Vec<Value>| column.iter().map(moment).collect();
        Chunk {
            placed_at: moments(&input.placed_at),
            refunded_on: input.refunded_on.as_ref().map(moments),
            amounts: Cells::new(&input.amounts, input.amount_decimals),
            customers: cells(&input.customers),
            ids: cells(&input.ids),
            refunded: cells(&input.refunded),
            costs: cells(&input.costs),
            discounts: cells(&input.discounts),
            input,
        }
    }

    /// The columns, which live as long as the tests do.
    fn columns(self) -> OrderColumns<'static> {
        let Chunk { placed_at, refunded_on, amounts, customers, ids, refunded, costs, discounts, input } =
            self;
        let mut columns = OrderColumns::new(TimeColumn::Moments(placed_at.leak()), amount(amounts));
        columns.customers = customers.map(key);
        columns.ids = ids.map(key);
        columns.refunded = refunded.map(amount);
        columns.costs = costs.map(amount);
        columns.discounts = discounts.map(amount);
        columns.refunded_on = refunded_on.map(|column| TimeColumn::Moments(column.leak()));
        columns.emails = input.emails.map(|column| KeyColumn::Texts(texts(column)));
        columns.statuses = input.statuses.map(texts);
        columns.currencies = input.currencies.map(texts);
        columns.channels = input.channels.map(texts);
        columns
    }
}

/// What stands behind `&dyn Strings` is a slice, and has to live somewhere.
fn texts(column: Vec<Option<String>>) -> &'static dyn Strings {
    let column: &'static [Option<String>] = column.leak();
    Box::leak(Box::new(column))
}

fn amount(cells: Cells) -> AmountColumn<'static> {
    match cells {
        Cells::Integers(minor) => AmountColumn::Minor(minor.leak()),
        Cells::Minor(minor) => AmountColumn::NullableMinor(minor.leak()),
        Cells::Floats(values, decimals) => AmountColumn::Floats { values: values.leak(), decimals },
        Cells::Texts(column) => AmountColumn::Texts(texts(column)),
    }
}

fn key(cells: Cells) -> KeyColumn<'static> {
    match cells {
        Cells::Integers(numbers) => KeyColumn::Numbers(numbers.leak()),
        Cells::Minor(cells) => {
            let (numbers, present): (Vec<i64>, Vec<bool>) =
                cells.into_iter().map(|cell| (cell.unwrap_or(0), cell.is_some())).unzip();
            KeyColumn::NullableNumbers { numbers: numbers.leak(), present: present.leak() }
        }
        Cells::Texts(column) => KeyColumn::Texts(texts(column)),
        Cells::Floats(..) => panic!("keys are numbers or text"),
    }
}

/// A history of one set of columns, or of a list of them as chunks.
fn history(input: &Value, options: &HistoryOptions) -> regulars::Result<OrderHistory> {
    OrderHistory::from_columns(&chunks(input), options.clone())
}

fn chunks(input: &Value) -> Vec<OrderColumns<'static>> {
    match input {
        Value::Array(chunks) => chunks.iter().map(|chunk| Chunk::new(chunk).columns()).collect(),
        one => vec![Chunk::new(one).columns()],
    }
}

/// The rows of one set of columns, one by one; only what the cases of `append` need.
fn rows(input: &Value, options: &HistoryOptions) -> Vec<Order> {
    let input: Input = serde_json::from_value(input.clone()).unwrap();
    let text = |column: &Option<Vec<Value>>, row: usize| {
        column.as_ref().and_then(|column| match &column[row] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        })
    };
    let money = |value: &Value| match value {
        Value::String(text) => Money::parse(text, options.currency).unwrap(),
        minor => Money::from_minor(minor.as_i64().unwrap(), options.currency),
    };
    (0..input.placed_at.len())
        .map(|row| {
            let mut order = Order::new(moment(&input.placed_at[row]).unwrap(), money(&input.amounts[row]));
            if let Some(customer) = text(&input.customers, row) {
                order = order.customer(&customer);
            }
            if let Some(id) = text(&input.ids, row) {
                order = order.id(&id);
            }
            if let Some(Some(email)) = input.emails.as_ref().map(|column| column[row].clone()) {
                order = order.email(&email);
            }
            order
        })
        .collect()
}

/// Calls a case, and takes the result as the value that cases compare and as the exact JSON.
fn run(file: &File, case: &Case) -> Result<(Value, String), CallError> {
    let mut arguments = case.arguments.clone();
    let history = match &case.options {
        Some(options) => {
            Some(history_of(file, case, &regulars_calls::history_options(&options.to_string())?)?)
        }
        None => None,
    };
    if case.call == "rfm.again" {
        // The scores of today's history by the thresholds of an earlier day.
        let date = arguments.remove("observedUntil").unwrap();
        let date = Some(date.as_str().unwrap().parse().unwrap());
        let before = history.clone().unwrap().observe_until(date)?.rfm(&RfmOptions::default())?;
        let options = RfmOptions::default().with_breaks(&before.groups.breaks);
        arguments.insert("options".to_owned(), json!(options));
    }
    let call = match case.call.as_str() {
        "rfm.again" => "rfm",
        call => call,
    };
    let (call, columns) = match call.strip_suffix(".columns") {
        Some(call) => (call, true),
        None => (call, false),
    };
    let outcome = regulars_calls::call(history.as_ref(), call, &json!(arguments).to_string())?;
    let text = if columns { table_json(outcome.table().expect("a table")) } else { outcome.to_json() };
    Ok((serde_json::from_str(&text).unwrap(), text))
}

fn history_of(file: &File, case: &Case, options: &HistoryOptions) -> Result<OrderHistory, CallError> {
    let named = |input: &Value| match input {
        Value::String(name) => file.inputs.get(name).unwrap_or_else(|| panic!("no input `{name}`")).clone(),
        input => input.clone(),
    };
    let mut history = history(&named(case.input.as_ref().expect("`input`")), options)?;
    for step in &case.then {
        for (step, value) in step {
            history = match step.as_str() {
                "append" => {
                    let more = history.append(rows(&named(value), options))?;
                    assert_eq!(more, history.append_columns(&chunks(&named(value)))?);
                    more
                }
                "merge" => history.merge(&self::history(&named(value), options)?)?,
                "mergeUnder" => {
                    let mut other = options.clone();
                    other.warm_up_days += 1;
                    history.merge(&self::history(&named(value), &other)?)?
                }
                "observeUntil" => history.observe_until(value.as_str().map(|date| date.parse().unwrap()))?,
                "customers" => history.with_customers(regulars_calls::customers(&value.to_string())?)?,
                other => panic!("step `{other}`"),
            };
        }
    }
    Ok(history)
}

/// The first difference, if any: keys that are not expected are not compared, lists are compared in full, and floats
/// to the given number of decimals, else to the last bit.
fn difference(expected: &Value, found: &Value, digits: Option<i32>, place: &str) -> Option<String> {
    let differs = || Some(format!("{place}: expected {expected}, found {found}"));
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().find_map(|(key, value)| {
            let place = format!("{place}.{key}");
            match found.get(key) {
                Some(found) => difference(value, found, digits, &place),
                None => Some(format!("{place}: there is no such key")),
            }
        }),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => (0..)
            .zip(a.iter().zip(b))
            .find_map(|(i, (a, b))| difference(a, b, digits, &format!("{place}[{i}]"))),
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            let near = match digits {
                // Half a unit of the last digit given, and what a float may add to it.
                Some(digits) => (a - b).abs() <= 0.5 * 10_f64.powi(-digits) * (1.0 + 1e-9),
                None => a.to_bits() == b.to_bits(),
            };
            if near { None } else { differs() }
        }
        (a, b) if a == b => None,
        _ => differs(),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The files of cases by name, in order.
fn files() -> BTreeMap<String, File> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let file = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), file)
    };
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "json") && !path.ends_with("snapshots.json"))
        .map(read)
        .collect()
}

#[test]
fn every_case_gives_what_it_expects() {
    let mut failures = Vec::new();
    let mut cases = 0;
    for (name, file) in &files() {
        for case in &file.cases {
            cases += 1;
            let place = format!("{name}/{}", case.name);
            assert!(!case.provenance.trim().is_empty(), "{place}: where does the expected value come from?");
            let failure = match (run(file, case), &case.expected, &case.error) {
                (Ok((found, _)), Some(expected), None) => {
                    if let Some(mistake) = &case.mistake {
                        let told = difference(&mistake.gives, &found, case.digits, "").is_some();
                        assert!(told, "{place}: the mistaken value is what was found");
                    }
                    difference(expected, &found, case.digits, "")
                }
                (Err(error), None, Some(code)) if error.code() == code => None,
                (found, None, Some(code)) => Some(format!("expected the error {code}, found {found:?}")),
                (Err(error), Some(_), None) => Some(format!("error {}: {error}", error.code())),
                _ => panic!("{place}: either `expected` or `error`"),
            };
            failures.extend(failure.map(|failure| format!("{place}: {failure}")));
        }
    }
    assert!(failures.is_empty(), "{} of {cases} cases:\n{}", failures.len(), failures.join("\n"));
}

/// The exact JSON of every case, so that three languages can be held to the same bytes. These are regression
/// snapshots: they say what the output was, not that it is right, which the cases do. `UPDATE_SNAPSHOTS=1` writes them.
#[test]
fn every_case_gives_the_same_bytes_as_before() {
    let mut found = BTreeMap::new();
    for (name, file) in &files() {
        for case in &file.cases {
            let text = match run(file, case) {
                Ok((_, text)) => text,
                Err(error) => json!({"error": error.code(), "message": error.to_string()}).to_string(),
            };
            let twice = found.insert(format!("{name}/{}", case.name), text);
            assert!(twice.is_none(), "{name}/{} is there twice", case.name);
        }
    }
    let path = folder().join("snapshots.json");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let kept: BTreeMap<String, String> =
        serde_json::from_str(&fs::read_to_string(&path).unwrap_or("{}".to_owned())).unwrap();
    for (place, text) in &found {
        let Some(kept) = kept.get(place) else {
            panic!("{place} has no snapshot: run with UPDATE_SNAPSHOTS=1")
        };
        assert_eq!(kept, text, "{place}");
    }
    let gone: Vec<_> = kept.keys().filter(|place| !found.contains_key(*place)).collect();
    assert!(gone.is_empty(), "snapshots without a case: {gone:?}");
}

/// Public functions of the core and the calls that stand for them in the fixtures.
const CALLS: &[(&str, &[&str])] = &[
    ("Average::new", &["average"]),
    ("Benchmark::of", &["benchmarks"]),
    ("Clock::date", &["clock.date"]),
    ("CohortGrain::days", &["cohort_grain.days"]),
    ("Figure::to_f64", &["cohorts.table.values"]),
    ("Cohorts::table", &["cohorts.table", "cohorts.table.columns"]),
    ("Column::plain", &["timeline.columns"]),
    ("Concentration::of_minor", &["concentration"]),
    ("Currency::code", &["currency"]),
    ("Currency::decimals", &["currency"]),
    ("Currency::new", &["currency"]),
    ("Currency::with_decimals", &["currency"]),
    ("Customer::new", &["history.customers"]),
    ("CustomerKey::new", &["customer_key"]),
    ("Definition::of", &["definition"]),
    ("DiscountedValue::new", &["discounted_value"]),
    ("Error::code", &["error.codes"]),
    ("EventLog::from_events", &["during.engagement"]),
    ("Frequency::new", &["frequency"]),
    ("Frequency::over", &["frequency.over"]),
    ("Frequency::per", &["frequency"]),
    ("Frequency::times", &["frequency"]),
    ("Grain::period_of", &["grain.period_of"]),
    ("Grain::periods", &["grain.periods"]),
    ("Interval::wilson", &["interval.wilson"]),
    ("KaplanMeier::at_risk", &["kaplan_meier.at_risk"]),
    ("KaplanMeier::from_counts", &["kaplan_meier"]),
    ("KaplanMeier::from_durations", &["kaplan_meier"]),
    ("KaplanMeier::interval", &["kaplan_meier.interval"]),
    ("KaplanMeier::median", &["kaplan_meier.median"]),
    ("KaplanMeier::quantile", &["kaplan_meier.quantile"]),
    ("KaplanMeier::survival", &["kaplan_meier.survival"]),
    ("KaplanMeier::with_level", &["kaplan_meier.interval"]),
    ("Lifespan::in_units", &["lifespan.in_units"]),
    ("Lifespan::length", &["lifespan"]),
    ("Lifespan::new", &["lifespan"]),
    ("Lifespan::of", &["lifespan.of"]),
    ("Lifespan::unit", &["lifespan"]),
    ("LogRank::of", &["log_rank"]),
    ("MarginValue::against", &["value_to_cost"]),
    ("Money::from_float", &["money.from_float"]),
    ("Money::from_minor", &["money.from_minor"]),
    ("Money::parse", &["money.parse"]),
    ("Money::to_f64", &["money.to_f64"]),
    ("Order::key", &["order.key"]),
    ("OrderHistory::cohorts", &["cohorts", "cohorts.columns"]),
    ("OrderHistory::concentration", &["history.concentration", "history.concentration.columns"]),
    ("OrderHistory::customers", &["history.customers"]),
    ("OrderHistory::during", &["during.period", "during.buying"]),
    ("OrderHistory::flow_timeline", &["flow_timeline", "flow_timeline.columns"]),
    ("OrderHistory::historic_value", &["historic_value"]),
    ("OrderHistory::historic_value_of", &["historic_value_of"]),
    ("OrderHistory::left_out", &["history.left_out"]),
    ("OrderHistory::movement_timeline", &["movement_timeline", "movement_timeline.columns"]),
    ("OrderHistory::observed_until", &["history.observed_until"]),
    ("OrderHistory::options", &["history.options"]),
    ("OrderHistory::orders_of", &["history.orders_of"]),
    ("OrderHistory::payback", &["payback"]),
    ("OrderHistory::purchase_funnel", &["purchase_funnel", "purchase_funnel.columns"]),
    ("OrderHistory::report", &["history.report"]),
    ("OrderHistory::returns", &["returns"]),
    ("OrderHistory::rfm", &["rfm", "rfm.columns"]),
    ("OrderHistory::span", &["history.span"]),
    ("OrderHistory::spend_by_tenure", &["spend_by_tenure", "spend_by_tenure.columns"]),
    ("OrderHistory::summary", &["history.summary"]),
    ("OrderHistory::tenure_ratio", &["tenure_ratio"]),
    ("OrderHistory::time_between_purchases", &["time_between_purchases", "time_between_purchases.columns"]),
    (
        "OrderHistory::time_to_second_purchase",
        &["time_to_second_purchase", "time_to_second_purchase.columns"],
    ),
    ("OrderHistory::timeline", &["timeline", "timeline.columns"]),
    ("OrderPolicy::counting", &["policy.counting"]),
    ("OrderPolicy::name", &["policy"]),
    ("OrderPolicy::shopify", &["policy"]),
    ("OrderPolicy::strict", &["policy"]),
    ("OrderPolicy::woocommerce", &["policy"]),
    ("Period::before", &["period.before"]),
    ("Period::contains", &["period.contains"]),
    ("Period::days", &["period.days"]),
    ("Period::new", &["period.new"]),
    ("ProfitFigures::lift", &["profit_lift"]),
    ("ProfitFigures::new", &["profit_lift"]),
    ("Rate::new", &["rate"]),
    ("Rate::with_level", &["rate"]),
    ("RateDifference::between", &["rate_difference"]),
    ("Ratio::new", &["ratio"]),
    ("Rfm::segment_of", &["rfm.customers"]),
    ("RfmCustomers::key", &["rfm.customers"]),
    ("RfmGrid::name", &["rfm_grid.name"]),
    ("RfmGrid::new", &["rfm_grid.name"]),
    ("RfmGrid::standard", &["rfm_grid"]),
    ("RfmOptions::with_breaks", &["rfm.again"]),
    ("Scenario::acquiring", &["simulate"]),
    ("Scenario::compare", &["compare", "compare.columns"]),
    ("Scenario::new", &["simulate"]),
    ("Scenario::simulate", &["simulate", "simulate.columns"]),
    ("SimpleValue::new", &["simple_value"]),
    ("SimpleValue::with_margin", &["margin_value"]),
    ("Window::acquisition", &["during.acquisition", "during.acquisition.columns"]),
    ("Action::standard", &["playbook"]),
    ("Audience::key", &["segments.audience.why"]),
    ("Audience::why", &["segments.audience.why"]),
    ("CustomerProfiles::of", &["customer_profiles.of"]),
    ("Migration::between", &["migration", "migration.columns"]),
    ("Migration::count", &["migration.count"]),
    ("Migration::kappa", &["migration.kappa"]),
    ("Migration::unchanged", &["migration.unchanged"]),
    ("OrderHistory::customer_profiles", &["customer_profiles.of", "customer_profiles.columns"]),
    ("OrderHistory::outlook", &["outlook"]),
    ("OrderHistory::stage", &["stage"]),
    ("Outlook::estimate", &["outlook.estimate"]),
    ("Segment::title", &["segment.title"]),
    ("SegmentRule::backtest", &["backtest", "backtest.columns"]),
    ("SegmentRule::classify", &["segments", "segments.columns"]),
    ("SegmentRule::classify_after", &["segments.reasons"]),
    ("SegmentRule::fit", &["segment_rule"]),
    ("SegmentRule::overview", &["segment_overview", "segment_overview.columns"]),
    ("SegmentRule::stability", &["stability"]),
    ("Segments::assessment", &["segments.reasons"]),
    ("Segments::audience", &["segments.audience", "segments.audience.columns"]),
    ("Segments::audience_of", &["segments.audience"]),
    ("Segments::counts", &["segments.counts"]),
    ("Segments::explain", &["segments.explain"]),
    ("Segments::prospects", &["segments.prospects"]),
    ("Stage::weigh", &["shop_stage.weigh"]),
    ("Window::average_order_value", &["during.average_order_value"]),
    ("Window::average_revenue_per_customer", &["during.average_revenue_per_customer"]),
    ("Window::buying", &["during.buying"]),
    ("Window::customer_flow", &["during.customer_flow"]),
    ("Window::engagement", &["during.engagement", "during.engagement.columns"]),
    ("Window::existing_customer_share", &["during.existing_customer_share"]),
    ("Window::period", &["during.period"]),
    ("Window::profit_figures", &["during.profit_figures"]),
    ("Window::purchase_frequency", &["during.purchase_frequency"]),
    ("Window::referrals", &["during.referrals"]),
    ("Window::repeat_customer_rate", &["during.repeat_customer_rate"]),
    ("Window::repurchase_retention", &["during.repurchase_retention"]),
    ("Window::returning_customer_rate", &["during.returning_customer_rate"]),
    ("Window::revenue_movements", &["during.revenue_movements"]),
    ("Window::revenue_split", &["during.revenue_split"]),
    ("Window::simple_value", &["during.simple_value"]),
    ("Zone::date", &["zone.date"]),
    ("Zone::from_transitions", &["zone.date"]),
    ("Zone::name", &["zone.name"]),
    ("formula::churn_rate", &["formula.churn_rate"]),
    ("formula::gross_revenue_retention", &["formula.gross_revenue_retention"]),
    ("formula::net_revenue_churn_rate", &["formula.net_revenue_churn_rate"]),
    ("formula::net_revenue_retention", &["formula.net_revenue_retention"]),
    ("formula::quick_ratio", &["formula.quick_ratio"]),
    ("formula::reactivation_rate", &["formula.reactivation_rate"]),
    ("formula::repurchase_retention", &["formula.repurchase_retention"]),
    ("formula::retention_rate", &["formula.retention_rate"]),
    ("formula::retention_rate_by_headcount", &["formula.retention_rate_by_headcount"]),
    ("formula::retention_rate_by_repeat_buyers", &["formula.retention_rate_by_repeat_buyers"]),
    ("formula::revenue_churn_rate", &["formula.revenue_churn_rate"]),
    ("Cohorts::table", &["cohorts.table", "cohorts.table.columns"]),
    ("Column::plain", &["timeline.columns"]),
    ("OrderHistory::cohorts", &["cohorts", "cohorts.columns"]),
    ("OrderHistory::returns", &["returns"]),
    ("OrderHistory::rfm", &["rfm", "rfm.columns"]),
];

/// Public functions that no case stands for, and why.
const WITHOUT_CASE: &[(&str, &str)] = &[
    ("Clock::new", "every case of `clock.date` makes one"),
    ("CohortOptions::by", "sets a field"),
    ("Currency::all", "compared with another table of ISO 4217 in currencies.rs"),
    ("Error::at", "places a value's error; every error of a column has one"),
    ("Event::campaign", "sets a field"),
    ("Event::customer", "sets a field"),
    ("Event::new", "sets fields"),
    ("Event::value", "sets a field"),
    ("EventColumns::is_empty", "says what was given"),
    ("EventColumns::len", "says what was given"),
    ("EventColumns::new", "compared with rows in around.rs"),
    ("EventLog::from_columns", "compared with rows in around.rs"),
    ("EventLog::is_empty", "a part of the result of `during.engagement`"),
    ("EventLog::len", "a part of the result of `during.engagement`"),
    ("EventLog::unidentified", "a part of the result of `during.engagement`"),
    ("EventLog::unknown_kinds", "a part of the result of `during.engagement`"),
    ("HistoryBuilder::finish", "compared with columns in properties.rs"),
    ("HistoryBuilder::is_empty", "says what was pushed"),
    ("HistoryBuilder::len", "says what was pushed"),
    ("HistoryBuilder::new", "compared with columns in properties.rs"),
    ("HistoryBuilder::push", "compared with columns in properties.rs"),
    ("HistoryOptions::new", "defaults, which every case with options relies on"),
    ("MarketingCost::new", "sets fields"),
    ("Money::currency", "a part of the value's JSON"),
    ("Money::decimal", "a part of the value's JSON"),
    ("Money::minor", "a part of the value's JSON"),
    ("Order::cost", "sets a field"),
    ("Order::customer", "sets a field"),
    ("Order::channel", "sets a field"),
    ("Order::discount", "sets a field"),
    ("Order::email", "sets a field"),
    ("Order::id", "sets a field"),
    ("Order::new", "sets fields"),
    ("Order::refunded", "sets a field"),
    ("Order::refunded_on", "sets a field"),
    ("Order::status", "sets a field"),
    ("OrderColumns::is_empty", "says what was given"),
    ("OrderColumns::len", "says what was given"),
    ("OrderColumns::new", "every case with an input makes one"),
    ("OrderHistory::append", "the step `append`"),
    ("OrderHistory::append_columns", "the step `append`, compared with `append`"),
    ("OrderHistory::from_columns", "every case with an input"),
    ("OrderHistory::from_orders", "compared with columns in properties.rs"),
    ("OrderHistory::heap_bytes", "differs by platform"),
    ("OrderHistory::merge", "the step `merge`"),
    ("OrderHistory::observe_until", "the step `observeUntil`"),
    ("OrderHistory::with_customers", "the step `customers`"),
    ("Period::end", "a part of the value's JSON"),
    ("Period::start", "a part of the value's JSON"),
    ("ReportDefinitions::of", "a look-up in the report's JSON, which report.rs walks through"),
    ("RfmCustomers::is_empty", "says what is in the columns"),
    ("RfmCustomers::len", "says what is in the columns"),
    ("Audience::is_empty", "says what is in the columns"),
    ("Audience::len", "says what is in the columns"),
    ("CustomerProfiles::is_empty", "says what is in the columns"),
    ("CustomerProfiles::key", "a column of the table"),
    ("CustomerProfiles::len", "says what is in the columns"),
    ("CustomerProfiles::profile", "a row of the table"),
    ("Flag::name", "its JSON"),
    ("Reason::name", "its JSON"),
    ("Rhythm::name", "its JSON"),
    ("Segment::name", "its JSON"),
    ("SegmentRule::fitted_on", "a part of the outlook's JSON"),
    ("Segments::flags", "a part of every assessment"),
    ("Segments::is_empty", "says what is in the columns"),
    ("Segments::key", "a column of the table"),
    ("Segments::len", "says what is in the columns"),
    ("Stage::name", "its JSON"),
    ("Zone::utc", "the zone of every case that names none"),
];

/// `Type::function` of every public function in the sources of the core, `module::function` of free ones.
fn public_functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            public_functions(&path, found);
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut implementing = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            if line.starts_with("impl") {
                let of = line.rsplit(" for ").next().unwrap();
                let of = of.strip_prefix("impl").unwrap_or(of).trim();
                // Past the parameters of the `impl` itself.
                let of = if of.starts_with('<') { of.split_once('>').unwrap().1.trim() } else { of };
                of.split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap()
                    .clone_into(&mut implementing);
            } else if line == "codes! {" || line.starts_with("macro_rules!") {
                // The one macro that writes a public function writes it for `Error`.
                "Error".clone_into(&mut implementing);
            }
            if line.starts_with("pub fn ") {
                implementing.clone_from(&file);
            }
            let line = line.trim_start();
            let rest = line.strip_prefix("pub const fn ").or_else(|| line.strip_prefix("pub fn "));
            if let Some(rest) = rest {
                let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                found.insert(format!("{implementing}::{name}"));
            }
        }
    }
}

#[test]
fn every_public_call_has_a_case() {
    let mut functions = BTreeSet::new();
    public_functions(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/regulars/src"), &mut functions);
    assert!(
        functions.contains("Window::buying") && functions.contains("Error::code"),
        "the sources were read"
    );
    let listed: BTreeSet<&str> =
        CALLS.iter().map(|(name, _)| *name).chain(WITHOUT_CASE.iter().map(|(name, _)| *name)).collect();
    let missing: Vec<_> = functions.iter().filter(|name| !listed.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "neither a fixture nor a reason for none: {missing:?}");
    let gone: Vec<_> = listed.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(gone.is_empty(), "no such function any more: {gone:?}");

    let files = files();
    let called: BTreeSet<&str> =
        files.values().flat_map(|file| &file.cases).map(|case| case.call.as_str()).collect();
    for (function, calls) in CALLS {
        for call in *calls {
            assert!(called.contains(call), "{function}: no case calls `{call}`");
        }
    }
}

/// Codes that no case can provoke, and why.
const WITHOUT_PROVOCATION: &[(&str, &str)] = &[
    ("invalid_dictionary_code", "dictionaries are the bindings' own form of a column: columns.rs"),
    ("invalid_date", "the core reads no dates; the import does"),
    ("too_many_orders", "takes 2³² orders"),
    ("too_many_events", "takes 2³² events"),
];

#[test]
fn every_error_code_has_a_case() {
    let files = files();
    let provoked: BTreeSet<&str> =
        files.values().flat_map(|file| &file.cases).filter_map(|case| case.error.as_deref()).collect();
    for code in Error::CODES {
        let excused = WITHOUT_PROVOCATION.iter().any(|(excused, _)| excused == code);
        assert!(provoked.contains(code) != excused, "{code}: either a case or a reason for none");
    }
}

#[test]
fn every_defined_figure_has_a_case() {
    fn keys(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                found.insert(key.clone());
                keys(value, found);
            }),
            Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for case in files().values().flat_map(|file| &file.cases) {
        case.expected.iter().for_each(|value| keys(value, &mut found));
        // What a call gives as a whole has the name of the call.
        found.extend(case.call.split('.').map(str::to_owned));
        found.extend(case.arguments.values().filter_map(Value::as_str).map(str::to_owned));
    }
    for definition in Definition::ALL {
        let mut camel = String::new();
        // Of a figure of one call, what follows its name.
        let name = definition.name.rsplit('.').next().unwrap();
        for (i, word) in name.split('_').enumerate() {
            let (first, rest) = word.split_at(1);
            camel.push_str(&if i == 0 { first.to_owned() } else { first.to_uppercase() });
            camel.push_str(rest);
        }
        let known = found.contains(&camel) || found.contains(name);
        assert!(known, "no case expects a value of `{camel}`");
    }
}
