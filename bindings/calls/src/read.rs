//! From JSON values to arguments and options.
//!
//! `serde_json` has a deserializer of values of its own. It reads a list as a struct too and consumes what it reads, each in
//! code of its own for every type, and code is what browsers load. Nor do its errors say which field they are about.

use core::fmt;

use chrono::NaiveDate;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Value, map};

use crate::error::CallError;

/// What the value of an argument stands for.
pub(crate) fn read<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, CallError> {
    T::deserialize(Json(value)).map_err(|error| error.of(name))
}

/// What is wrong with a value, and where in it.
#[derive(Debug)]
struct Error(Box<Mistake>);

#[derive(Debug)]
struct Mistake {
    /// From the outside in, as in `facts[2].key`; empty for the value itself.
    place: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Value(String),
    /// A field that there is not, among those that there are.
    Field(&'static [&'static str]),
}

impl Error {
    #[cold]
    fn new(place: &str, what: What) -> Error {
        Error(Box::new(Mistake { place: place.to_owned(), what }))
    }

    /// The same error, seen from a field or an element further out.
    #[cold]
    fn within(mut self, outer: &str) -> Error {
        let inner = &self.0.place;
        let dot = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
        self.0.place = format!("{outer}{dot}{inner}");
        self
    }

    /// With the text that it is about, where that is not told.
    #[cold]
    fn quoting(mut self, text: &str) -> Error {
        if let What::Value(message) = &mut self.0.what {
            // chrono says of a text that is no date only which rule it breaks.
            if text.parse::<NaiveDate>().is_err_and(|error| error.to_string() == *message) {
                *message = regulars::Error::InvalidDate { value: text.to_owned() }.to_string();
            } else if !message.contains(text) {
                *message = format!("`{text}` cannot be read: {message}");
            }
        }
        self
    }

    /// As the error of an argument. Options go by their own names: languages spell them as arguments of the call.
    fn of(self, name: &str) -> CallError {
        let bare = name == "options" && !self.0.place.is_empty();
        let Mistake { place: name, what } = *if bare { self } else { self.within(name) }.0;
        match what {
            What::Value(message) => CallError::InvalidOption { name, message },
            What::Field(known) => {
                CallError::UnknownOption { name, known: known.iter().map(|&name| name.to_owned()).collect() }
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl core::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error::new("", What::Value(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Error {
        let expected = in_words(&expected.to_string());
        Error::custom(format_args!("expected {expected}, not {}", shown(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Error {
        Error::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Error {
        let expected = in_words(&expected.to_string());
        Error::custom(format_args!("expected {expected}, not {length} of them"))
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Error {
        Error::invalid_type(Unexpected::Str(name), &OneOf(known))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Error {
        Error::new(name, What::Field(known))
    }

    fn missing_field(name: &'static str) -> Error {
        Error::new(name, What::Value("it is missing, and has no default".to_owned()))
    }

    fn duplicate_field(name: &'static str) -> Error {
        Error::new(name, What::Value("it is there twice".to_owned()))
    }
}

/// What `serde` expects, for people who do not write Rust.
fn in_words(expected: &str) -> String {
    let words = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0 on",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        _ if expected.starts_with("struct ") => "an object",
        _ => match expected.rsplit_once([' ']) {
            Some(("an array of length" | "a tuple of size", length)) => return format!("a list of {length}"),
            _ => expected,
        },
    };
    words.to_owned()
}

/// A value as it was written, unless it is long.
fn shown(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => value.to_string(),
        Unexpected::Signed(value) => value.to_string(),
        Unexpected::Float(value) => format!("{value:?}"),
        Unexpected::Str(text) if text.chars().nth(60).is_some() => "a long text".to_owned(),
        Unexpected::Str(text) => format!("\"{text}\""),
        Unexpected::Unit => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// One of several names.
struct OneOf(&'static [&'static str]);

impl Expected for OneOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of `{}`", self.0.join("`, `"))
    }
}

#[derive(Clone, Copy)]
struct Json<'de>(&'de Value);

impl<'de> Json<'de> {
    #[cold]
    fn wrong(self, expected: &dyn Expected) -> Error {
        let found = match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => Unexpected::Unsigned(value),
                (_, Some(value), _) => Unexpected::Signed(value),
                (.., value) => Unexpected::Float(value.unwrap_or_default()),
            },
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        Error::invalid_type(found, expected)
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Number(number) = self.0 else { return Err(self.wrong(&visitor)) };
        match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(value), ..) => visitor.visit_u64(value),
            (_, Some(value), _) => visitor.visit_i64(value),
            (.., value) => visitor.visit_f64(value.unwrap_or_default()),
        }
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_str(text).map_err(|error: Error| error.quoting(text)),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Array(values) = self.0 else { return Err(self.wrong(&visitor)) };
        let mut rest = List(values.iter().enumerate());
        let list = visitor.visit_seq(&mut rest)?;
        match rest.0.next() {
            None => Ok(list),
            Some((read, _)) => {
                Err(Error::custom(format_args!("expected a list of {read}, not {} of them", values.len())))
            }
        }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(entries) => visitor.visit_map(Entries { rest: entries.iter(), entry: None }),
            _ => Err(self.wrong(&visitor)),
        }
    }
}

macro_rules! as_a {
    ($how:ident: $($method:ident($($argument:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, Error> {
            self.$how(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Json<'de> {
    type Error = Error;

    /// What is read in one of several forms asks for anything.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(_) => self.number(visitor),
            Value::String(_) => self.text(visitor),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.object(visitor),
        }
    }

    as_a!(number: deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128());
    as_a!(number: deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128());
    as_a!(number: deserialize_f32() deserialize_f64());
    as_a!(text: deserialize_char() deserialize_str() deserialize_string() deserialize_identifier());
    as_a!(text: deserialize_bytes() deserialize_byte_buf());
    as_a!(list: deserialize_seq() deserialize_tuple(usize) deserialize_tuple_struct(&'static str, usize));
    as_a!(object: deserialize_map() deserialize_struct(&'static str, &'static [&'static str]));

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// A name, or an object with the name as its only key.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.variant(known)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

impl<'de> Json<'de> {
    fn variant(self, known: &'static [&'static str]) -> Result<Variant<'de>, Error> {
        match self.0 {
            Value::String(name) => Ok(Variant { name, content: None }),
            Value::Object(entries) => match single(entries) {
                Some((name, content)) => Ok(Variant { name, content: Some(Json(content)) }),
                None => Err(Error::invalid_value(Unexpected::Map, &"an object with a single key")),
            },
            _ => Err(self.wrong(&OneOf(known))),
        }
    }
}

fn single(entries: &Map<String, Value>) -> Option<(&String, &Value)> {
    entries.iter().next().filter(|_| entries.len() == 1)
}

struct List<'de>(core::iter::Enumerate<core::slice::Iter<'de, Value>>);

impl<'de> SeqAccess<'de> for &mut List<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((at, value)) = self.0.next() else { return Ok(None) };
        seed.deserialize(Json(value)).map(Some).map_err(|error| error.within(&format!("[{at}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'de> {
    rest: map::Iter<'de>,
    entry: Option<(&'de String, &'de Value)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.entry = self.rest.next();
        let Some((key, _)) = self.entry else { return Ok(None) };
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let Some((key, value)) = self.entry.take() else { return Err(Error::custom("no key")) };
        seed.deserialize(Json(value)).map_err(|error| error.within(key))
    }
}

struct Variant<'de> {
    name: &'de str,
    content: Option<Json<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Content<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Content<'de>), Error> {
        Ok((seed.deserialize(StrDeserializer::new(self.name))?, Content(self.content)))
    }
}

struct Content<'de>(Option<Json<'de>>);

impl<'de> Content<'de> {
    fn of(self, expected: &'static str) -> Result<Json<'de>, Error> {
        self.0.ok_or_else(|| Error::invalid_type(Unexpected::UnitVariant, &expected))
    }
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), serde::Deserialize::deserialize)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.of("newtype variant")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.of("tuple variant")?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.of("struct variant")?.object(visitor)
    }
}
