use std::collections::{BTreeMap, BTreeSet};

use regulars::{Currency, CustomerKey, LeftOut, Money};
use regulars_import::{
    ImportError, ImportOptions, Note, OrderReader, ShopifyOrder, ShopifyReader, Source, read_history,
};

use crate::shop_export::{ShopExport, Truth, shop_export};
use crate::{assert_accounted, leaving_out_others, options, shared};

fn raw_orders(file: &[u8]) -> Vec<ShopifyOrder> {
    ShopifyReader::new(file, &ImportOptions::default()).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn every_order_is_as_the_shop_has_it() {
    for (seed, line_end) in [(1, "\n"), (2, "\r\n"), (3, "\n"), (4, "\r\n"), (5, "\n")] {
        let export = shop_export(seed, 300, line_end);
        let orders = raw_orders(export.csv.as_bytes());
        assert_eq!(orders.len(), export.orders.len());
        for (order, truth) in orders.iter().zip(&export.orders) {
            let currency: Currency = truth.currency.parse().unwrap();
            let money = |cents| Money::from_minor(cents, currency);
            assert_eq!(order.name, truth.name);
            assert_eq!(order.id, truth.id, "{truth:?}");
            assert_eq!(
                order.customer_key(),
                truth.customer.as_deref().and_then(CustomerKey::new),
                "{truth:?}"
            );
            assert_eq!(order.created_at, truth.created, "{truth:?}");
            assert_eq!(order.created_at.naive_local(), truth.local().naive_local(), "{truth:?}");
            assert_eq!(order.total, money(truth.total()), "{truth:?}");
            assert_eq!(order.net_sales().unwrap(), money(truth.net_sales), "{truth:?}");
            assert_eq!(order.refunded, money(truth.refunded), "{truth:?}");
            assert_eq!(order.financial_status, truth.status, "{truth:?}");
            assert_eq!(order.cancelled_at.is_some(), truth.cancelled, "{truth:?}");
            assert_eq!(order.lines, truth.lines, "{truth:?}");
        }
    }
}

/// The line on which each order begins, found by the search for what only first lines hold.
#[test]
fn lines_are_counted_as_editors_count_them() {
    for line_end in ["\n", "\r\n"] {
        let export = shop_export(7, 100, line_end);
        let lines: Vec<&str> = export.csv.split('\n').collect();
        for order in raw_orders(export.csv.as_bytes()) {
            let line = lines[usize::try_from(order.line).unwrap() - 1];
            assert!(line.contains(&order.name), "line {}: {line}", order.line);
        }
    }
}

/// The reason for which the default policy leaves an order out, by the table of which orders count.
fn reason(truth: &Truth) -> Option<LeftOut> {
    if truth.currency != "EUR" {
        return Some(LeftOut::OtherCurrency);
    }
    match truth.status {
        _ if truth.cancelled => Some(LeftOut::Cancelled),
        "pending" | "partially_paid" => Some(LeftOut::Pending),
        "authorized" => Some(LeftOut::Authorized),
        _ if truth.net_sales == 0 => Some(LeftOut::ZeroAmount),
        _ if truth.kept() == 0 => Some(LeftOut::FullyRefunded),
        _ => None,
    }
}

#[test]
fn the_history_counts_what_the_shop_sold() {
    for seed in 10..20 {
        let ShopExport { csv, orders, repeated } = shop_export(seed, 300, "\n");
        let options = leaving_out_others(r#"{"currency": "EUR", "zone": "Europe/Berlin"}"#);
        let import = read_history(csv.as_bytes(), &options).unwrap();
        assert_eq!(import.source, Source::Shopify);
        let summary = import.history.summary();
        assert_accounted(&summary);

        let mut once = BTreeMap::new();
        for truth in &orders {
            once.insert(truth.name.clone(), truth);
        }
        let counting = || once.values().filter(|truth| reason(truth).is_none());
        let mut left_out: BTreeMap<LeftOut, u64> = BTreeMap::new();
        for reason in once.values().filter_map(|truth| reason(truth)) {
            *left_out.entry(reason).or_default() += 1;
        }
        let customers: BTreeSet<_> = counting().filter_map(|truth| truth.customer.clone()).collect();
        let purchases: BTreeSet<_> =
            counting().filter_map(|truth| Some((truth.customer.clone()?, truth.day()))).collect();
        assert_eq!(summary.given, u64::try_from(orders.len()).unwrap());
        assert_eq!(summary.repeated, repeated, "seed {seed}");
        assert_eq!(summary.orders, u64::try_from(counting().count()).unwrap());
        assert_eq!(
            summary.left_out.iter().map(|count| (count.reason, count.orders)).collect::<BTreeMap<_, _>>(),
            left_out
        );
        assert_eq!(summary.customers, u64::try_from(customers.len()).unwrap());
        assert_eq!(summary.purchases, u64::try_from(purchases.len()).unwrap());
        assert_eq!(summary.revenue.minor(), counting().map(|truth| truth.kept()).sum::<i64>());

        let lines = orders.iter().map(|truth| truth.lines).sum();
        let part = |truth: &&Truth| {
            truth.refunded > 0 && truth.refunded < truth.total() && truth.taxes + truth.shipping > 0
        };
        let part_refunds = u64::try_from(orders.iter().filter(part).count()).unwrap();
        let in_doubt = |truth: &&Truth| truth.prices_hold_tax && truth.taxes > 0 && truth.shipping > 0;
        assert_eq!(
            import.notes,
            [
                Note::LinesMerged { lines, orders: summary.given },
                Note::RefundsIncludeTaxOrShipping { orders: part_refunds },
                Note::ShippingMayHoldTax {
                    orders: u64::try_from(orders.iter().filter(in_doubt).count()).unwrap()
                },
            ]
        );
    }
}

#[test]
fn without_a_zone_the_date_is_the_one_written() {
    let export = shop_export(3, 200, "\n");
    let options = leaving_out_others(r#"{"currency": "EUR"}"#);
    let as_written = read_history(export.csv.as_bytes(), &options).unwrap();
    // The shop writes the time of its own clock, so the days are those of its zone.
    let options = leaving_out_others(r#"{"currency": "EUR", "zone": "Europe/Berlin"}"#);
    let zoned = read_history(export.csv.as_bytes(), &options).unwrap();
    assert_eq!(as_written.history.summary().purchases, zoned.history.summary().purchases);
    let orders = u64::try_from(export.orders.len()).unwrap();
    assert!(as_written.notes.contains(&Note::DatesAsWritten { orders }));
}

#[test]
fn totals_are_amounts_where_that_is_asked_for() {
    let export = shop_export(21, 100, "\n");
    let options = leaving_out_others(r#"{"currency": "EUR", "amount": "total"}"#);
    for (order, truth) in OrderReader::new(export.csv.as_bytes(), &options).unwrap().zip(&export.orders) {
        let order = order.unwrap();
        assert_eq!(order.amount.minor(), truth.total());
        assert_eq!(order.refunded.map_or(0, |refund| refund.minor()), truth.refunded);
    }
}

const HEADER: &str = "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem name,\
                      Cancelled at,Refunded Amount\n";

#[track_caller]
fn refused(rows: &str, code: &str, message: &str) -> ImportError {
    let file = format!("{HEADER}{rows}");
    let error = read_history(file.as_bytes(), &options("{}")).unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), (code, message));
    error
}

#[test]
fn a_line_without_its_order_is_refused() {
    let first = "#1,a@x.org,paid,EUR,5.00,0.00,0.80,5.80,2025-10-07 09:50:26 +0200,Mug,,0.00\n";
    let line = |name: &str| format!("{name},a@x.org,,,,,,,2025-10-07 09:50:26 +0200,Tea,,\n");
    refused(
        &line("#1"),
        "orphan_line",
        "line 2 continues order `#1` but does not follow it: the export was sorted or filtered, take it as Shopify wrote it",
    );
    refused(
        &format!("{first}{}", line("#2")),
        "orphan_line",
        "line 3 continues order `#2` but does not follow it: the export was sorted or filtered, take it as Shopify wrote it",
    );
}

#[test]
fn what_a_spreadsheet_did_to_dates_is_refused() {
    refused(
        "#1,a@x.org,paid,EUR,5.00,0.00,0.80,5.80,2025-10-07 09:50,Mug,,0.00\n",
        "invalid_date",
        "line 2, column `Created at`: `2025-10-07 09:50` is not a date such as `2024-05-17`: take the export as Shopify \
         wrote it, with the offset from UTC",
    );
}

#[test]
fn two_currencies_are_refused_with_the_line() {
    refused(
        "#1,a@x.org,paid,EUR,5.00,0.00,0.80,5.80,2025-10-07 09:50:26 +0200,\"M\nu\ng\",,0.00\n\
         #2,b@x.org,paid,CHF,5.00,0.00,0.80,5.80,2025-10-07 09:50:26 +0200,Mug,,0.00\n\
         #3,b@x.org,paid,EUR,5.00,0.00,0.80,5.80,2025-10-07 09:50:26 +0200,Mug,,0.00\n",
        "mixed_currencies",
        "line 5, column `Currency`: found CHF among amounts in EUR: convert it first; an order can also be left out (`other_currencies`: `leave_out`)",
    );
}

#[test]
fn refunds_and_shipping_never_make_goods_negative() {
    let file = format!(
        "{HEADER}\
         #1,a@x.org,partially_refunded,EUR,20.00,4.90,3.80,28.70,2025-10-07 09:50:26 +0200,Mug,,22.00\n\
         #2,a@x.org,refunded,EUR,20.00,4.90,3.80,28.70,2025-10-08 09:50:26 +0200,Mug,,28.70\n\
         #3,a@x.org,refunded,EUR,20.00,4.90,3.80,28.70,2025-10-09 09:50:26 +0200,Mug,,0.00\n\
         #4,a@x.org,paid,EUR,0.00,4.90,0.00,0.00,2025-10-10 09:50:26 +0200,Gift,,0.00\n\
         #5,a@x.org,partially_refunded,EUR,20.00,4.90,3.80,28.70,2025-10-11 09:50:26 +0200,Mug,,5.00\n"
    );
    let import = read_history(file.as_bytes(), &options("{}")).unwrap();
    let summary = import.history.summary();
    assert_accounted(&summary);
    // Only of the last order goods were kept.
    assert_eq!((summary.orders, summary.revenue.minor()), (1, 1_500));
    let left_out: Vec<_> = summary.left_out.iter().map(|count| (count.reason, count.orders)).collect();
    assert_eq!(left_out, [(LeftOut::FullyRefunded, 3), (LeftOut::ZeroAmount, 1)]);
    assert_eq!(
        import.notes,
        [
            Note::CurrencyFromFile { currency: Currency::EUR },
            Note::DatesAsWritten { orders: 5 },
            Note::RefundsIncludeTaxOrShipping { orders: 2 },
            Note::TaxAndShippingBeyondTotal { orders: 1 },
        ]
    );
}

#[test]
fn columns_that_were_taken_out_are_named() {
    let file = "Name,Financial Status,Created at,Total,Lineitem name\n";
    let error = read_history(file.as_bytes(), &options("{}")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the Shopify export lacks `Email`, `Currency`, `Subtotal`, `Shipping`, `Taxes`, `Refunded Amount`, `Cancelled \
         at`: export the orders again and keep every column"
    );
}

/// The export of 600 invented orders that came with the task of this crate, against its own table of truth.
#[test]
fn the_shared_export_agrees_with_its_truth() {
    let Some(file) = shared("shopify_orders_export_fake.csv") else { return };
    let Some(truth) = shared("fake_exports.truth.csv") else { return };
    let mut truth = csv::Reader::from_reader(truth.as_slice());
    let header = truth.headers().unwrap().clone();
    let truth: BTreeMap<String, BTreeMap<String, String>> = truth
        .records()
        .map(|record| {
            let record = record.unwrap();
            let row = header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
            (record[0].to_owned(), row)
        })
        .collect();
    assert_eq!(truth.len(), 600);

    let orders = raw_orders(&file);
    let names: BTreeSet<_> = orders.iter().map(|order| order.name.clone()).collect();
    assert_eq!(names, truth.keys().cloned().collect());
    for order in &orders {
        let row = &truth[&order.name];
        let net =
            if order.financial_status == "voided" { 0 } else { order.total.minor() - order.refunded.minor() };
        let read = [
            ("order_id", order.id.clone().unwrap_or_default()),
            ("customer_key", order.customer_key().map_or(String::new(), |key| key.to_string())),
            ("created_utc", order.created_at.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ("created_local", order.created_at.format("%Y-%m-%dT%H:%M:%S%z").to_string()),
            ("currency", order.currency().to_string()),
            ("total_cents", order.total.minor().to_string()),
            ("refunded_cents", order.refunded.minor().to_string()),
            ("net_cents", net.to_string()),
            ("status", order.financial_status.clone()),
            ("cancelled", u8::from(order.cancelled_at.is_some()).to_string()),
            ("lines", order.lines.to_string()),
        ];
        for (column, value) in read {
            assert_eq!(value, row[column], "{column} of {}", order.name);
        }
    }

    let options = leaving_out_others(r#"{"currency": "USD", "zone": "America/New_York"}"#);
    let summary = read_history(file.as_slice(), &options).unwrap().history.summary();
    assert_accounted(&summary);
    assert_eq!((summary.given, summary.repeated), (601, 1));
}
