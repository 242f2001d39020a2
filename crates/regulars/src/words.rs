//! Numbers and sentences for people.

use core::fmt::{self, Display, Formatter};

use serde::{Serialize, Serializer};

use crate::money::{Currency, Money};

pub(crate) const CUSTOMERS: [&str; 2] = ["customer", "customers"];
pub(crate) const ORDERS: [&str; 2] = ["order", "orders"];

/// So many things, by the word for one and for many.
pub(crate) fn counted(count: u64, [one, many]: [&str; 2]) -> String {
    format!("{} {}", grouped(count.into()), if count == 1 { one } else { many })
}

/// A whole number with its thousands set apart: `12,345`.
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Money without its currency.
pub(crate) fn units(money: Money) -> String {
    set_apart(&money.decimal())
}

/// Money in a sentence: of amounts that are kept finer than their currency has them, zeros say nothing there.
pub(crate) fn in_words(money: Money) -> String {
    let own = Currency::new(money.currency().code()).map_or(0, |currency| currency.decimals().into());
    let mut decimal = money.decimal();
    while decimal.split_once('.').is_some_and(|(_, digits)| digits.len() > own && digits.ends_with('0')) {
        decimal.pop();
    }
    format!("{} {}", decimal.trim_end_matches('.'), money.currency())
}

/// A decimal number with its thousands set apart: `-1,234.50`.
pub(crate) fn set_apart(decimal: &str) -> String {
    let (units, decimals) = decimal.split_once('.').unwrap_or((decimal, ""));
    let sign = if units.starts_with('-') { "-" } else { "" };
    let units = units.trim_start_matches('-').parse().map_or(units.to_owned(), grouped);
    if decimals.is_empty() { format!("{sign}{units}") } else { format!("{sign}{units}.{decimals}") }
}

/// A text of any length in lines of 100 columns, each after the first indented like it. A number and its `%` stay together.
pub(crate) fn write_wrapped(f: &mut Formatter<'_>, start: &str, text: &str) -> fmt::Result {
    let indent = start.chars().count();
    let mut line = start.to_owned();
    let mut empty = true;
    let words: Vec<&str> = text.split(' ').collect();
    let words = words.chunk_by(|_, next| next.starts_with('%'));
    for word in words.map(|words| words.join(" ")) {
        if !empty && line.chars().count() + 1 + word.chars().count() > 100 {
            writeln!(f, "{line}")?;
            line = " ".repeat(indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(&word);
        empty = false;
    }
    writeln!(f, "{line}")
}

/// A list whose entries have in JSON, beside their fields, the `sentence` that they display as: it is worded here, and every
/// language shows the same one.
pub(crate) fn with_sentences<T: Serialize + Display, S: Serializer>(
    list: &[T],
    to: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Said<'a, T> {
        #[serde(flatten)]
        what: &'a T,
        sentence: String,
    }
    to.collect_seq(list.iter().map(|what| Said { what, sentence: what.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_no_zeros_beyond_the_decimals_of_its_currency() {
        for (amount, currency, told) in [
            ("3385.3200", "GBP", "3385.32 GBP"),
            ("-3385.0000", "GBP", "-3385.00 GBP"),
            ("5.1250", "GBP", "5.125 GBP"),
            ("1200.0000", "JPY", "1200 JPY"),
            ("1200.5000", "JPY", "1200.5 JPY"),
        ] {
            let kept = Currency::new(currency).and_then(|currency| currency.with_decimals(4)).unwrap();
            assert_eq!(in_words(Money::parse(amount, kept).unwrap()), told);
        }
        assert_eq!(in_words(Money::from_minor(3000, Currency::USD)), "30.00 USD");
        assert_eq!(in_words(Money::from_minor(3000, Currency::JPY)), "3000 JPY");
    }
}
