//! The options that stand in a constructor rather than in a call.

use regulars::{Customer, HistoryOptions, OrderPolicy};
use regulars_import::ImportOptions;
use serde::de::DeserializeOwned;

use crate::arguments::{parse, parsed};
use crate::error::CallError;
use crate::read::{Json, read};

/// The options of a history from their JSON, where `policy` may also be the name of a preset.
///
/// ```
/// let options = regulars_calls::history_options(r#"{"currency": "EUR", "policy": "shopify"}"#)?;
/// assert_eq!(options.policy, regulars::OrderPolicy::shopify());
/// # Ok::<(), regulars_calls::CallError>(())
/// ```
///
/// # Errors
/// A field that there is not, or of another type, and what the core says of a value.
pub fn history_options(json: &str) -> Result<HistoryOptions, CallError> {
    with_policy(json)
}

/// The options of reading a file from their JSON, where `policy` may also be the name of a preset.
///
/// ```
/// let options = regulars_calls::import_options(r#"{"zone": "Europe/Berlin"}"#)?;
/// assert!(options.zone.is_some());
/// # Ok::<(), regulars_calls::CallError>(())
/// ```
///
/// # Errors
/// As for [`history_options`].
pub fn import_options(json: &str) -> Result<ImportOptions, CallError> {
    with_policy(if json.trim().is_empty() { "{}" } else { json })
}

/// Facts on customers from the JSON of a list of them.
///
/// ```
/// let customers = regulars_calls::customers(r#"[{"key": "ann@example.com", "complaints": 2}]"#)?;
/// assert_eq!(customers[0].complaints, 2);
/// # Ok::<(), regulars_calls::CallError>(())
/// ```
///
/// # Errors
/// A field that there is not, or of another type.
pub fn customers(json: &str) -> Result<Vec<Customer>, CallError> {
    parsed("customers", json)
}

/// Options that a binding alone has, from their JSON.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// struct Request {
///     decimals: u8,
/// }
///
/// let error = regulars_calls::options::<Request>(r#"{"decimals": "two"}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`decimals`: expected a whole number from 0 to 255, not \"two\"");
/// ```
///
/// # Errors
/// A field that there is not, or of another type.
pub fn options<T: DeserializeOwned>(json: &str) -> Result<T, CallError> {
    parsed("options", json)
}

fn with_policy<T: DeserializeOwned>(json: &str) -> Result<T, CallError> {
    let value = parse("options", json)?;
    // It would be read as a name too, but without the code of what is wrong with it.
    if let Json::Object(options) = &value {
        if let Some((_, Json::Text(name))) = options.iter().find(|(option, _)| option == "policy") {
            name.parse::<OrderPolicy>()?;
        }
    }
    read("options", &value)
}
