//! The report against the calls that it stands for, and its form.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use regulars::{
    CohortMeasure, CohortOptions, CohortReading, ConcentrationOptions, Currency, Definition, FlowOptions,
    Grain, HistoryOptions, LapseAfter, Money, Order, OrderHistory, Period, PurchaseFunnelOptions, Report,
    ReportOptions, RfmOptions, TimeBetweenPurchasesOptions, TimeToSecondPurchaseOptions,
};
use regulars_tests::{history_of, options, orders};
use serde_json::{Value, json};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn order(who: &str, day: &str, cents: i64) -> Order {
    let order = Order::new(date(day), Money::from_minor(cents, Currency::USD));
    if who.is_empty() { order } else { order.customer(who) }
}

fn report(orders: impl IntoIterator<Item = Order>) -> Report {
    let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap();
    history.report(&ReportOptions::default()).unwrap()
}

/// What the report says, by the calls that say the same one by one.
fn one_by_one(history: &OrderHistory, report: &Report, options: &ReportOptions) -> Value {
    let window = history.during(report.headlines.period).unwrap();
    let previous = report.headlines.previous;
    let grain = report.timeline.grain;
    let flow = FlowOptions::from(options.lapse_after);
    let cohort_grain: Grain = report.cohorts.grain.to_string().parse().unwrap();
    let mut cohorts = CohortOptions::by(cohort_grain);
    cohorts.max_index = Some(options.cohort_index);
    let cohorts = history.cohorts(&cohorts).unwrap();
    let table = |measure| cohorts.table(CohortReading::ReturnedIn, measure).unwrap();
    let values = cohorts.table(CohortReading::ReturnedBy, CohortMeasure::RevenuePerCustomer).unwrap();
    json!({
        "summary": history.summary(),
        "current": window.buying(),
        "previous": previous.map(|period| *history.during(period).unwrap().buying()),
        "timeline": history.timeline(grain).unwrap(),
        "flow": window.customer_flow(&flow).unwrap(),
        "flowTimeline": history.flow_timeline(grain, &flow).unwrap(),
        "repurchase": window.repurchase_retention().unwrap(),
        "movements": window.revenue_movements().unwrap(),
        "movementTimeline": history.movement_timeline(grain).unwrap(),
        "secondPurchase": history.time_to_second_purchase(&TimeToSecondPurchaseOptions::default()).unwrap(),
        "gaps": history.time_between_purchases(&TimeBetweenPurchasesOptions::default()),
        "funnel": history.purchase_funnel(&PurchaseFunnelOptions::default()),
        "cohorts": table(CohortMeasure::Rate),
        "cohortValues": values,
        "concentration": history.concentration(&ConcentrationOptions::default()).unwrap(),
        "rfm": history.rfm(&RfmOptions::default()).unwrap().groups,
        "returns": history.returns(),
        "value": history.historic_value(),
    })
}

/// The lines of a text, without spaces at their ends.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

/// Ann buys in January and February, bob in January, cid in February; observation ends within March.
fn three() -> OrderHistory {
    let mut options = HistoryOptions::new(Currency::USD);
    options.observed_until = Some(date("2024-03-10"));
    let orders = [
        order("ann", "2024-01-05", 4000),
        order("bob", "2024-01-20", 1000),
        order("ann", "2024-02-10", 4000),
        order("cid", "2024-02-11", 1000),
    ];
    OrderHistory::from_orders(orders, options).unwrap()
}

/// By hand: 30 days after a purchase ann and bob are active on 1 February, and ann and cid on 1 March; on 10 March ann's
/// and cid's last purchases are 29 and 28 days ago.
#[test]
fn results_display_for_people() {
    let history = three();
    let flow = FlowOptions::from(LapseAfter::Days(30));
    let flows = history.flow_timeline(Grain::Month, &flow).unwrap().to_string();
    assert_eq!(
        lines(&flows),
        [
            "KEEPING   by month, active for 30 days after a purchase",
            "",
            "                at start       new   reactivated   churned    at end  retention    churn",
            "  2024-01              0         2             0         0         2          –        –",
            "  2024-02              2         1             0         1         2     50.0 %   50.0 %",
            "  2024-03              2         0             0         0         2    100.0 %    0.0 % (open)",
        ]
    );
    let rfm = history.rfm(&RfmOptions::default()).unwrap();
    assert_eq!(rfm.to_string(), rfm.groups.to_string());
    // The best of three brings 80 of 100, and 2 ÷ 3 × (1 × 10 + 2 × 10 + 3 × 80) ÷ 100 − 4 ÷ 3 is 0.467.
    let concentration = history.concentration(&ConcentrationOptions::default()).unwrap().to_string();
    assert!(concentration.contains("80.0 %"), "{concentration}");
    assert!(concentration.contains("Gini 0.467"), "{concentration}");
}

#[test]
fn a_report_displays_as_what_it_holds() {
    let history = three();
    let report = history.report(&ReportOptions::default()).unwrap();
    let text = report.to_string();
    let sections = [
        report.summary.to_string(),
        report.timeline.to_string(),
        report.flow.to_string(),
        report.movements.to_string(),
        report.concentration.to_string(),
        report.rfm.to_string(),
    ];
    let mut from = 0;
    for section in sections {
        let at = text[from..].find(&section).unwrap_or_else(|| panic!("{section} is not in\n{text}"));
        from += at + section.len();
    }
}

proptest! {
    /// One pass for all of it gives what each call gives alone, whose figures are held to naive references elsewhere.
    #[test]
    fn a_report_is_its_calls(
        orders in orders(60),
        options in options(),
        lapse in prop_oneof![
            (1_u32..200).prop_map(LapseAfter::Days),
            (1_u32..6).prop_map(LapseAfter::Months),
            Just(LapseAfter::FromRhythm),
        ],
        grain in prop_oneof![Just(Grain::Month), Just(Grain::WEEK), Just(Grain::Quarter)],
        days in proptest::option::of(1_i64..120),
    ) {
        let Ok(history) = history_of(&orders, &options) else { return Ok(()) };
        let mut options = ReportOptions::default();
        options.lapse_after = lapse;
        options.grain = grain;
        options.cohort_index = 3;
        let start = history.span().start();
        options.period = days.map(|days| Period::new(start + chrono::Days::new(9), start + chrono::Duration::days(9 + days)).unwrap());
        let report = history.report(&options).unwrap();
        let found = json!(report);
        for (section, expected) in one_by_one(&history, &report, &options).as_object().unwrap() {
            prop_assert_eq!(&found[section], expected, "{}", section);
        }
        for headline in &report.headlines.figures {
            let mut camel = headline.name.split('_').map(str::to_owned);
            let first = camel.next().unwrap();
            let key = camel.fold(first, |key, word| key + &word[..1].to_uppercase() + &word[1..]);
            let of = |section: &str| match key.as_str() {
                "repurchaseRetention" => found["repurchase"]["rate"].clone(),
                "retentionRate" => found["flow"]["retentionRate"].clone(),
                key => found[section][key].clone(),
            };
            prop_assert_eq!(json!(headline.now), of("current"), "{}", headline.name);
            if found["current"][&key] != Value::Null {
                let takes_the_past = ["newCustomers", "returningCustomerRate"].contains(&key.as_str());
                let held = report.previous.is_some_and(|previous| previous.reaches_back || !takes_the_past);
                let before = if held { of("previous") } else { Value::Null };
                prop_assert_eq!(json!(headline.before), before, "{}", headline.name);
            }
        }
    }
}

/// Three years of a shop in which everything occurs that a report has a number for.
fn rich() -> Report {
    let mut orders = Vec::new();
    for (who, every) in [("ann", 1), ("bob", 2), ("cid", 5), ("dee", 7), ("eve", 40)] {
        for month in (0..36).step_by(every) {
            let day = format!("{}-{:02}-{:02}", 2021 + month / 12, month % 12 + 1, 1 + every % 28);
            orders.push(
                order(who, &day, 1000 + 100 * i64::try_from(every).unwrap())
                    .cost(Money::from_minor(400, Currency::USD)),
            );
        }
    }
    let usd = |cents| Money::from_minor(cents, Currency::USD);
    orders.push(order("fay", "2022-05-01", 3000).refunded(usd(3000)));
    orders.push(order("bob", "2023-06-09", 3000).refunded(usd(500)).cost(usd(400)));
    orders.push(order("ann", "2023-07-01", -200));
    orders.push(order("", "2023-07-02", 900));
    report(orders)
}

/// Calls `look` with the way to every number or amount of money, list positions left out.
fn numbers<'a>(value: &'a Value, way: &mut Vec<&'a str>, look: &mut impl FnMut(&[&str])) {
    match value {
        Value::Number(_) => look(way),
        Value::Object(map) if map.contains_key("amount") => look(way),
        Value::Array(list) => list.iter().for_each(|item| numbers(item, way, look)),
        Value::Object(map) => {
            for (key, value) in map {
                way.push(key);
                numbers(value, way, look);
                way.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn every_number_has_a_definition() {
    let report = json!(rich());
    let definitions = &report["definitions"];
    let mut used = BTreeSet::new();
    numbers(&report, &mut Vec::new(), &mut |way| {
        let (section, keys) = way.split_first().unwrap();
        if ["version", "headlines", "definitions"].contains(section) {
            return;
        }
        let names = &definitions["figures"][section];
        let key = keys.iter().find(|key| names.get(**key).is_some());
        let key = key.unwrap_or_else(|| panic!("nothing says what {way:?} is"));
        let text = &definitions["texts"][names[*key].as_str().unwrap()];
        assert!(text["formula"].as_str().is_some_and(|text| !text.is_empty()), "{way:?}");
        used.insert(((*section).to_owned(), (*key).to_owned()));
    });
    for headline in report["headlines"]["figures"].as_array().unwrap() {
        let name = headline["name"].as_str().unwrap();
        assert_eq!(definitions["texts"][name], json!(Definition::of(name)), "{name}");
    }
    assert_eq!(report["headlines"]["figures"].as_array().unwrap().len(), 10);
    // And nothing is defined that no report has.
    for (section, names) in definitions["figures"].as_object().unwrap() {
        for key in names.as_object().unwrap().keys() {
            assert!(used.contains(&(section.clone(), key.clone())), "no number at {section}.{key}");
        }
    }
}

#[test]
fn it_prints_within_a_hundred_columns() {
    let small = report([order("ann", "2024-05-01", 100)]);
    for text in [rich().to_string(), small.to_string()] {
        let long = text.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None);
    }
    let text = small.to_string();
    assert!(text.contains("1  order counts\n") && text.contains("1 order "), "{text}");
    assert!(!text.contains(" 1 orders") && !text.contains(" 1 customers"), "{text}");
}

/// An order of the year 2204 where 2024 was meant: the headlines are of months in which nobody bought.
#[test]
fn a_date_far_off_does_not_empty_the_headlines_silently() {
    let months = ["2023-11-02", "2023-12-05", "2024-01-07", "2024-02-03"];
    let mut orders: Vec<Order> = months.iter().map(|day| order("ann", day, 500)).collect();
    orders.push(order("ann", "2204-03-01", 500));
    let report = report(orders);
    let kinds: Vec<Value> = report.remarks.iter().map(|remark| json!(remark)["kind"].clone()).collect();
    assert_eq!(kinds, ["long_silence", "no_orders"]);
    let silence: Period = "2025/2204".parse().unwrap_or("2025-01-01/2204-01-01".parse().unwrap());
    assert_eq!(json!(report.remarks[0])["period"], json!(silence));
    let text = report.to_string();
    assert!(
        text.contains("  ! From 2025-01-01 on there is no order until 2204-01-01: is a date wrong?"),
        "{text}"
    );
    assert!(text.contains("  … 179 years without an order"), "{text}");
}

/// Half of all customers of January buy in February; of March nothing is known yet.
#[test]
fn a_headline_compares_rates_in_points_and_all_else_in_shares() {
    let orders = [
        order("ann", "2024-01-01", 100),
        order("bob", "2024-01-06", 300),
        order("ann", "2024-02-05", 100),
        order("ann", "2024-02-09", 200),
        order("cid", "2024-03-01", 100),
    ];
    let report = report(orders);
    assert_eq!(report.headlines.period, "2024-02".parse().unwrap());
    let figure = |name: &str| report.headlines.figures.iter().find(|figure| figure.name == name).unwrap();
    let (revenue, repeat) = (figure("revenue"), figure("repeat_customer_rate"));
    assert_eq!((revenue.now.to_f64(), revenue.change), (Some(3.0), Some(-0.25)));
    assert_eq!(
        (repeat.now.to_f64(), repeat.before.unwrap().to_f64(), repeat.change),
        (Some(1.0), Some(0.0), Some(1.0))
    );
    // Nobody is known to have bought in December.
    assert_eq!(figure("repurchase_retention").before, None);
    assert_eq!(figure("repurchase_retention").now.to_f64(), Some(0.5));
}

/// The lines that the README shows, but for those that it leaves out with `…`.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = include_str!("../../README.md");
    let (_, block) = readme.split_once("```text\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let sample = include_bytes!("../../crates/regulars-import/data/cdnow_sample.csv");
    let mut options = regulars_import::ImportOptions::default();
    options.currency = Some(Currency::USD);
    let import = regulars_import::read_history(&sample[..], &options).unwrap();
    let printed = import.history.report(&ReportOptions::default()).unwrap().to_string();
    let mut rest = printed.as_str();
    for line in block.lines().filter(|line| line.trim() != "…") {
        let found = rest.find(&format!("{line}\n"));
        rest = &rest[found.unwrap_or_else(|| panic!("`{line}` is not printed")) + line.len()..];
    }
}
