use regulars::{Error, OrderStatus};

use crate::error::shown;

/// Reads statuses, each distinct word of a file once.
#[derive(Debug, Default)]
pub(crate) struct Statuses {
    known: Vec<(Box<str>, OrderStatus)>,
}

impl Statuses {
    /// More words than shop systems have, few enough to be looked through.
    const MOST: usize = 32;

    pub(crate) fn read(&mut self, text: &str) -> Result<OrderStatus, Error> {
        if let Some((_, status)) = self.known.iter().find(|(word, _)| **word == *text) {
            return Ok(*status);
        }
        let status = text.parse().map_err(|error| match error {
            Error::UnknownStatus { value, known } => Error::UnknownStatus { value: shown(&value), known },
            other => other,
        })?;
        if self.known.len() < Self::MOST {
            self.known.push((text.into(), status));
        }
        Ok(status)
    }
}
