//! What is said of an option with a value that it cannot have: which option, what was given, what is expected.

#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use regulars::{AmountColumn, Currency, HistoryOptions, KeyColumn, OrderColumns, OrderHistory, TimeColumn};
use regulars_calls::CallError;

fn history() -> OrderHistory {
    let mut orders =
        OrderColumns::new(TimeColumn::Days(&[19_500, 19_530]), AmountColumn::Minor(&[1000, 2000]));
    orders.customers = Some(KeyColumn::Numbers(&[1, 1]));
    OrderHistory::from_columns(&[orders], HistoryOptions::new(Currency::USD)).unwrap()
}

/// What is said of these calls with these arguments.
#[track_caller]
fn is_said<const N: usize>(cases: [(&str, &str, &str); N]) {
    let history = history();
    for (call, arguments, said) in cases {
        let error = regulars_calls::call(Some(&history), call, arguments).unwrap_err();
        assert_eq!(error.to_string(), said, "{call}({arguments})");
    }
}

#[test]
fn the_option_is_named_with_its_value_and_what_is_expected() {
    is_said([
        // Of another type.
        ("rfm", r#"{"options": {"bins": "5"}}"#, r#"`bins`: expected a whole number from 0 to 255, not "5""#),
        ("rfm", r#"{"options": {"bins": 1.5}}"#, "`bins`: expected a whole number from 0 to 255, not 1.5"),
        ("rfm", r#"{"options": 7}"#, "`options`: expected an object, not 7"),
        (
            "cohorts",
            r#"{"options": {"grain": 3}}"#,
            "`grain`: expected a grain such as `month`, or days such as `30-days`, not 3",
        ),
        (
            "history.report",
            r#"{"options": {"grain": [1]}}"#,
            "`grain`: expected one of `day`, `week`, `week-sun`, `month`, `quarter`, `year`, not a list",
        ),
        (
            "timeline",
            r#"{"grain": 3}"#,
            "`grain`: `3` is not one of day, week, week-sun, month, quarter, year",
        ),
        (
            "simulate",
            r#"{"scenario": {"customers": true}}"#,
            "`scenario.customers`: expected a number, not true",
        ),
        // Out of range.
        ("rfm", r#"{"options": {"bins": 300}}"#, "`bins`: expected a whole number from 0 to 255, not 300"),
        (
            "outlook",
            r#"{"options": {"horizonDays": -1}}"#,
            "`horizonDays`: expected a whole number from 0 to 4294967295, not -1",
        ),
        // A name that is none of those that there are, or no text.
        (
            "segment_rule",
            r#"{"options": {"outlookCut": "mode"}}"#,
            "`outlookCut`: expected one of `repurchaseRate`, `median`, `quantile`, `absolute`, not \"mode\"",
        ),
        (
            "segment_rule",
            r#"{"options": {"outlookCut": 0.5}}"#,
            "`outlookCut`: expected one of `repurchaseRate`, `median`, `quantile`, `absolute`, not 0.5",
        ),
        (
            "cohorts",
            r#"{"options": {"grain": "fortnight"}}"#,
            "`grain`: `fortnight` is not one of day, week, week-sun, month, quarter, year, or days such as `30-days`",
        ),
        // Unknown, with the name that was meant.
        (
            "cohorts",
            r#"{"options": {"grian": "month"}}"#,
            "there is no option `grian` here: did you mean `grain`? There are `grain`, `maxIndex`",
        ),
        (
            "cohorts",
            r#"{"options": {"MaxIndx": 3}}"#,
            "there is no option `MaxIndx` here: did you mean `maxIndex`? There are `grain`, `maxIndex`",
        ),
        (
            "cohorts",
            r#"{"options": {"window": 3}}"#,
            "there is no option `window` here: there are `grain`, `maxIndex`",
        ),
        (
            "tenure_ratio",
            r#"{"band": [1, 2], "base": [3, 4], "bsae": [1, 2]}"#,
            "there is no argument `bsae` here: did you mean `base`? There are `band`, `base`",
        ),
        // Missing.
        ("tenure_ratio", r#"{"band": [1, 2]}"#, "the argument `base` is missing"),
        (
            "simulate",
            r#"{"scenario": {"customers": 1}}"#,
            "`scenario.spend`: it is missing, and has no default",
        ),
        // Further in.
        (
            "tenure_ratio",
            r#"{"band": [1, "x"]}"#,
            r#"`band[1]`: expected a whole number from 0 to 4294967295, not "x""#,
        ),
        ("tenure_ratio", r#"{"band": [1, 2, 3]}"#, "`band`: expected a list of 2, not 3 of them"),
        ("tenure_ratio", r#"{"band": [1]}"#, "`band`: expected a list of 2, not 1 of them"),
        (
            "rfm",
            r#"{"options": {"recencyBreaks": [1, -2]}}"#,
            "`recencyBreaks[1]`: expected a whole number from 0 to 4294967295, not -2",
        ),
        ("backtest", r#"{"at": "spring"}"#, "`at`: `spring` is not a date such as `2024-05-17`"),
    ]);
}

#[test]
fn what_a_choice_takes_and_a_call_knows_is_said() {
    is_said([
        ("rfm", r#"{"options": {"window": "days"}}"#, r#"`window`: `days` takes a value: {"days": …}"#),
        ("rfm", r#"{"options": {"window": {"all": 5}}}"#, r#"`window`: `all` takes no value: "all""#),
        (
            "spend_by_tenure",
            r#"{"options": {"monthsPerBand": 0}}"#,
            "`monthsPerBand`: expected a whole number from 1 to 4294967295, not 0",
        ),
        (
            "average",
            r#"{"total": 5, "count": 2, "curency": "EUR"}"#,
            "there is no argument `curency` here: did you mean `currency`? There are `currency`, `total`, `count`",
        ),
    ]);
}

#[test]
fn options_of_a_history_and_facts_are_named_too() {
    let options = |json| regulars_calls::history_options(json).unwrap_err();
    let facts = |json| regulars_calls::customers(json).unwrap_err();
    for (error, said) in [
        (options("{}"), "`currency`: it is missing, and has no default"),
        (
            options(r#"{"currency": "EUR", "zone": 5}"#),
            "`zone`: expected a time zone such as `Europe/Berlin` or `+02:00`, or an object with its name and its transitions, not 5",
        ),
        (
            options(r#"{"currency": "EUR", "zone": "Europe/Berlim"}"#),
            "`zone`: `Europe/Berlim` is neither an IANA time zone nor an offset such as `+02:00`",
        ),
        (
            options(r#"{"currency": "EUR", "zone": {"name": "x", "transitions": [[0, "a"]]}}"#),
            r#"`zone.transitions[0][1]`: expected a whole number, not "a""#,
        ),
        (
            options(r#"{"currency": "EUR", "policy": {"leaveOut": ["paid", "lost"]}}"#),
            r#"`policy.leaveOut[1]`: expected one of `paid`, `refunded`, `pending`, `authorized`, `on_hold`, `cancelled`, `voided`, `failed`, `test`, `draft`, `deleted`, not "lost""#,
        ),
        (
            options(r#"{"currency": "EUR", "policy": {"countZeroAmounts": true}}"#),
            "there is no option `policy.countZeroAmounts` here: did you mean `countZeroAmount`? There are `leaveOut`, `countZeroAmount`, `countFullyRefunded`, `refundsInPeriods`",
        ),
        (
            options(r#"{"currency": "EUR", "repeatedIds": true}"#),
            "`repeatedIds`: expected one of `refuse`, `keep_last`, not true",
        ),
        (
            facts(r#"[{"key": "ann"}, {"key": "bob", "complaints": "many"}]"#),
            r#"`customers[1].complaints`: expected a whole number from 0 to 4294967295, not "many""#,
        ),
        (facts(r#"[{"key": 5}]"#), "`customers[0].key`: expected text, not 5"),
        (facts(r#"{"key": "ann"}"#), "`customers`: expected a list, not an object"),
    ] {
        assert_eq!(error.to_string(), said);
        assert_eq!(error.code(), "invalid_option");
    }
}

/// No text makes a panic, or an error without a place.
#[test]
fn arguments_that_are_no_json_are_refused() {
    for text in ["[", "7", "{\"a\":", "null", "{\"options\": nul}"] {
        let error = regulars_calls::call(None, "playbook", text).unwrap_err();
        assert!(
            matches!(&error, CallError::InvalidOption { name, .. } if name == "arguments"),
            "{text}: {error}"
        );
    }
}
