use std::panic::PanicHookInfo;

use regulars::Error;
use regulars_calls::CallError;
use regulars_import::ImportError;
use serde_json::{Map, Value, json};
use wasm_bindgen::JsValue;

/// An error as the JSON text from which `js/errors.ts` makes a `RegularsError`.
pub(crate) fn thrown(error: CallError) -> JsValue {
    let mut facts = Map::new();
    facts.insert("code".to_owned(), json!(error.code()));
    facts.insert("message".to_owned(), json!(error.to_string()));
    if let CallError::Core(Error::At { row, column, .. })
    | CallError::Import(ImportError::Orders(Error::At { row, column, .. })) = &error
    {
        facts.insert("row".to_owned(), json!(row));
        facts.insert("column".to_owned(), json!(column));
    }
    if let CallError::Import(error) = &error {
        let (line, column) = match error {
            ImportError::Cell { line, column, .. } | ImportError::NotUtf8 { line, column } => {
                (Some(line), Some(column))
            }
            ImportError::UnequalFields { line, .. }
            | ImportError::UnclosedQuote { line }
            | ImportError::RecordTooLong { line }
            | ImportError::OrphanLine { line, .. } => (Some(line), None),
            ImportError::AmbiguousColumn { column } | ImportError::UnknownColumn { column, .. } => {
                (None, Some(column))
            }
            _ => (None, None),
        };
        facts.extend(line.map(|line| ("line".to_owned(), json!(line))));
        facts.extend(column.map(|column| ("column".to_owned(), json!(column))));
    }
    JsValue::from_str(&Value::Object(facts).to_string())
}

/// A panic, of which there should be none, as such a text.
pub(crate) fn panicked(panic: &PanicHookInfo<'_>) -> JsValue {
    let message = panic.payload().downcast_ref::<&str>().map_or_else(
        || panic.payload().downcast_ref::<String>().map_or("no message", String::as_str),
        |message| *message,
    );
    let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
    JsValue::from_str(&json!({ "code": "panic", "message": format!("{message}{place}") }).to_string())
}
