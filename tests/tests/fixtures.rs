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
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use regulars::{
    AmountColumn, Average, Clock, CohortGrain, CohortTable, Columns, Currency, Customer, CustomerKey,
    Definition, Error, FlowOptions, Grain, HistoryOptions, Interval, KeyColumn, Moment, Money, Order,
    OrderColumns, OrderHistory, OrderPolicy, OrderStatus, Period, Rate, Ratio, ReportOptions, Result,
    Strings, TimeColumn, TimeUnit, Values, Zone, formula,
};
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
fn history(input: &Value, options: &HistoryOptions) -> Result<OrderHistory> {
    let chunks: Vec<OrderColumns<'_>> = match input {
        Value::Array(chunks) => chunks.iter().map(|chunk| Chunk::new(chunk).columns()).collect(),
        one => vec![Chunk::new(one).columns()],
    };
    OrderHistory::from_columns(&chunks, options.clone())
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

fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> &'a str {
    arguments[name].as_str().unwrap()
}

/// A result, as the value that cases compare and as the exact JSON.
fn both<T: serde::Serialize>(result: T) -> (Value, String) {
    let text = serde_json::to_string(&result).unwrap();
    (serde_json::from_str(&text).unwrap(), text)
}

/// A table, column by column.
fn table(table: &impl Columns) -> (Value, String) {
    let mut text = "{".to_owned();
    for column in table.columns() {
        let cells: Vec<Value> = match &column.values {
            Values::F64(cells) => cells.iter().map(|&cell| json!(cell)).collect(),
            Values::I64(cells) => cells.iter().map(|&cell| json!(cell)).collect(),
            Values::U32(cells) => cells.iter().map(|&cell| json!(cell)).collect(),
            Values::Bool(cells) => cells.iter().map(|&cell| json!(cell)).collect(),
            Values::Date(cells) => cells.iter().map(|&cell| json!(cell)).collect(),
            Values::Text(cells) => cells.iter().map(|cell| json!(cell)).collect(),
            other => panic!("{other:?}"),
        };
        assert_eq!(cells.len(), table.rows());
        let there = column.validity.unwrap_or_else(|| vec![true; cells.len()]);
        let cells: Vec<Value> = cells
            .into_iter()
            .zip(there)
            .map(|(cell, there)| if there { cell } else { Value::Null })
            .collect();
        let comma = if text.len() > 1 { "," } else { "" };
        write!(text, "{comma}{:?}:{}", column.name, serde_json::to_string(&cells).unwrap()).unwrap();
    }
    text.push('}');
    (serde_json::from_str(&text).unwrap(), text)
}

/// The calls that need no history.
fn plain(call: &str, arguments: &Map<String, Value>) -> Option<Result<(Value, String)>> {
    let number = |name: &str| arguments[name].as_u64().unwrap();
    let currency = || -> Result<Currency> {
        let currency = Currency::new(text(arguments, "currency"))?;
        match arguments.get("decimals") {
            Some(decimals) => currency.with_decimals(u8::try_from(decimals.as_u64().unwrap()).unwrap()),
            None => Ok(currency),
        }
    };
    let date = |name: &str| text(arguments, name).parse::<NaiveDate>().unwrap();
    let zone = || match arguments.get("transitions") {
        Some(transitions) => {
            let transitions: Vec<(i64, i32)> = serde_json::from_value(transitions.clone()).unwrap();
            Zone::from_transitions(text(arguments, "zone"), &transitions)
        }
        None => text(arguments, "zone").parse(),
    };
    let run = || -> Result<Option<(Value, String)>> {
        Ok(Some(match call {
            "rate" => match arguments.get("level") {
                None => both(Rate::new(number("numerator"), number("denominator"))?),
                Some(level) => both(Rate::with_level(
                    number("numerator"),
                    number("denominator"),
                    level.as_f64().unwrap(),
                )?),
            },
            "interval.wilson" => {
                let level = arguments["level"].as_f64().unwrap();
                both(Interval::wilson(number("numerator"), number("denominator"), level)?)
            }
            "average" => match arguments.get("currency") {
                None => both(Average::new(number("total"), number("count"))),
                Some(_) => {
                    both(Average::new(Money::parse(text(arguments, "total"), currency()?)?, number("count")))
                }
            },
            "currency" => {
                let currency = currency()?;
                both(json!({"code": currency.code(), "decimals": currency.decimals()}))
            }
            "money.parse" => both(Money::parse(text(arguments, "text"), currency()?)?),
            "money.from_float" => both(Money::from_float(arguments["value"].as_f64().unwrap(), currency()?)?),
            "money.from_minor" => both(Money::from_minor(arguments["minor"].as_i64().unwrap(), currency()?)),
            "money.to_f64" => both(Money::parse(text(arguments, "text"), currency()?)?.to_f64()),
            "period.parse" => both(text(arguments, "text").parse::<Period>()?),
            "cohort_grain.parse" => both(text(arguments, "text").parse::<CohortGrain>()?),
            "period.new" => both(Period::new(date("start"), date("end"))?),
            "period.before" => both(text(arguments, "text").parse::<Period>()?.before()),
            "ratio" => {
                let number = |name: &str| arguments[name].as_i64().unwrap();
                both(Ratio::new(number("numerator"), number("denominator")))
            }
            "period.days" => both(text(arguments, "text").parse::<Period>()?.days()),
            "period.contains" => both(text(arguments, "text").parse::<Period>()?.contains(date("date"))),
            "grain.period_of" => both(text(arguments, "grain").parse::<Grain>()?.period_of(date("date"))?),
            "grain.periods" => {
                both(text(arguments, "grain").parse::<Grain>()?.periods(text(arguments, "span").parse()?)?)
            }
            "zone.date" => {
                let instant: DateTime<Utc> = text(arguments, "instant").parse().unwrap();
                both(zone()?.date(instant)?)
            }
            "zone.name" => both(zone()?.name()),
            "clock.date" => {
                let unit = match text(arguments, "unit") {
                    "second" => TimeUnit::Second,
                    "millisecond" => TimeUnit::Millisecond,
                    "microsecond" => TimeUnit::Microsecond,
                    "nanosecond" => TimeUnit::Nanosecond,
                    other => panic!("unit `{other}`"),
                };
                both(Clock::new(&zone()?).date(arguments["value"].as_i64().unwrap(), unit)?)
            }
            "customer_key" => both(CustomerKey::new(text(arguments, "text"))),
            "order.key" => {
                let mut order = Order::new(NaiveDate::default(), Money::from_minor(1, Currency::USD));
                if let Some(customer) = arguments.get("customer") {
                    order = order.customer(customer.as_str().unwrap());
                }
                if let Some(email) = arguments.get("email") {
                    order = order.email(email.as_str().unwrap());
                }
                both(order.key())
            }
            "status" => both(text(arguments, "text").parse::<OrderStatus>()?),
            "policy" => {
                let policy = text(arguments, "name").parse::<OrderPolicy>()?;
                assert_eq!(policy.name(), text(arguments, "name"));
                both(policy)
            }
            "policy.counting" => {
                let policy = text(arguments, "name").parse::<OrderPolicy>()?;
                both(policy.counting(text(arguments, "status").parse()?))
            }
            "definition" => both(Definition::of(text(arguments, "name"))),
            "error.codes" => both(Error::CODES),
            _ => return Ok(None),
        }))
    };
    run().transpose()
}

fn options(case: &Case) -> HistoryOptions {
    let mut value = case.options.clone().expect("`options`");
    // A preset is named by its name alone.
    if let Some(name) = value.get("policy").and_then(Value::as_str) {
        let policy: OrderPolicy = name.parse().unwrap();
        value["policy"] = serde_json::to_value(policy).unwrap();
    }
    serde_json::from_value(value).unwrap()
}

fn flow_options(case: &Case) -> FlowOptions {
    serde_json::from_value(case.arguments["options"].clone()).unwrap()
}

/// The options of a call, in the core's JSON.
fn own_options<T: serde::de::DeserializeOwned>(case: &Case) -> T {
    serde_json::from_value(case.arguments["options"].clone()).unwrap()
}

fn cohort_table(history: &OrderHistory, case: &Case) -> Result<CohortTable> {
    let (reading, measure) = (text(&case.arguments, "reading"), text(&case.arguments, "measure"));
    history.cohorts(&own_options(case))?.table(reading.parse()?, measure.parse()?)
}

fn grain(case: &Case) -> Result<Grain> {
    text(&case.arguments, "grain").parse()
}

/// The formulas on plain counts, or on amounts of US dollars.
fn formula(name: &str, arguments: &Map<String, Value>) -> Result<(Value, String)> {
    if let Some(counts) = arguments.get("counts") {
        let counts: Vec<u64> = serde_json::from_value(counts.clone()).unwrap();
        return Ok(match (name, counts.as_slice()) {
            ("retention_rate", &[a, b, c]) => both(formula::retention_rate(a, b, c)?),
            ("retention_rate_by_headcount", &[a, b, c]) => {
                both(formula::retention_rate_by_headcount(a, b, c)?)
            }
            ("retention_rate_by_repeat_buyers", &[a, b, c]) => {
                both(formula::retention_rate_by_repeat_buyers(a, b, c)?)
            }
            ("churn_rate", &[a, b]) => both(formula::churn_rate(a, b)?),
            ("reactivation_rate", &[a, b]) => both(formula::reactivation_rate(a, b)?),
            ("repurchase_retention", &[a, b]) => both(formula::repurchase_retention(a, b)?),
            other => panic!("unknown formula {other:?}"),
        });
    }
    let amounts: Vec<String> = serde_json::from_value(arguments["amounts"].clone()).unwrap();
    let amounts: Vec<Money> =
        amounts.iter().map(|text| Money::parse(text, Currency::USD)).collect::<Result<_>>()?;
    Ok(both(match (name, amounts.as_slice()) {
        ("gross_revenue_retention", &[a, b, c]) => formula::gross_revenue_retention(a, b, c)?,
        ("net_revenue_retention", &[a, b, c, d]) => formula::net_revenue_retention(a, b, c, d)?,
        ("revenue_churn_rate", &[a, b, c]) => formula::revenue_churn_rate(a, b, c)?,
        ("net_revenue_churn_rate", &[a, b, c, d]) => formula::net_revenue_churn_rate(a, b, c, d)?,
        ("quick_ratio", &[new, expansion, reactivated, churned, contraction]) => {
            formula::quick_ratio(new, expansion, reactivated, churned, contraction)?
        }
        other => panic!("unknown formula {other:?}"),
    }))
}

fn run(file: &File, case: &Case) -> Result<(Value, String)> {
    let named = |input: &Value| match input {
        Value::String(name) => file.inputs.get(name).unwrap_or_else(|| panic!("no input `{name}`")).clone(),
        input => input.clone(),
    };
    if let Some(name) = case.call.strip_prefix("formula.") {
        return formula(name, &case.arguments);
    }
    if let Some(result) = plain(&case.call, &case.arguments) {
        return result;
    }
    let options = options(case);
    let mut history = history(&named(case.input.as_ref().expect("`input`")), &options)?;
    for step in &case.then {
        for (step, value) in step {
            history = match step.as_str() {
                "append" => history.append(rows(&named(value), &options))?,
                "merge" => history.merge(&self::history(&named(value), &options)?)?,
                "mergeUnder" => {
                    let mut other = options.clone();
                    other.warm_up_days += 1;
                    history.merge(&self::history(&named(value), &other)?)?
                }
                "observeUntil" => history.observe_until(value.as_str().map(|date| date.parse().unwrap()))?,
                "customers" => {
                    let customers: Vec<Customer> = serde_json::from_value(value.clone()).unwrap();
                    history.with_customers(customers)?
                }
                other => panic!("step `{other}`"),
            };
        }
    }
    if let Some(metric) = case.call.strip_prefix("during.") {
        let window = history.during(text(&case.arguments, "period"))?;
        return Ok(match metric {
            "period" => both(window.period()),
            "buying" => both(window.buying()),
            "repeat_customer_rate" => both(window.repeat_customer_rate()),
            "returning_customer_rate" => both(window.returning_customer_rate()),
            "existing_customer_share" => both(window.existing_customer_share()),
            "purchase_frequency" => both(window.purchase_frequency()),
            "average_order_value" => both(window.average_order_value()),
            "average_revenue_per_customer" => both(window.average_revenue_per_customer()),
            "revenue_split" => both(window.revenue_split()),
            "customer_flow" => both(window.customer_flow(&flow_options(case))),
            "repurchase_retention" => both(window.repurchase_retention()?),
            "revenue_movements" => both(window.revenue_movements()?),
            other => panic!("unknown call `during.{other}`"),
        });
    }
    Ok(match case.call.as_str() {
        "history.summary" => both(history.summary()),
        "history.span" => both(history.span()),
        "history.observed_until" => both(history.observed_until()),
        "history.left_out" => both(history.left_out()),
        "history.customers" => both(history.customers()),
        "history.options" => both(history.options()),
        "history.orders_of" => {
            both(history.orders_of(&CustomerKey::new(text(&case.arguments, "customer")).unwrap()))
        }
        "history.report" => {
            let options: ReportOptions = match case.arguments.get("options") {
                Some(options) => serde_json::from_value(options.clone()).unwrap(),
                None => ReportOptions::default(),
            };
            both(history.report(&options)?)
        }
        "cohorts" => both(history.cohorts(&own_options(case))?),
        "cohorts.columns" => table(&history.cohorts(&own_options(case))?),
        "cohorts.table" => both(cohort_table(&history, case)?),
        "cohorts.table.columns" => table(&cohort_table(&history, case)?),
        "rfm" => both(history.rfm(&own_options(case))?),
        "rfm.columns" => table(&history.rfm(&own_options(case))?),
        "flow_timeline" => both(history.flow_timeline(grain(case)?, &flow_options(case))?),
        "flow_timeline.columns" => table(&history.flow_timeline(grain(case)?, &flow_options(case))?),
        "movement_timeline" => both(history.movement_timeline(grain(case)?)?),
        "movement_timeline.columns" => table(&history.movement_timeline(grain(case)?)?),
        "timeline" => both(history.timeline(text(&case.arguments, "grain").parse()?)?),
        "timeline.columns" => table(&history.timeline(text(&case.arguments, "grain").parse()?)?),
        other => panic!("unknown call `{other}`"),
    })
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
    ("::churn_rate", &["formula.churn_rate"]),
    ("::gross_revenue_retention", &["formula.gross_revenue_retention"]),
    ("::net_revenue_churn_rate", &["formula.net_revenue_churn_rate"]),
    ("::net_revenue_retention", &["formula.net_revenue_retention"]),
    ("::quick_ratio", &["formula.quick_ratio"]),
    ("::reactivation_rate", &["formula.reactivation_rate"]),
    ("::repurchase_retention", &["formula.repurchase_retention"]),
    ("::retention_rate", &["formula.retention_rate"]),
    ("::retention_rate_by_headcount", &["formula.retention_rate_by_headcount"]),
    ("::retention_rate_by_repeat_buyers", &["formula.retention_rate_by_repeat_buyers"]),
    ("::revenue_churn_rate", &["formula.revenue_churn_rate"]),
    ("Average::new", &["average"]),
    ("Clock::date", &["clock.date"]),
    ("Currency::new", &["currency"]),
    ("Currency::with_decimals", &["currency"]),
    ("Currency::code", &["currency"]),
    ("Currency::decimals", &["currency"]),
    ("Customer::new", &["history.customers"]),
    ("CustomerKey::new", &["customer_key"]),
    ("Definition::of", &["definition"]),
    ("Error::code", &["error.codes"]),
    ("Grain::period_of", &["grain.period_of"]),
    ("Grain::periods", &["grain.periods"]),
    ("Interval::wilson", &["interval.wilson"]),
    ("Money::from_float", &["money.from_float"]),
    ("Money::from_minor", &["money.from_minor"]),
    ("Money::parse", &["money.parse"]),
    ("Money::to_f64", &["money.to_f64"]),
    ("Order::key", &["order.key"]),
    ("OrderHistory::customers", &["history.customers"]),
    ("OrderHistory::during", &["during.period", "during.buying"]),
    ("OrderHistory::flow_timeline", &["flow_timeline", "flow_timeline.columns"]),
    ("OrderHistory::left_out", &["history.left_out"]),
    ("OrderHistory::movement_timeline", &["movement_timeline", "movement_timeline.columns"]),
    ("OrderHistory::observed_until", &["history.observed_until"]),
    ("OrderHistory::options", &["history.options"]),
    ("OrderHistory::orders_of", &["history.orders_of"]),
    ("OrderHistory::report", &["history.report"]),
    ("OrderHistory::span", &["history.span"]),
    ("OrderHistory::summary", &["history.summary"]),
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
    ("Rate::new", &["rate"]),
    ("Rate::with_level", &["rate"]),
    ("Ratio::new", &["ratio"]),
    ("Window::average_order_value", &["during.average_order_value"]),
    ("Window::average_revenue_per_customer", &["during.average_revenue_per_customer"]),
    ("Window::buying", &["during.buying"]),
    ("Window::customer_flow", &["during.customer_flow"]),
    ("Window::existing_customer_share", &["during.existing_customer_share"]),
    ("Window::period", &["during.period"]),
    ("Window::purchase_frequency", &["during.purchase_frequency"]),
    ("Window::repeat_customer_rate", &["during.repeat_customer_rate"]),
    ("Window::repurchase_retention", &["during.repurchase_retention"]),
    ("Window::returning_customer_rate", &["during.returning_customer_rate"]),
    ("Window::revenue_movements", &["during.revenue_movements"]),
    ("Window::revenue_split", &["during.revenue_split"]),
    ("Zone::date", &["zone.date"]),
    ("Zone::from_transitions", &["zone.date"]),
    ("Zone::name", &["zone.name"]),
    ("CohortGrain::days", &["cohort_grain.parse"]),
    ("Cohorts::table", &["cohorts.table", "cohorts.table.columns"]),
    ("OrderHistory::cohorts", &["cohorts", "cohorts.columns"]),
    ("OrderHistory::rfm", &["rfm", "rfm.columns"]),
    ("RfmGrid::new", &["rfm"]),
    ("RfmGrid::standard", &["rfm"]),
];

/// Public functions that no case stands for, and why.
const WITHOUT_CASE: &[(&str, &str)] = &[
    ("Clock::new", "every case of `clock.date` makes one"),
    ("Currency::all", "compared with another table of ISO 4217 in currencies.rs"),
    ("Error::at", "places a value's error; every error of a column has one"),
    ("HistoryBuilder::finish", "compared with columns in properties.rs"),
    ("HistoryBuilder::is_empty", "says what was pushed"),
    ("HistoryBuilder::len", "says what was pushed"),
    ("HistoryBuilder::new", "compared with columns in properties.rs"),
    ("HistoryBuilder::push", "compared with columns in properties.rs"),
    ("HistoryOptions::new", "defaults, which every case with options relies on"),
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
    ("OrderHistory::from_columns", "every case with an input"),
    ("OrderHistory::from_orders", "compared with columns in properties.rs"),
    ("OrderHistory::heap_bytes", "differs by platform"),
    ("OrderHistory::merge", "the step `merge`"),
    ("OrderHistory::observe_until", "the step `observeUntil`"),
    ("OrderHistory::with_customers", "the step `customers`"),
    ("Period::end", "a part of the value's JSON"),
    ("Period::start", "a part of the value's JSON"),
    ("Zone::utc", "the zone of every case that names none"),
    ("CohortOptions::by", "sets fields"),
    ("CohortValue::to_f64", "the column `value` of `cohorts.table.columns`"),
    ("Rfm::segment_of", "the column `segment` of `rfm.columns`"),
    ("RfmCustomers::is_empty", "says what is there"),
    ("RfmCustomers::key", "the column `customer` of `rfm.columns`"),
    ("RfmCustomers::len", "says what is there"),
    ("RfmGrid::name", "the column `segment` of `rfm.columns`"),
    ("RfmOptions::with_breaks", "compared with ranks in rfm.rs"),
];

/// `Type::function` of every public function in the sources of the core.
fn public_functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            public_functions(&path, found);
            continue;
        }
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
    }
    for definition in Definition::ALL {
        let mut camel = String::new();
        for (i, word) in definition.name.split('_').enumerate() {
            let (first, rest) = word.split_at(1);
            camel.push_str(&if i == 0 { first.to_owned() } else { first.to_uppercase() });
            camel.push_str(rest);
        }
        let known = found.contains(&camel) || found.contains(definition.name);
        assert!(known, "no case expects a value of `{camel}`");
    }
}
