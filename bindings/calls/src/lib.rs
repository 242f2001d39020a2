//! Every call of `regulars` by its name: arguments in as JSON, results out as JSON text or as a table.
//!
//! The bindings are thin because of this crate: Python and JavaScript spell a call in the manner of their language, hand its
//! arguments over as the JSON that serde knows, and take the same text back. So the names, the defaults, the refusal of what
//! is unknown and the bytes of every result are decided once. The fixtures in `tests/fixtures` are written in these calls.
//!
//! ```
//! use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
//!
//! let day = chrono::NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
//! let orders = [Order::new(day, Money::from_minor(1, Currency::USD)).customer("ann")];
//! let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
//! let timeline = regulars_calls::call(Some(&history), "timeline", r#"{"grain": "month"}"#)?;
//! assert!(timeline.to_json().starts_with(r#"{"grain":"month","periods":[{"period":"#));
//! assert_eq!(timeline.table().unwrap().rows(), 1);
//!
//! let error = regulars_calls::call(None, "rate", r#"{"numerator": 1, "denominator": 2, "levle": 0.9}"#).unwrap_err();
//! assert_eq!(error.code(), "unknown_argument");
//! # Ok::<(), regulars_calls::CallError>(())
//! ```

#![forbid(unsafe_code)]

mod arguments;
mod error;
mod events;
mod history;
mod options;
mod outcome;
mod plain;
mod read;
mod segments;

use arguments::Arguments;
pub use error::CallError;
pub use events::{engagement, event_options};
pub use options::{customers, history_options, import_options, options};
pub use outcome::{Outcome, table_json};
use regulars::OrderHistory;
pub use segments::{classify, migration};

/// The result of a call: one that is about a history, or about its arguments alone.
///
/// `arguments` is a JSON object. An empty text is one without entries.
///
/// # Errors
/// What the core says; a call that is not known, or one about a history without one; and an argument that is missing, unknown
/// or of another type than the call takes.
pub fn call(history: Option<&OrderHistory>, name: &str, arguments: &str) -> Result<Outcome, CallError> {
    let mut arguments = Arguments::parse(arguments)?;
    let outcome = invoke(history, name, &mut arguments)?;
    arguments.finish()?;
    Ok(outcome)
}

/// A call; behind its name and a dot may stand a call on its result.
fn invoke(
    history: Option<&OrderHistory>,
    name: &str,
    arguments: &mut Arguments,
) -> Result<Outcome, CallError> {
    if let Some(outcome) = plain::call(name, arguments)? {
        return Ok(outcome);
    }
    if let Some(outcome) =
        history.map(|history| history::call(history, name, arguments)).transpose()?.flatten()
    {
        return Ok(outcome);
    }
    let unknown = || CallError::UnknownCall { name: name.to_owned() };
    let (of, then) = name.rsplit_once('.').ok_or_else(unknown)?;
    invoke(history, of, arguments)?.then(then, arguments)
}
