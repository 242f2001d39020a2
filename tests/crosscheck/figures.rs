//! Prints the figures of a file of orders as JSON, for `crosscheck.py` to compare with its own.
//!
//! `figures cdnow <file>` or `figures online-retail <file>`. Of a file with the columns `refunded`, `refunded_on` and `cost`, any
//! cell of which may be empty, it prints returns and values alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper of tests fails loudly")]

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use chrono::NaiveDate;
use regulars::{
    AmountColumn, ConcentrationOptions, Currency, Grain, HistoryOptions, KeyColumn, LogRank, OrderColumns,
    OrderHistory, PurchaseFunnelOptions, TenureOptions, TimeBetweenPurchasesOptions, TimeColumn,
    TimeToSecondPurchaseOptions,
};
use regulars::{BacktestOptions, Flag, SegmentOptions, SegmentRule};
use regulars::{CohortGrain, CohortMeasure, CohortOptions, CohortReading, RfmOptions, RfmWindow};
use regulars::{CustomerKey, DiscountOptions, DiscountedValue, Lifespan, Moment};
use regulars::{FlowOptions, LapseAfter};
use serde_json::{Map, Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, file] = arguments.as_slice() else { panic!("usage: figures cdnow|online-retail <file>") };
    let mut reader = csv::Reader::from_path(file).expect(file);
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).expect("a column of that name");
    let (id, time, currency, periods) = match kind.as_str() {
        "cdnow" => (None, "date", Currency::USD, ["1997", "1997-Q1", "1998", "1997-02-10/1998-05-03"]),
        "online-retail" => (
            Some(place("order_id")),
            "ts",
            Currency::GBP.with_decimals(3).unwrap(),
            ["2011", "2011-Q4", "2010-12", "2011-02-10/2011-05-03"],
        ),
        other => panic!("unknown file `{other}`"),
    };
    let (customer, time, amount) = (place("customer_id"), place(time), place("amount"));
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let column = |at: usize| rows.iter().map(|row| row.get(at).unwrap()).collect::<Vec<&str>>();
    let (customers, amounts) = (column(customer), column(amount));
    let ids = id.map(column);
    let days: Vec<NaiveDate> =
        column(time).iter().map(|text| text.get(..10).unwrap().parse().unwrap()).collect();

    let (customers, amounts, ids) = (customers.as_slice(), amounts.as_slice(), ids.as_deref());
    let mut orders = OrderColumns::new(TimeColumn::Dates(&days), AmountColumn::Texts(&amounts));
    orders.customers = Some(KeyColumn::Texts(&customers));
    orders.ids = ids.as_ref().map(|ids| KeyColumn::Texts(ids));
    if let Some(refunded) = header.iter().position(|name| name == "refunded") {
        let (refunded, costs) = (column(refunded), column(place("cost")));
        let (refunded, costs) = (refunded.as_slice(), costs.as_slice());
        let refund_days = column(place("refunded_on")).into_iter();
        let refund_days: Vec<Option<Moment>> =
            refund_days.map(|day| day.parse().ok().map(Moment::Day)).collect();
        orders.refunded = Some(AmountColumn::Texts(&refunded));
        orders.refunded_on = Some(TimeColumn::Moments(&refund_days));
        orders.costs = Some(AmountColumn::Texts(&costs));
        let history = OrderHistory::from_columns(&[orders], HistoryOptions::new(currency)).unwrap();
        println!("{}", worth(&history, &periods, customers));
        return;
    }
    let history = OrderHistory::from_columns(&[orders], HistoryOptions::new(currency)).unwrap();
    let periods = periods.map(|period| *history.during(period).unwrap().buying());
    let between = history.time_between_purchases(&TimeBetweenPurchasesOptions::default());
    let second = history.time_to_second_purchase(&TimeToSecondPurchaseOptions::default()).unwrap();
    let timeline = |grain| history.timeline(grain).unwrap().periods;
    let tenure = |months| {
        let mut options = TenureOptions::default();
        options.months_per_band = NonZeroU32::new(months).unwrap();
        history.spend_by_tenure(&options)
    };
    let figures = json!({
        "summary": history.summary(),
        "concentration": history.concentration(&ConcentrationOptions::default()).unwrap(),
        "tenure": { "1": tenure(1), "3": tenure(3) },
        "tenureRatio": history.tenure_ratio(7..=9, 1..=3).unwrap(),
        "historicValue": history.historic_value(),
        "retention": retention(&history),
        "cohorts": cohorts(&history),
        "rfm": rfm(&history),
        "segments": segments(&history, kind),
        "periods": periods,
        "months": timeline(Grain::Month),
        "weeks": timeline(Grain::WEEK),
        "days": timeline(Grain::Day),
        // The two curves share customers, so that the test means nothing: it is there to be computed twice.
        "logRank": LogRank::of(&[second.curve.clone(), between.curve.clone()]),
        "timeBetweenPurchases": between,
        "timeToSecondPurchase": second,
        "purchaseFunnel": history.purchase_funnel(&PurchaseFunnelOptions::default()),
    });
    println!("{figures}");
}

/// For `worth.py`.
fn worth(history: &OrderHistory, periods: &[&str], customers: &[&str]) -> Value {
    let lifespan = Lifespan::new(2.0, Grain::Year).unwrap();
    let simple = |period: &&str| {
        let simple = history.during(*period).unwrap().simple_value(lifespan)?;
        let margin = simple.with_margin(0.4).unwrap();
        let against = [0.0, 5.0, 40.0, 1e6].map(|cost| margin.against(cost).unwrap());
        Some(json!({ "simple": simple, "margin": margin, "against": against }))
    };
    let payback = |(cost, margin)| json!(history.payback(cost, margin).unwrap());
    let discounted = |(first_margin, every): (bool, Grain)| {
        let mut options = DiscountOptions::default();
        options.first_margin = first_margin;
        json!(DiscountedValue::new(100.0, 0.8, every, &options).unwrap())
    };
    let costs = [(5.0, 0.4), (20.0, 0.4), (100.0, 0.4), (1e6, 0.4), (20.0, -0.1), (0.0, 0.4)];
    let ways = [(false, Grain::Year), (true, Grain::Year), (false, Grain::Month)];
    let keys: BTreeSet<CustomerKey> = customers.iter().filter_map(|who| CustomerKey::new(who)).collect();
    let of_customer = |key: &CustomerKey| (key.to_string(), json!(history.historic_value_of(key)));
    json!({
        "returns": history.returns(),
        "historic": history.historic_value(),
        "customers": keys.iter().map(of_customer).collect::<Map<String, Value>>(),
        "simple": periods.iter().map(simple).collect::<Vec<_>>(),
        "payback": costs.map(payback),
        "discounted": ways.map(discounted),
    })
}

/// For `retention.py`.
fn retention(history: &OrderHistory) -> Value {
    let by_grain = |figures: &dyn Fn(Grain) -> Value| -> Value {
        let grains = ["week", "month", "quarter"];
        grains
            .map(|grain| (grain.to_owned(), figures(grain.parse().unwrap())))
            .into_iter()
            .collect::<Map<String, Value>>()
            .into()
    };
    let flows = |lapse_after: LapseAfter| {
        let options = FlowOptions::from(lapse_after);
        by_grain(&|grain| json!(history.flow_timeline(grain, &options).unwrap().periods))
    };
    json!({
        "flows": {
            "days": flows(LapseAfter::Days(90)),
            "short": flows(LapseAfter::Days(20)),
            "months": flows(LapseAfter::Months(3)),
        },
        "movements": by_grain(&|grain| json!(history.movement_timeline(grain).unwrap().periods)),
        "repurchases": by_grain(&|grain| {
            let periods = grain.periods(history.span()).unwrap().into_iter();
            periods.map(|period| json!(history.during(period).unwrap().repurchase_retention().unwrap())).collect()
        }),
    })
}

/// For `cohorts.py`.
fn cohorts(history: &OrderHistory) -> Value {
    let of = |grain: &str| {
        let options = CohortOptions::by(grain.parse::<CohortGrain>().unwrap());
        let cohorts = history.cohorts(&options).unwrap();
        let table = |measure| cohorts.table(CohortReading::ReturnedIn, measure).unwrap();
        let (rate, value) = (table(CohortMeasure::Rate), table(CohortMeasure::RevenuePerCustomer));
        (grain.to_owned(), json!({ "cells": cohorts, "rate": rate, "revenuePerCustomer": value }))
    };
    ["week", "month", "quarter", "30-days"].map(of).into_iter().collect::<Map<String, Value>>().into()
}

/// For `cohorts.py`.
fn rfm(history: &OrderHistory) -> Value {
    let mut days = RfmOptions::default();
    days.window = RfmWindow::Days(90);
    json!({ "all": history.rfm(&RfmOptions::default()).unwrap(), "days": history.rfm(&days).unwrap() })
}

/// For `segments.py`: on an earlier day and on the last.
fn segments(history: &OrderHistory, kind: &str) -> Value {
    let earlier: NaiveDate = if kind == "cdnow" { "1998-01-01" } else { "2011-10-01" }.parse().unwrap();
    let of = |day: NaiveDate| {
        let then = history.observe_until(Some(day)).unwrap();
        let rule = SegmentRule::fit(&then, &SegmentOptions::default()).unwrap();
        let segments = rule.classify(&then).unwrap();
        let customers = (0..segments.len()).map(|row| {
            let assessment = segments.assessment(row).unwrap();
            let too_few = assessment.flags.contains(&Flag::ThinOutlook);
            let figures = json!([assessment.segment, assessment.value.minor(), assessment.outlook, too_few]);
            (assessment.customer.to_string(), figures)
        });
        json!({
            "asOf": day,
            "horizonDays": rule.outlook.horizon_days,
            "valueCut": rule.value_cut,
            "outlookCut": rule.outlook_cut,
            "counts": segments.counts(),
            "customers": customers.collect::<Map<String, Value>>(),
            "backtest": rule.backtest(history, day, &BacktestOptions::default()).ok(),
        })
    };
    json!([of(earlier), of(history.observed_until())])
}
