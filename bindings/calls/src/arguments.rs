use core::str::FromStr;

use regulars::Error;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::CallError;
use crate::read::read;

/// The arguments of a call. Each is taken once; [`finish`](Arguments::finish) refuses what nobody took.
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    pub(crate) fn parse(text: &str) -> Result<Arguments, CallError> {
        if text.trim().is_empty() {
            return Ok(Arguments(Map::new()));
        }
        match parse("arguments", text)? {
            Value::Object(arguments) => Ok(Arguments(arguments)),
            _ => Err(CallError::InvalidOption {
                name: "arguments".to_owned(),
                message: "expected an object".to_owned(),
            }),
        }
    }

    pub(crate) fn finish(self) -> Result<(), CallError> {
        match self.0.into_iter().next() {
            Some((name, _)) => Err(CallError::UnknownArgument { name }),
            None => Ok(()),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, CallError> {
        match self.0.remove(name) {
            Some(value) => read(&value).map(Some).map_err(|error| invalid(name, &error)),
            None => Ok(None),
        }
    }

    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, CallError> {
        self.optional(name)?.ok_or_else(|| CallError::MissingArgument { name: name.to_owned() })
    }

    /// A value that has a text form of its own, such as a period or a zone.
    pub(crate) fn parsed<T: FromStr<Err = Error>>(&mut self, name: &str) -> Result<T, CallError> {
        Ok(self.take::<String>(name)?.parse()?)
    }

    /// The options of the call, by default its defaults.
    pub(crate) fn options<T: DeserializeOwned + Default>(&mut self) -> Result<T, CallError> {
        Ok(self.optional("options")?.unwrap_or_default())
    }
}

/// The JSON of an argument.
pub(crate) fn parse(name: &str, text: &str) -> Result<Value, CallError> {
    serde_json::from_str(text).map_err(|error| invalid(name, &error))
}

pub(crate) fn invalid(name: &str, error: &serde_json::Error) -> CallError {
    // Where in the text is of no use to someone who wrote keywords.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    CallError::InvalidOption { name: name.to_owned(), message }
}
