use core::str::FromStr;

use regulars::Error;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::CallError;
use crate::read::read;

/// The arguments of a call. Each is taken once; [`finish`](Arguments::finish) refuses what nobody took.
pub(crate) struct Arguments {
    given: Map<String, Value>,
    /// The names that were asked for.
    known: Vec<String>,
}

impl Arguments {
    pub(crate) fn parse(text: &str) -> Result<Arguments, CallError> {
        let given = if text.trim().is_empty() { Map::new() } else { parsed("arguments", text)? };
        Ok(Arguments { given, known: Vec::new() })
    }

    pub(crate) fn finish(self) -> Result<(), CallError> {
        match self.given.into_iter().next() {
            Some((name, _)) => Err(CallError::UnknownArgument { name, known: self.known }),
            None => Ok(()),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    pub(crate) fn is_text(&self, name: &str) -> bool {
        matches!(self.given.get(name), Some(Value::String(_)))
    }

    fn value(&mut self, name: &str) -> Option<Value> {
        self.known.push(name.to_owned());
        self.given.remove(name)
    }

    pub(crate) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, CallError> {
        self.value(name).map(|value| read(name, &value)).transpose()
    }

    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, CallError> {
        self.optional(name)?.ok_or_else(|| CallError::MissingArgument { name: name.to_owned() })
    }

    /// A value that has a text form of its own, such as a period or a zone. What is no text is refused in the same words as
    /// a text that is not one of these.
    pub(crate) fn parsed<T: FromStr<Err = Error>>(&mut self, name: &str) -> Result<T, CallError> {
        match self.value(name) {
            Some(Value::String(text)) => Ok(text.parse()?),
            Some(other) => Ok(other.to_string().parse()?),
            None => Err(CallError::MissingArgument { name: name.to_owned() }),
        }
    }

    /// The options of the call, by default its defaults.
    pub(crate) fn options<T: DeserializeOwned + Default>(&mut self) -> Result<T, CallError> {
        Ok(self.optional("options")?.unwrap_or_default())
    }
}

/// What the JSON of an argument stands for.
pub(crate) fn parsed<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, CallError> {
    let value = serde_json::from_str(text)
        .map_err(|error| CallError::InvalidOption { name: name.to_owned(), message: error.to_string() })?;
    read(name, &value)
}
