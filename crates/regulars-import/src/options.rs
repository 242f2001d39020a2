use chrono::NaiveDate;
use regulars::{Currency, HistoryOptions, OrderPolicy, OtherCurrencies, RepeatedIds, Zone};
use serde::{Deserialize, Serialize};

use crate::mapping::Mapping;

/// How a file is read, and under which rules its orders become a history.
///
/// ```
/// use regulars_import::ImportOptions;
///
/// let mut options = ImportOptions::default();
/// options.zone = Some("Europe/Berlin".parse()?);
///
/// let json = r#"{"zone": "Europe/Berlin"}"#;
/// assert_eq!(serde_json::from_str::<ImportOptions>(json).unwrap(), options);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ImportOptions {
    /// The currency of the history. Left out, that of the first order's own cell, and the result says so.
    pub currency: Option<Currency>,
    /// The decimals that amounts are kept with, where they are finer than the currency's.
    pub decimals: Option<u8>,
    /// The shop's time zone. With it, times with an offset from UTC become days of this zone; without it, the date
    /// counts as it is written, and the result says so. Times without an offset always count as they are written.
    pub zone: Option<Zone>,
    /// Which orders count.
    pub policy: OrderPolicy,
    /// The day on which observation ends, itself no longer observed. Left out, the day after the last order.
    pub observed_until: Option<NaiveDate>,
    /// The day on which the books begin, where the shop is older than its books.
    pub history_starts: Option<NaiveDate>,
    /// How many days after [`history_starts`](Self::history_starts) a first purchase is not believed to be a first
    /// one. Left out, the default of [`HistoryOptions`].
    pub warm_up_days: Option<u32>,
    /// What to do with an order in another currency.
    pub other_currencies: OtherCurrencies,
    /// What to do with an order whose id has come before.
    pub repeated_ids: RepeatedIds,
    /// Which columns mean what. Given, even empty, the file is read as a plain CSV and no shop system is recognised;
    /// what the mapping leaves open is guessed.
    pub mapping: Option<Mapping>,
    /// How dates are written in a plain CSV, in the notation of `strftime`: `%d/%m/%Y`. Left out, only dates that
    /// begin with the year are read, since no one can tell what `03/04/2024` means.
    pub date_format: Option<String>,
    /// Whether decimals follow a comma. Left out, they do where the columns are separated by semicolons and an amount
    /// has one comma and other than three digits after it; any other comma is an error. Where it is said, the other mark may
    /// stand between thousands: `1.234,50`, or `1,234.50`.
    pub decimal_comma: Option<bool>,
    /// What the amount of a Shopify order is.
    pub amount: AmountBasis,
}

impl ImportOptions {
    /// The rules for the history of orders in a currency.
    pub(crate) fn history(&self, currency: Currency) -> HistoryOptions {
        let mut options = HistoryOptions::new(currency);
        options.zone.clone_from(&self.zone);
        options.policy = self.policy.clone();
        options.observed_until = self.observed_until;
        options.history_starts = self.history_starts;
        options.warm_up_days = self.warm_up_days.unwrap_or(options.warm_up_days);
        options.other_currencies = self.other_currencies;
        options.repeated_ids = self.repeated_ids;
        options
    }
}

/// Which sum of a Shopify order is its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AmountBasis {
    /// Goods after discounts, before tax and shipping: `Total` − `Taxes` − `Shipping`. `Subtotal` will not do, since it
    /// holds the tax in shops whose prices include it. Where such a shop taxes shipping, that tax is taken off twice,
    /// for the export does not say how much it is; a note counts these orders.
    #[default]
    NetSales,
    /// `Total`: what the customer paid.
    Total,
}
