//! Engagement by a log of events that was made before, which arguments in JSON cannot hold.

use regulars::{EventLog, EventOptions, OrderHistory, Period};

use crate::arguments::parsed;
use crate::error::CallError;
use crate::outcome::Outcome;

/// The options of a log of events from their JSON.
///
/// ```
/// let options = regulars_calls::event_options(r#"{"zone": "Europe/Berlin"}"#)?;
/// assert!(options.zone.is_some());
/// # Ok::<(), regulars_calls::CallError>(())
/// ```
///
/// # Errors
/// A field that there is not, or of another type.
pub fn event_options(json: &str) -> Result<EventOptions, CallError> {
    parsed("options", json)
}

/// What customers did in a period beside buying, by a log of events: what the call `during.engagement` gives for the same
/// events.
///
/// ```
/// # use regulars::{AmountColumn, Currency, HistoryOptions, KeyColumn, OrderColumns, OrderHistory, TimeColumn};
/// # use regulars::{EventColumns, EventKind, EventLog, EventOptions, KindColumn};
/// # let mut orders = OrderColumns::new(TimeColumn::Days(&[19_500, 19_530]), AmountColumn::Minor(&[1000, 2000]));
/// # orders.customers = Some(KeyColumn::Numbers(&[1, 2]));
/// # let history = OrderHistory::from_columns(&[orders], HistoryOptions::new(Currency::USD))?;
/// let mut events = EventColumns::new(TimeColumn::Days(&[19_500]), KindColumn::Kinds(&[EventKind::Visit]));
/// events.customers = Some(KeyColumn::Numbers(&[1]));
/// let log = EventLog::from_columns(&[events], &EventOptions::default())?;
/// let engagement = regulars_calls::engagement(&history, "2023", &log)?;
/// assert!(engagement.to_json().starts_with(r#"{"period":{"start":"2023-01-01""#));
/// # Ok::<(), regulars_calls::CallError>(())
/// ```
///
/// # Errors
/// A text that is no period, and a period that is empty.
pub fn engagement(history: &OrderHistory, period: &str, log: &EventLog) -> Result<Outcome, CallError> {
    Ok(Outcome::tabular(history.during(period.parse::<Period>()?)?.engagement(log)))
}
