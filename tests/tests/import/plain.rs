use regulars::{Currency, CustomerKey};
use regulars_import::{Mapping, Note, OrderReader, Source, read_history};

use crate::{assert_accounted, options, read, shared};

const CDNOW: &[u8] = include_bytes!("../../../crates/regulars-import/data/cdnow_sample.csv");
const EN: &[u8] = include_bytes!("../../fixtures/import/woocommerce_analytics_en.csv");
const FR: &[u8] = include_bytes!("../../fixtures/import/woocommerce_analytics_fr.csv");
const OTHER: &[u8] = include_bytes!("../../fixtures/import/woocommerce_analytics_nl.csv");
const WOOCOMMERCE: &[u8] = include_bytes!("../../fixtures/import/woocommerce_orders.csv");
const SEMICOLONS: &[u8] = include_bytes!("../../fixtures/import/semicolons.csv");

#[test]
fn exports_without_customers_are_refused() {
    for file in [EN, FR, OTHER] {
        let error = read_history(file, &options("{}")).unwrap_err();
        assert_eq!(error.code(), "woocommerce_analytics");
        assert!(error.to_string().contains("`billing_email`"));
    }
    for name in ["woocommerce_orders_fake_en.csv", "woocommerce_orders_fake_fr.csv"] {
        let Some(file) = shared(name) else { return };
        let error = read_history(file.as_slice(), &options(r#"{"currency": "USD"}"#)).unwrap_err();
        assert_eq!(error.code(), "woocommerce_analytics");
    }
}

#[test]
fn guests_of_woocommerce_are_known_by_their_address() {
    let import = read_history(WOOCOMMERCE, &options("{}")).unwrap();
    assert_eq!(import.source, Source::WooCommerce);
    let summary = import.history.summary();
    assert_accounted(&summary);
    // Five orders: customer 7 twice, one guest with an address, one without, and one that is on hold.
    assert_eq!((summary.given, summary.orders, summary.customers), (5, 4, 2));
    assert_eq!(summary.unidentified.numerator, 1);
    assert_eq!(summary.revenue.to_string(), "85.50 EUR");
    assert_eq!(import.history.orders_of(&CustomerKey::new("guest@example.com").unwrap()).len(), 1);
    assert_eq!(
        import.notes,
        [
            Note::CurrencyFromFile { currency: Currency::EUR },
            Note::Guests { value: "0".into(), orders: 2 },
            Note::AmountsAreTotals { column: "order_total".into() },
        ]
    );
}

#[test]
fn semicolons_bring_decimal_commas() {
    let import =
        read_history(SEMICOLONS, &options(r#"{"currency": "EUR", "dateFormat": "%d.%m.%Y"}"#)).unwrap();
    let summary = import.history.summary();
    assert_eq!(summary.revenue.to_string(), "1247.49 EUR");
    assert_eq!(summary.span.to_string(), "2024-01-31/2024-03-02");
    assert_eq!(import.notes, [Note::DecimalCommas { amounts: 2 }]);
}

#[test]
fn a_mapping_goes_before_guesses_and_shop_systems() {
    let file =
        "Name,Financial Status,Created at,Total,Lineitem name,Email\n#1,paid,2024-01-05,12.00,Mug,a@x.org\n";
    let given = options(r#"{"currency": "USD", "mapping": {"orderId": "name", "channel": "Lineitem name"}}"#);
    let import = read_history(file.as_bytes(), &given).unwrap();
    assert_eq!(import.source, Source::Csv);
    assert_eq!(
        import.columns.to_string(),
        "email from `Email` (guessed)\nplaced_at from `Created at` (guessed)\namount from `Total` (guessed)\n\
         order_id from `Name` (named)\nstatus from `Financial Status` (guessed)\nchannel from `Lineitem name` (named)"
    );
    // What was guessed can be written down and used again.
    let mut again = given.clone();
    again.mapping = Some(import.columns.mapping());
    assert_eq!(read_history(file.as_bytes(), &again).unwrap().history, import.history);
    let mapping = import.columns.mapping();
    let json = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
}

#[test]
fn every_column_reaches_its_order() {
    let file = "\
customer_id\temail\tdate\tamount\torder_id\trefunded\trefunded_on\tstatus\tcurrency\tcost\tdiscount\tchannel
x7\tA@x.org\t2024/05/17 23:30 -0500\t35.20\t9\t5.20\t20240601\twc-completed\tusd\t10\t1.5\tads
";
    let mut reader = OrderReader::new(file.as_bytes(), &options(r#"{"zone": "UTC"}"#)).unwrap();
    let order = reader.next().unwrap().unwrap();
    let usd = |minor| Some(regulars::Money::from_minor(minor, Currency::USD));
    assert_eq!(order.placed, regulars::Moment::Instant("2024-05-18T04:30:00Z".parse().unwrap()));
    assert_eq!(order.refunded_on, Some(regulars::Moment::Day("2024-06-01".parse().unwrap())));
    assert_eq!(
        (Some(order.amount), order.refunded, order.cost, order.discount),
        (usd(3520), usd(520), usd(1000), usd(150))
    );
    assert_eq!((order.customer, order.email), (CustomerKey::new("x7"), CustomerKey::new("a@x.org")));
    assert_eq!((order.id, order.channel.as_deref()), (CustomerKey::new("9"), Some("ads")));
    assert_eq!(order.status, regulars::OrderStatus::Paid);
    assert!(reader.next().is_none());
}

#[test]
fn the_currency_that_is_named_says_how_fine_amounts_are() {
    let file = "customer,date,amount,currency\nann,2024-05-17,1.239,eur\n";
    for json in [r#"{"currency": "EUR:3"}"#, r#"{"currency": "EUR", "decimals": 3}"#, r#"{"decimals": 3}"#] {
        let summary = read_history(file.as_bytes(), &options(json)).unwrap().history.summary();
        assert_eq!(summary.revenue.to_string(), "1.239 EUR", "{json}");
    }
}

#[test]
fn bytes_before_and_blank_rows_between_are_no_orders() {
    let import =
        read("\u{feff}\r\n\r\ncustomer,date,amount,currency\r\n\r\n,,,\r\nann,2024-05-17,1,USD\r\n   \r\n")
            .unwrap();
    assert_eq!(import.history.summary().given, 1);
    assert!(import.notes.contains(&Note::BlankRows { rows: 1 }));
}

#[test]
fn orders_that_come_again_count_once() {
    let twice = "customer,date,amount,order_id,currency\nann,2024-05-17,1,9,USD\nann,2024-05-17,1,9,USD\n";
    let summary = read(twice).unwrap().history.summary();
    assert_eq!((summary.given, summary.orders, summary.repeated), (2, 1, 1));
}

#[test]
fn a_negative_order_is_a_credit_note_that_is_counted() {
    let file = "customer,date,amount,currency\nann,2024-05-17,10,USD\nann,2024-05-18,-4,USD\n";
    let summary = read(file).unwrap().history.summary();
    assert_eq!((summary.orders, summary.credit_notes, summary.revenue.minor()), (1, 1, 600));
}

/// CDNOW as distributed with `lifetimes`: 6 919 rows of 2 357 customers, 8 of them over nothing.
#[test]
fn cdnow_is_read_by_guesses() {
    let import = read_history(CDNOW, &options(r#"{"currency": "USD"}"#)).unwrap();
    let summary = import.history.summary();
    assert_accounted(&summary);
    assert_eq!((summary.given, summary.orders), (6_919, 6_911));
    assert_eq!(import.history.orders_of(&CustomerKey::new("00004").unwrap()).len(), 4);
    assert!(import.notes.is_empty());
}

/// UCI Online Retail, an invoice a row: 25 900 of them by 4 372 customers, 3 836 of which are credit notes.
#[test]
fn online_retail_is_read_by_guesses() {
    let Some(file) = shared("online_retail_orders.csv") else { return };
    let error = read_history(file.as_slice(), &options("{}")).unwrap_err();
    assert_eq!(error.code(), "amount_too_fine");

    let import = read_history(file.as_slice(), &options(r#"{"decimals": 3}"#)).unwrap();
    let summary = import.history.summary();
    assert_accounted(&summary);
    assert_eq!(summary.given, 25_900);
    assert_eq!(import.notes, [Note::CurrencyFromFile { currency: Currency::GBP.with_decimals(3).unwrap() }]);
    // The sum of the file's own column, by another reader of numbers.
    let mut sum = 0.0;
    for record in csv::Reader::from_reader(file.as_slice()).records() {
        sum += record.unwrap()[3].parse::<f64>().unwrap();
    }
    assert!((summary.revenue.to_f64() - sum).abs() < 0.01, "{} against {sum}", summary.revenue);
}
