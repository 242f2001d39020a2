use core::str::FromStr;

use regulars::Error;
use serde::de::DeserializeOwned;

use crate::error::CallError;
use crate::outcome::json;
use crate::read::{Json, read};

/// The arguments of a call. Each is taken once; [`finish`](Arguments::finish) refuses what nobody took.
pub(crate) struct Arguments {
    given: Vec<(String, Json)>,
    /// The names that were asked for.
    known: Vec<String>,
}

impl Arguments {
    pub(crate) fn parse(text: &str) -> Result<Arguments, CallError> {
        match parse("arguments", if text.trim().is_empty() { "{}" } else { text })? {
            Json::Object(given) => Ok(Arguments { given, known: Vec::new() }),
            _ => Err(CallError::InvalidOption {
                name: "arguments".to_owned(),
                message: "expected an object".to_owned(),
            }),
        }
    }

    pub(crate) fn finish(self) -> Result<(), CallError> {
        match self.given.into_iter().next() {
            Some((name, _)) => Err(CallError::UnknownArgument { name, known: self.known }),
            None => Ok(()),
        }
    }

    pub(crate) fn has(&mut self, name: &str) -> bool {
        self.place(name).is_some()
    }

    pub(crate) fn is_text(&mut self, name: &str) -> bool {
        let place = self.place(name);
        matches!(place.and_then(|place| self.given.get(place)), Some((_, Json::Text(_))))
    }

    fn value(&mut self, name: &str) -> Option<Json> {
        self.place(name).map(|place| self.given.remove(place).1)
    }

    fn place(&mut self, name: &str) -> Option<usize> {
        if !self.known.iter().any(|known| known == name) {
            self.known.push(name.to_owned());
        }
        self.given.iter().position(|(given, _)| given == name)
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
        self.text(name)?.parse().map_err(|source| refused(name, source))
    }

    fn text(&mut self, name: &str) -> Result<String, CallError> {
        match self.value(name) {
            Some(Json::Text(text)) => Ok(text),
            Some(other) => Ok(json(&other)),
            None => Err(CallError::MissingArgument { name: name.to_owned() }),
        }
    }

    /// The options of the call, by default its defaults.
    pub(crate) fn options<T: DeserializeOwned + Default>(&mut self) -> Result<T, CallError> {
        Ok(self.optional("options")?.unwrap_or_default())
    }
}

/// What is wrong with an argument that has a text form. One that is called `text` is all that the call is about.
pub(crate) fn refused(name: &str, source: Error) -> CallError {
    match name {
        "text" => CallError::Core(source),
        _ => CallError::InvalidText { name: name.to_owned(), source },
    }
}

/// The JSON of an argument.
pub(crate) fn parse(name: &str, text: &str) -> Result<Json, CallError> {
    serde_json::from_str(text)
        .map_err(|error| CallError::InvalidOption { name: name.to_owned(), message: error.to_string() })
}

/// What the JSON of an argument stands for.
pub(crate) fn parsed<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, CallError> {
    read(name, &parse(name, text)?)
}
