//! Reads the keys of maps and the names of variants. JavaScript has text for all of them, other peers have integers and
//! booleans too: either reads as what the type wants.

use serde::{
    Deserializer,
    de::{Error as _, Visitor, value::BorrowedStrDeserializer},
    forward_to_deserialize_any,
};

use super::{
    Decoder, ValueError,
    de::{dotnet_char, visit_text},
    names,
};
use crate::protocol::messagepack::cursor::Token;

/// Text that has to be a name or a number.
fn text(bytes: &[u8]) -> Result<&str, ValueError> {
    std::str::from_utf8(bytes).map_err(|_| ValueError::custom("a name that is not UTF-8"))
}

/// One key.
pub(super) struct KeyDecoder<'de> {
    key: Token<'de>,
    dotnet: bool,
}

impl<'de> KeyDecoder<'de> {
    /// Takes the next value as a key. `known` are the names that the type has, where it has any.
    pub(super) fn new(decoder: &mut Decoder<'de>, known: &'static [&'static str]) -> Result<Self, ValueError> {
        let key = match decoder.token()? {
            Token::Text(bytes) if decoder.dotnet && !known.is_empty() => {
                let name = std::str::from_utf8(bytes).ok().and_then(|name| names::from_dotnet(name, known));
                Token::Text(name.map_or(bytes, str::as_bytes))
            }
            key @ (Token::Text(_) | Token::Unsigned(_) | Token::Signed(_) | Token::Bool(_)) => key,
            _ => return Err(ValueError::custom("the key of a map must be a string, an integer or a boolean")),
        };
        Ok(Self { key, dotnet: decoder.dotnet })
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let text = match self.key {
            Token::Unsigned(value) => return visitor.visit_u64(value),
            Token::Signed(value) => return visitor.visit_i64(value),
            Token::Text(bytes) => text(bytes)?,
            _ => return self.deserialize_any(visitor),
        };
        if let Ok(value) = text.parse() {
            return visitor.visit_u64(value);
        }
        if let Ok(value) = text.parse() {
            return visitor.visit_i64(value);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => visitor.visit_f64(value),
            _ => visitor.visit_borrowed_str(text),
        }
    }
}

macro_rules! numbers {
    ($($method:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.number(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyDecoder<'de> {
    type Error = ValueError;

    numbers!(
        deserialize_i8,
        deserialize_i16,
        deserialize_i32,
        deserialize_i64,
        deserialize_i128,
        deserialize_u8,
        deserialize_u16,
        deserialize_u32,
        deserialize_u64,
        deserialize_u128,
        deserialize_f32,
        deserialize_f64
    );

    forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.key {
            Token::Unsigned(value) => visitor.visit_string(value.to_string()),
            Token::Signed(value) => visitor.visit_string(value.to_string()),
            Token::Bool(value) => visitor.visit_string(value.to_string()),
            Token::Text(bytes) => visit_text(bytes, visitor),
            _ => Err(ValueError::custom("no key")),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.key {
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Text(b"true") => visitor.visit_bool(true),
            Token::Text(b"false") => visitor.visit_bool(false),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.key {
            Token::Unsigned(value) if self.dotnet => dotnet_char(value, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let Token::Text(bytes) = self.key else { return self.deserialize_any(visitor) };
        let name = text(bytes)?;
        let known = if self.dotnet { names::from_dotnet(name, variants) } else { None };
        let name = known.unwrap_or(name);
        let name: BorrowedStrDeserializer<'de, ValueError> = BorrowedStrDeserializer::new(name);
        visitor.visit_enum(name)
    }
}
