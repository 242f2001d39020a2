use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::policy::OrderPolicy;
use crate::calendar::Zone;
use crate::money::Currency;

/// What to do with an order in another currency than the history's. Amounts of two currencies are never summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OtherCurrencies {
    /// An error that names the order.
    #[default]
    Refuse,
    /// Leave the order out, and count it among those left out.
    LeaveOut,
}

/// What to do with an order whose id has come before on another content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RepeatedIds {
    /// An error that shows both, since no one but you can say which is true. One of the same content counts once.
    #[default]
    Refuse,
    /// The last one holds: of exports made night after night, an order is what it was in the latest. Last is the later row,
    /// chunk or push, and what is appended comes after what was there. Those before it are
    /// [counted](crate::Summary::superseded), also where nothing has changed; what is wrong with them is an error all the
    /// same.
    ///
    /// Of two histories that are merged neither is the later one, so that an order on which they differ is an error.
    KeepLast,
}

/// Under which rules orders become a history.
///
/// ```
/// use regulars::{Currency, HistoryOptions, OrderPolicy};
///
/// let mut options = HistoryOptions::new(Currency::EUR);
/// options.zone = Some("Europe/Berlin".parse()?);
/// options.policy = OrderPolicy::shopify();
/// options.observed_until = chrono::NaiveDate::from_ymd_opt(2025, 1, 1);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct HistoryOptions {
    /// The one currency of the history, with the decimals that its amounts are kept with.
    pub currency: Currency,
    /// The shop's time zone, in which instants become days. Left out, UTC, and the result says so.
    #[serde(default)]
    pub zone: Option<Zone>,
    /// Which orders count.
    #[serde(default)]
    pub policy: OrderPolicy,
    /// The day on which observation ends, itself no longer observed. Left out, the day after the last order, and the
    /// result says so.
    #[serde(default)]
    pub observed_until: Option<NaiveDate>,
    /// The day on which the books begin, where the shop is older than its books; no order but tests, drafts and
    /// deleted ones, which no policy counts, may come before it. Customers whose first purchase falls into the
    /// [`warm_up_days`](Self::warm_up_days) from then on may have bought before: nobody calls them new, they are in no
    /// cohort, and figures that would take their first purchase have no value.
    #[serde(default)]
    pub history_starts: Option<NaiveDate>,
    /// How many days after [`history_starts`](Self::history_starts) a first purchase is not believed to be a first one.
    #[serde(default = "a_year")]
    pub warm_up_days: u32,
    /// What to do with an order in another currency.
    #[serde(default)]
    pub other_currencies: OtherCurrencies,
    /// What to do with an order whose id has come before.
    #[serde(default)]
    pub repeated_ids: RepeatedIds,
}

fn a_year() -> u32 {
    365
}

impl HistoryOptions {
    /// The defaults for a shop that sells in one currency.
    pub fn new(currency: Currency) -> HistoryOptions {
        HistoryOptions {
            currency,
            zone: None,
            policy: OrderPolicy::default(),
            observed_until: None,
            history_starts: None,
            warm_up_days: a_year(),
            other_currencies: OtherCurrencies::default(),
            repeated_ids: RepeatedIds::default(),
        }
    }
}
