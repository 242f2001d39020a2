use core::fmt;

use pyo3::prelude::*;
use regulars::Error;
use regulars_calls::CallError;
use regulars_import::ImportError;

/// What went wrong, as the package's exceptions say it.
#[derive(Debug)]
pub(crate) struct Failure {
    code: &'static str,
    message: String,
    row: Option<u64>,
    line: Option<u64>,
    column: Option<String>,
}

/// Codes of what only a table of Arrow can have wrong.
const CODES: [&str; 4] = ["unsupported_type", "missing_amount_unit", "arrow", "io"];

/// Every code that an exception can have.
pub(crate) fn codes() -> Vec<&'static str> {
    let mut codes = Vec::new();
    for list in [Error::CODES, ImportError::CODES, CallError::CODES, &CODES] {
        for code in list {
            if !codes.contains(code) {
                codes.push(*code);
            }
        }
    }
    codes
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl fmt::Display) -> Failure {
        Failure { code, message: message.to_string(), row: None, line: None, column: None }
    }

    pub(crate) fn in_column(mut self, column: &str) -> Failure {
        self.column = Some(column.to_owned());
        self
    }

    pub(crate) fn at(self, row: u64, column: &str) -> Failure {
        Failure { row: Some(row), ..self.in_column(column) }
    }

    /// An error of the core about columns that have names of their own.
    pub(crate) fn of(error: &Error, name: impl Fn(&str) -> Option<String>) -> Failure {
        let Error::At { row, column, source } = error else { return Failure::new(error.code(), error) };
        let named = name(column).filter(|named| named != column);
        let message = match &named {
            Some(named) => format!("row {row}, column `{named}`: {source}"),
            None => error.to_string(),
        };
        Failure {
            row: Some(*row),
            column: Some(named.unwrap_or_else(|| (*column).to_owned())),
            ..Failure::new(error.code(), message)
        }
    }

    /// The exception: the package knows which class a code has.
    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        let Failure { code, message, row, line, column } = self;
        let made = py
            .import("regulars._errors")
            .and_then(|module| module.getattr("error"))
            .and_then(|make| make.call1((code, message, row, line, column)));
        match made {
            Ok(error) => PyErr::from_value(error),
            Err(error) => error,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::of(&error, |_| None)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Failure {
        let failure = Failure::new(error.code(), &error);
        match error {
            ImportError::Orders(error) => error.into(),
            ImportError::Cell { line, column, .. } | ImportError::NotUtf8 { line, column } => {
                Failure { line: Some(line), column: Some(column), ..failure }
            }
            ImportError::UnequalFields { line, .. }
            | ImportError::UnclosedQuote { line }
            | ImportError::RecordTooLong { line }
            | ImportError::OrphanLine { line, .. } => Failure { line: Some(line), ..failure },
            ImportError::UnknownColumn { column, .. } | ImportError::AmbiguousColumn { column } => {
                Failure { column: Some(column), ..failure }
            }
            _ => failure,
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Failure {
        match error {
            CallError::Core(error) => error.into(),
            CallError::Import(error) => error.into(),
            error => Failure::new(error.code(), error.spelled(keyword)),
        }
    }
}

/// The name of an argument or option as Python has it: in snake case, and fields of what is given as keywords of the call
/// without what they are fields of.
fn keyword(name: &str) -> String {
    let spread = ["scenario.", "outlook.", "test."].iter().find_map(|of| name.strip_prefix(of));
    let name = spread.unwrap_or(name);
    let mut spelt = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            spelt.push('_');
        }
        spelt.push(letter.to_ascii_lowercase());
    }
    spelt
}
