//! From JSON to arguments and options.
//!
//! `serde_json` has values of its own, and a deserializer of them. It keeps objects in trees, reads a list as a struct too and
//! consumes what it reads, each in code of its own for every type, and code is what browsers load. Nor do its errors say which
//! field they are about.

use core::fmt;

use chrono::NaiveDate;
use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::ser::{Serialize, Serializer};

use crate::error::CallError;

/// A value in JSON.
pub(crate) enum Json {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(String),
    List(Vec<Json>),
    /// As it was written.
    Object(Vec<(String, Json)>),
}

/// What the value of an argument stands for.
pub(crate) fn read<T: DeserializeOwned>(name: &str, value: &Json) -> Result<T, CallError> {
    T::deserialize(value).map_err(|error| error.of(name))
}

/// What is wrong with a value, and where in it.
#[derive(Debug)]
pub(crate) struct Error(Box<Mistake>);

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
        "a nonzero u32" => "a whole number from 1 to 4294967295",
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

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Unsigned(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Negative(value))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Float(value))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = values.next_element()? {
                    list.push(value);
                }
                Ok(Json::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
                let mut object = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    object.push(entry);
                }
                Ok(Json::Object(object))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Unsigned(value) => serializer.serialize_u64(*value),
            Json::Negative(value) => serializer.serialize_i64(*value),
            Json::Float(value) => serializer.serialize_f64(*value),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(values) => serializer.collect_seq(values),
            Json::Object(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
    }
}

impl Json {
    #[cold]
    fn wrong(&self, expected: &dyn Expected) -> Error {
        let found = match self {
            Json::Null => Unexpected::Unit,
            Json::Bool(value) => Unexpected::Bool(*value),
            Json::Unsigned(value) => Unexpected::Unsigned(*value),
            Json::Negative(value) => Unexpected::Signed(*value),
            Json::Float(value) => Unexpected::Float(*value),
            Json::Text(text) => Unexpected::Str(text),
            Json::List(_) => Unexpected::Seq,
            Json::Object(_) => Unexpected::Map,
        };
        Error::invalid_type(found, expected)
    }

    fn number<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Json::Unsigned(value) => visitor.visit_u64(*value),
            Json::Negative(value) => visitor.visit_i64(*value),
            Json::Float(value) => visitor.visit_f64(*value),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn text<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Json::Text(text) => visitor.visit_str(text).map_err(|error: Error| error.quoting(text)),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn list<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        let Json::List(values) = self else { return Err(self.wrong(&visitor)) };
        let mut rest = List(values.iter().enumerate());
        let list = visitor.visit_seq(&mut rest)?;
        match rest.0.next() {
            None => Ok(list),
            Some((read, _)) => {
                Err(Error::custom(format_args!("expected a list of {read}, not {} of them", values.len())))
            }
        }
    }

    fn object<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Json::Object(entries) => visitor.visit_map(Entries { rest: entries.iter(), entry: None }),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn variant(&self, known: &'static [&'static str]) -> Result<Variant<'_>, Error> {
        match self {
            Json::Text(name) => Ok(Variant { name, content: None }),
            Json::Object(entries) => match entries.as_slice() {
                [(name, content)] => Ok(Variant { name, content: Some(content) }),
                _ => Err(Error::invalid_value(Unexpected::Map, &"an object with a single key")),
            },
            _ => Err(self.wrong(&OneOf(known))),
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

impl<'de> Deserializer<'de> for &'de Json {
    type Error = Error;

    /// What is read in one of several forms asks for anything.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(*value),
            Json::Unsigned(_) | Json::Negative(_) | Json::Float(_) => self.number(visitor),
            Json::Text(_) => self.text(visitor),
            Json::List(_) => self.list(visitor),
            Json::Object(_) => self.object(visitor),
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
        match self {
            Json::Bool(value) => visitor.visit_bool(*value),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Json::Null => visitor.visit_unit(),
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
        match self {
            Json::Null => visitor.visit_none(),
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

struct List<'de>(core::iter::Enumerate<core::slice::Iter<'de, Json>>);

impl<'de> SeqAccess<'de> for &mut List<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((at, value)) = self.0.next() else { return Ok(None) };
        seed.deserialize(value).map(Some).map_err(|error| error.within(&format!("[{at}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'de> {
    rest: core::slice::Iter<'de, (String, Json)>,
    entry: Option<&'de (String, Json)>,
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
        seed.deserialize(value).map_err(|error| error.within(key))
    }
}

/// A name, alone or with what belongs to it: `"all"`, or `{"days": 90}`.
#[derive(Clone, Copy)]
struct Variant<'de> {
    name: &'de str,
    content: Option<&'de Json>,
}

impl<'de> Variant<'de> {
    fn content(self) -> Result<&'de Json, Error> {
        let Variant { name, content } = self;
        let alone = || Error::custom(format_args!("`{name}` takes a value: {{\"{name}\": …}}"));
        content.ok_or_else(alone)
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Variant<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Variant<'de>), Error> {
        Ok((seed.deserialize(StrDeserializer::new(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        let Variant { name, content } = self;
        let taken = |_| Error::custom(format_args!("`{name}` takes no value: \"{name}\""));
        content.filter(|content| !matches!(content, Json::Null)).map_or(Ok(()), |content| Err(taken(content)))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content()?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content()?.object(visitor)
    }
}
