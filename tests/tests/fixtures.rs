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
    AmountColumn, Average, Clock, CohortGrain, CohortValue, Columns, Concentration, Currency, Customer,
    CustomerKey, Definition, DiscountedValue, Error, Frequency, Grain, HistoryOptions, Interval, KaplanMeier,
    KeyColumn, Lifespan, LogRank, Moment, Money, Order, OrderColumns, OrderHistory, OrderPolicy, OrderStatus,
    Period, ProfitFigures, Rate, Ratio, Result, RfmGrid, RfmOptions, Scenario, SimpleValue, Strings,
    TimeColumn, TimeUnit, Values, Window, Zone, formula,
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

/// The options of a call, by default its defaults.
fn own_options<T: serde::de::DeserializeOwned + Default>(arguments: &Map<String, Value>) -> T {
    match arguments.get("options") {
        Some(options) => serde_json::from_value(options.clone()).unwrap(),
        None => T::default(),
    }
}

fn count(arguments: &Map<String, Value>, name: &str) -> u64 {
    arguments[name].as_u64().unwrap_or_else(|| panic!("`{name}` is a whole number"))
}

fn float(arguments: &Map<String, Value>, name: &str) -> f64 {
    arguments[name].as_f64().unwrap_or_else(|| panic!("`{name}` is a number"))
}

/// `{"length": 3, "unit": "year"}`.
fn lifespan(value: &Value) -> Result<Lifespan> {
    Lifespan::new(value["length"].as_f64().unwrap(), value["unit"].as_str().unwrap().parse()?)
}

/// `{"times": 2, "per": "month"}`.
fn frequency(value: &Value) -> Result<Frequency> {
    Frequency::new(value["times"].as_f64().unwrap(), value["per"].as_str().unwrap().parse()?)
}

/// Counts by day under `events` and `censored`, or pairs of a day and whether it happened.
fn kaplan_meier(value: &Value) -> KaplanMeier {
    if value.is_array() {
        return KaplanMeier::from_durations(
            serde_json::from_value::<Vec<(u32, bool)>>(value.clone()).unwrap(),
        );
    }
    let counts = |name: &str| -> Vec<u64> { serde_json::from_value(value[name].clone()).unwrap() };
    KaplanMeier::from_counts(&counts("events"), &counts("censored"))
}

/// `{"customers": 100, "spend": 10, "retentionRate": 0.05}`, and `acquiring` where customers come.
fn scenario(value: &Value) -> Result<Scenario> {
    let number = |name: &str| value[name].as_f64().unwrap();
    let scenario = Scenario::new(number("customers"), number("spend"), number("retentionRate"))?;
    match value.get("acquiring") {
        Some(customers) => scenario.acquiring(customers.as_f64().unwrap()),
        None => Ok(scenario),
    }
}

/// The calls of values, survival, simulation and the like on plain numbers.
fn on_numbers(call: &str, arguments: &Map<String, Value>) -> Result<Option<(Value, String)>> {
    let number = |name: &str| float(arguments, name);
    let simple = || {
        let (times, life) = (frequency(&arguments["frequency"])?, lifespan(&arguments["lifespan"])?);
        SimpleValue::new(number("averageOrderValue"), times, life)
    };
    let curve = || {
        let curve = kaplan_meier(&arguments["durations"]);
        match arguments.get("level") {
            Some(level) => curve.with_level(level.as_f64().unwrap()),
            None => Ok(curve),
        }
    };
    let day = || u32::try_from(count(arguments, "day")).unwrap();
    let periods = || u16::try_from(count(arguments, "periods")).unwrap();
    Ok(Some(match call {
        "kaplan_meier" => both(curve()?),
        "kaplan_meier.columns" => table(&curve()?),
        "kaplan_meier.survival" => both(curve()?.survival(day())),
        "kaplan_meier.interval" => both(curve()?.interval(day())),
        "kaplan_meier.at_risk" => both(curve()?.at_risk(day())),
        "kaplan_meier.quantile" => both(curve()?.quantile(number("p"))),
        "kaplan_meier.median" => both(curve()?.median()),
        "log_rank" => {
            let groups: Vec<KaplanMeier> =
                arguments["groups"].as_array().unwrap().iter().map(kaplan_meier).collect();
            both(LogRank::of(&groups))
        }
        "frequency" => {
            let frequency = frequency(&arguments["frequency"])?;
            both(json!({"times": frequency.times(), "per": frequency.per()}))
        }
        "frequency.over" => both(frequency(&arguments["frequency"])?.over(lifespan(&arguments["lifespan"])?)),
        "lifespan" => {
            let lifespan = lifespan(&arguments["lifespan"])?;
            both(json!({"length": lifespan.length(), "unit": lifespan.unit()}))
        }
        "lifespan.in_units" => {
            both(lifespan(&arguments["lifespan"])?.in_units(text(arguments, "unit").parse()?))
        }
        "lifespan.of" => both(Lifespan::of(text(arguments, "period").parse()?)),
        "simple_value" => both(simple()?),
        "margin_value" => both(simple()?.with_margin(number("margin"))?),
        "value_to_cost" => both(simple()?.with_margin(number("margin"))?.against(number("acquisitionCost"))?),
        "discounted_value" => both(DiscountedValue::new(
            number("margin"),
            number("retentionRate"),
            text(arguments, "every").parse()?,
            &own_options(arguments),
        )?),
        "concentration" => {
            let totals: Vec<i64> = serde_json::from_value(arguments["totals"].clone()).unwrap();
            let currency = Currency::new(text(arguments, "currency"))?;
            both(Concentration::of_minor(totals, currency, &own_options(arguments))?)
        }
        "simulate" => both(scenario(&arguments["scenario"])?.simulate(periods())),
        "simulate.columns" => table(&scenario(&arguments["scenario"])?.simulate(periods())),
        "compare" => both(scenario(&arguments["base"])?.compare(&scenario(&arguments["other"])?, periods())),
        "compare.columns" => {
            table(&scenario(&arguments["base"])?.compare(&scenario(&arguments["other"])?, periods()))
        }
        "profit_lift" => {
            let mut figures = ProfitFigures::new(number("margin"), number("retentionRate"))?;
            figures.acquisition_cost = arguments.get("acquisitionCost").map_or(0.0, |n| n.as_f64().unwrap());
            figures.discount_rate = arguments.get("discountRate").map_or(0.0, |n| n.as_f64().unwrap());
            both(figures.lift(number("change"))?)
        }
        "cohort_grain.parse" => both(text(arguments, "text").parse::<CohortGrain>()?),
        "cohort_grain.days" => both(CohortGrain::days(u32::try_from(count(arguments, "days")).unwrap())),
        "ratio" => {
            let whole = |name: &str| arguments[name].as_i64().unwrap();
            both(Ratio::new(whole("numerator"), whole("denominator")))
        }
        "rfm_grid" => both(RfmGrid::standard(u8::try_from(count(arguments, "bins")).unwrap())),
        "rfm_grid.name" => {
            let rows: Vec<Vec<String>> = serde_json::from_value(arguments["rows"].clone()).unwrap();
            let score = |name: &str| u8::try_from(count(arguments, name)).unwrap();
            both(RfmGrid::new(rows).name(score("recency"), score("frequencyMonetary")))
        }
        _ => return Ok(None),
    }))
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
        if let Some(result) = on_numbers(call, arguments)? {
            return Ok(Some(result));
        }
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
            "period.new" => both(Period::new(date("start"), date("end"))?),
            "period.before" => both(text(arguments, "text").parse::<Period>()?.before()),
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
    let arguments = &case.arguments;
    match case.call.strip_prefix("during.") {
        Some(metric) => of_period(metric, &history.during(text(arguments, "period"))?, arguments),
        None => of_history(&case.call, &history, arguments),
    }
}

fn of_period(metric: &str, window: &Window<'_>, arguments: &Map<String, Value>) -> Result<(Value, String)> {
    Ok(match metric {
        "period" => both(window.period()),
        "buying" => both(window.buying()),
        "repeat_customer_rate" => both(window.repeat_customer_rate()),
        "returning_customer_rate" => both(window.returning_customer_rate()),
        "existing_customer_share" => both(window.existing_customer_share()),
        "purchase_frequency" => both(window.purchase_frequency()),
        "average_order_value" => both(window.average_order_value()),
        "average_revenue_per_customer" => both(window.average_revenue_per_customer()),
        "revenue_split" => both(window.revenue_split()),
        "customer_flow" => both(window.customer_flow(&own_options(arguments))),
        "repurchase_retention" => both(window.repurchase_retention()?),
        "revenue_movements" => both(window.revenue_movements()?),
        "simple_value" => both(window.simple_value(lifespan(&arguments["lifespan"])?)),
        "profit_figures" => {
            both(window.profit_figures(float(arguments, "margin"), float(arguments, "retentionRate"))?)
        }
        other => panic!("unknown call `during.{other}`"),
    })
}

fn of_history(call: &str, history: &OrderHistory, arguments: &Map<String, Value>) -> Result<(Value, String)> {
    let grain = || text(arguments, "grain").parse::<Grain>();
    let customer = || CustomerKey::new(text(arguments, "customer")).unwrap();
    let cohorts = || history.cohorts(&own_options(arguments));
    let cohort_table =
        || cohorts()?.table(text(arguments, "reading").parse()?, text(arguments, "measure").parse()?);
    let months = |name: &str| {
        let [first, last] = serde_json::from_value::<[u32; 2]>(arguments[name].clone()).unwrap();
        first..=last
    };
    Ok(match call {
        "history.summary" => both(history.summary()),
        "history.span" => both(history.span()),
        "history.observed_until" => both(history.observed_until()),
        "history.left_out" => both(history.left_out()),
        "history.customers" => both(history.customers()),
        "history.options" => both(history.options()),
        "history.orders_of" => both(history.orders_of(&customer())),
        "history.report" => both(history.report(&own_options(arguments))?),
        "timeline" => both(history.timeline(grain()?)?),
        "timeline.columns" => table(&history.timeline(grain()?)?),
        "flow_timeline" => both(history.flow_timeline(grain()?, &own_options(arguments))?),
        "flow_timeline.columns" => table(&history.flow_timeline(grain()?, &own_options(arguments))?),
        "movement_timeline" => both(history.movement_timeline(grain()?)?),
        "movement_timeline.columns" => table(&history.movement_timeline(grain()?)?),
        "time_between_purchases" => both(history.time_between_purchases(&own_options(arguments))),
        "time_between_purchases.columns" => table(&history.time_between_purchases(&own_options(arguments))),
        "purchase_funnel" => both(history.purchase_funnel(&own_options(arguments))),
        "purchase_funnel.columns" => table(&history.purchase_funnel(&own_options(arguments))),
        "time_to_second_purchase" => both(history.time_to_second_purchase(&own_options(arguments))?),
        "time_to_second_purchase.columns" => {
            table(&history.time_to_second_purchase(&own_options(arguments))?)
        }
        "cohorts" => both(cohorts()?),
        "cohorts.columns" => table(&cohorts()?),
        "cohorts.table" => both(cohort_table()?),
        "cohorts.table.columns" => table(&cohort_table()?),
        "cohorts.values" => {
            let numbers = cohort_table()?.rows.into_iter().map(|row| {
                row.cells.into_iter().map(|cell| cell.and_then(CohortValue::to_f64)).collect::<Vec<_>>()
            });
            both(numbers.collect::<Vec<_>>())
        }
        "history.concentration" => both(history.concentration(&own_options(arguments))?),
        "history.concentration.columns" => table(&history.concentration(&own_options(arguments))?),
        "spend_by_tenure" => both(history.spend_by_tenure(&own_options(arguments))),
        "spend_by_tenure.columns" => table(&history.spend_by_tenure(&own_options(arguments))),
        "tenure_ratio" => both(history.tenure_ratio(months("band"), months("base"))?),
        "returns" => both(history.returns()),
        "historic_value" => both(history.historic_value()),
        "historic_value_of" => both(history.historic_value_of(&customer())),
        "payback" => both(history.payback(float(arguments, "acquisitionCost"), float(arguments, "margin"))?),
        "rfm" => both(history.rfm(&own_options(arguments))?),
        // By customer, as the order of a history is that of its keys' hashes.
        "rfm.customers" => {
            let rfm = history.rfm(&own_options(arguments))?;
            let rows: BTreeMap<String, Value> = (0..rfm.customers.len())
                .map(|row| {
                    let customers = &rfm.customers;
                    let segment = rfm.segment_of(row).unwrap().name.as_str();
                    let figures = json!({
                        "recency": customers.recency[row], "frequency": customers.frequency[row],
                        "monetaryMinor": customers.monetary_minor[row], "segment": segment,
                        "r": customers.r[row], "f": customers.f[row], "m": customers.m[row],
                    });
                    (customers.key(row).unwrap().to_string(), figures)
                })
                .collect();
            both(rows)
        }
        "rfm.columns" => table(&history.rfm(&own_options(arguments))?),
        // The same customers, scored again by the thresholds as of another day.
        "rfm.again" => {
            let date = text(arguments, "observedUntil").parse().unwrap();
            let before = history.clone().observe_until(Some(date))?.rfm(&own_options(arguments))?;
            let options: RfmOptions = own_options(arguments);
            both(history.rfm(&options.with_breaks(&before.breaks))?)
        }
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
    ("Average::new", &["average"]),
    ("Clock::date", &["clock.date"]),
    ("CohortGrain::days", &["cohort_grain.days"]),
    ("CohortValue::to_f64", &["cohorts.values"]),
    ("Cohorts::table", &["cohorts.table", "cohorts.table.columns"]),
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
    ("Window::average_order_value", &["during.average_order_value"]),
    ("Window::average_revenue_per_customer", &["during.average_revenue_per_customer"]),
    ("Window::buying", &["during.buying"]),
    ("Window::customer_flow", &["during.customer_flow"]),
    ("Window::existing_customer_share", &["during.existing_customer_share"]),
    ("Window::period", &["during.period"]),
    ("Window::profit_figures", &["during.profit_figures"]),
    ("Window::purchase_frequency", &["during.purchase_frequency"]),
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
    ("RfmCustomers::is_empty", "says what is in the columns"),
    ("RfmCustomers::len", "says what is in the columns"),
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
