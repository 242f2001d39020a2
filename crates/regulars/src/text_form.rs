//! Reading what has a text form of its own.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Error;

/// Reads a value from its text form; `expected` says what that is, such as `"a currency"`.
pub(crate) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err = Error>>(
    deserializer: D,
    expected: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(Parsed { expected, of: PhantomData })
}

struct Parsed<T> {
    expected: &'static str,
    of: PhantomData<T>,
}

impl<T: FromStr<Err = Error>> Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// The fields of what has a text form, too.
pub(crate) trait TextForm {
    /// What it is, for who gave something else.
    const EXPECTED: &'static str;
}

/// What is written as a text or by its fields. An untagged enum would not say which of the fields is wrong.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum TextOr<Fields> {
    Text(String),
    Fields(Fields),
}

impl<'de, Fields: Deserialize<'de> + TextForm> Deserialize<'de> for TextOr<Fields> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TextOr<Fields>, D::Error> {
        struct Either<Fields>(PhantomData<Fields>);

        impl<'de, Fields: Deserialize<'de> + TextForm> Visitor<'de> for Either<Fields> {
            type Value = TextOr<Fields>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Fields::EXPECTED)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TextOr<Fields>, E> {
                Ok(TextOr::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<TextOr<Fields>, A::Error> {
                Fields::deserialize(MapAccessDeserializer::new(entries)).map(TextOr::Fields)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}
