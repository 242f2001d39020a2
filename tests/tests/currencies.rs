//! The table of currencies against another one, of the crate `iso_currency`.

use std::collections::BTreeSet;

use iso_currency::IntoEnumIterator as _;
use regulars::Currency;

/// Codes that only the core has.
const ONLY_OURS: &[(&str, &str)] = &[("ANG", "replaced by XCG in 2025; still in shops' books")];

#[test]
fn decimals_are_those_of_another_table() {
    let mut compared = 0;
    for ours in Currency::all() {
        let theirs = iso_currency::Currency::from_code(ours.code());
        let only_ours = ONLY_OURS.iter().any(|(code, _)| *code == ours.code());
        assert_eq!(theirs.is_none(), only_ours, "{}", ours.code());
        if let Some(theirs) = theirs {
            assert_eq!(Some(u16::from(ours.decimals())), theirs.exponent(), "{}", ours.code());
            compared += 1;
        }
    }
    assert!(compared > 150, "{compared}");
}

/// Codes that only the other table has, and why no shop needs them.
const ONLY_THEIRS: &[(&str, &str)] = &[
    ("BOV", "a fund"),
    ("CHE", "a unit of account"),
    ("CHW", "a unit of account"),
    ("COU", "a unit of account"),
    ("CUC", "withdrawn in 2021"),
    ("MXV", "a unit of account"),
    ("SLL", "replaced by SLE in 2022"),
    ("USN", "a fund"),
    ("XAD", "a unit of account"),
    ("ZWL", "replaced by ZWG in 2024"),
];

#[test]
fn only_what_shops_do_not_sell_in_is_missing() {
    let ours: BTreeSet<String> = Currency::all().map(|currency| currency.code().to_owned()).collect();
    let missing: BTreeSet<String> = iso_currency::Currency::iter()
        .filter(|currency| currency.exponent().is_some())
        .map(|currency| currency.code().to_owned())
        .filter(|code| !ours.contains(code))
        .collect();
    assert_eq!(missing, ONLY_THEIRS.iter().map(|(code, _)| (*code).to_owned()).collect());
}
