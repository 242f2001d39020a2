use std::panic::PanicHookInfo;

use regulars::Error;
use regulars_calls::CallError;
use regulars_import::ImportError;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// An error as the JSON text from which `js/errors.ts` makes a `RegularsError`.
#[derive(Serialize)]
struct Facts<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<&'a str>,
}

impl Facts<'_> {
    fn text(&self) -> JsValue {
        JsValue::from_str(&serde_json::to_string(self).unwrap_or_default())
    }
}

pub(crate) fn thrown(error: CallError) -> JsValue {
    let message = error.to_string();
    let mut facts = Facts { code: error.code(), message: &message, row: None, line: None, column: None };
    if let CallError::Core(Error::At { row, column, .. })
    | CallError::Import(ImportError::Orders(Error::At { row, column, .. })) = &error
    {
        (facts.row, facts.column) = (Some(*row), Some(*column));
    }
    if let CallError::Import(error) = &error {
        match error {
            ImportError::Cell { line, column, .. } | ImportError::NotUtf8 { line, column } => {
                (facts.line, facts.column) = (Some(*line), Some(column.as_str()));
            }
            ImportError::UnequalFields { line, .. }
            | ImportError::UnclosedQuote { line }
            | ImportError::RecordTooLong { line }
            | ImportError::OrphanLine { line, .. } => facts.line = Some(*line),
            ImportError::AmbiguousColumn { column } | ImportError::UnknownColumn { column, .. } => {
                facts.column = Some(column);
            }
            _ => {}
        }
    }
    facts.text()
}

/// A panic, of which there should be none, as such a text.
pub(crate) fn panicked(panic: &PanicHookInfo<'_>) -> JsValue {
    let message = panic.payload().downcast_ref::<&str>().map_or_else(
        || panic.payload().downcast_ref::<String>().map_or("no message", String::as_str),
        |message| *message,
    );
    let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
    let message = format!("{message}{place}");
    Facts { code: "panic", message: &message, row: None, line: None, column: None }.text()
}
