//! Reads single values; what holds several is in `access`.

use serde::{
    Deserializer,
    de::{Error as _, Visitor, value::SeqDeserializer},
    forward_to_deserialize_any,
};

use super::{
    Decoder, ValueError,
    access::{Enum, Map, Seq},
};
use crate::protocol::messagepack::{
    cursor::{Broken, Token},
    timestamp,
};

/// Every name is taken.
pub(super) const ANY: &[&str] = &[];

impl<'de> Decoder<'de> {
    pub(super) fn token(&mut self) -> Result<Token<'de>, ValueError> {
        Ok(self.cursor.token()?)
    }

    /// The next token, without taking it.
    fn peek(&self) -> Result<Token<'de>, ValueError> {
        let mut ahead = self.cursor;
        Ok(ahead.token()?)
    }

    pub(super) fn skip(&mut self) -> Result<(), ValueError> {
        Ok(self.cursor.skip(self.depth)?)
    }

    /// Runs `inside` one level deeper.
    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, ValueError>) -> Result<T, ValueError> {
        self.depth = self.depth.checked_sub(1).ok_or(Broken::Depth)?;
        let result = inside(self);
        self.depth += 1;
        result
    }

    fn seq<V: Visitor<'de>>(&mut self, len: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.nested(|decoder| {
            let mut seq = Seq { decoder, left: len };
            let value = visitor.visit_seq(&mut seq)?;
            if seq.left > 0 { Err(ValueError::invalid_length(len, &"fewer elements")) } else { Ok(value) }
        })
    }

    /// `fields` are the names the type has.
    pub(super) fn map<V: Visitor<'de>>(
        &mut self,
        len: usize,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.nested(|decoder| {
            let mut map = Map { decoder, left: len, fields };
            let value = visitor.visit_map(&mut map)?;
            if map.left > 0 { Err(ValueError::invalid_length(len, &"fewer members")) } else { Ok(value) }
        })
    }

    fn visit<V: Visitor<'de>>(&mut self, token: Token<'de>, visitor: V) -> Result<V::Value, ValueError> {
        match token {
            Token::Nil => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Unsigned(value) => visitor.visit_u64(value),
            Token::Signed(value) => visitor.visit_i64(value),
            Token::F32(value) => visitor.visit_f32(value),
            Token::F64(value) => visitor.visit_f64(value),
            Token::Text(bytes) => visit_text(bytes, visitor),
            Token::Binary(bytes) => visitor.visit_borrowed_bytes(bytes),
            Token::Array(len) => self.seq(len, visitor),
            Token::Map(len) => self.map(len, ANY, visitor),
            Token::Extension(-1, content) => match timestamp::text(content) {
                Some(text) => visitor.visit_string(text),
                None => Err(ValueError::custom("a timestamp that is no moment in the years 0 to 9999")),
            },
            Token::Extension(kind, _) => Err(ValueError::custom(format!("extension {kind} has no meaning here"))),
        }
    }

    /// An array; binary data reads as one too, of bytes.
    fn elements<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        match self.token()? {
            Token::Binary(bytes) => {
                let mut bytes = bytes.iter().copied();
                // Without a length, as `Seq`: a visitor would reserve memory for it.
                let mut elements = SeqDeserializer::<_, ValueError>::new(std::iter::from_fn(|| bytes.next()));
                let value = visitor.visit_seq(&mut elements)?;
                elements.end()?;
                Ok(value)
            }
            token => self.visit(token, visitor),
        }
    }

    /// An integer. JavaScript writes those that it cannot hold exactly as floats.
    fn integer<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ValueError> {
        let token = self.token()?;
        let value = match token {
            Token::F32(value) => f64::from(value),
            Token::F64(value) => value,
            token => return self.visit(token, visitor),
        };
        match whole(value) {
            Some(Token::Unsigned(value)) => visitor.visit_u64(value),
            Some(Token::Signed(value)) => visitor.visit_i64(value),
            _ => visitor.visit_f64(value),
        }
    }
}

/// The integer that `value` is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked, and exact")]
fn whole(value: f64) -> Option<Token<'static>> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if value.fract() != 0.0 {
        return None;
    }
    if (0.0..2.0 * TWO_TO_63).contains(&value) {
        return Some(Token::Unsigned(value as u64));
    }
    (-TWO_TO_63..0.0).contains(&value).then_some(Token::Signed(value as i64))
}

/// .NET's `char` is a number.
pub(super) fn dotnet_char<'de, V: Visitor<'de>>(value: u64, visitor: V) -> Result<V::Value, ValueError> {
    match u32::try_from(value).ok().and_then(char::from_u32) {
        Some(char) => visitor.visit_char(char),
        None => visitor.visit_u64(value),
    }
}

/// Visits text. What is not UTF-8 in it reads as U+FFFD, as in .NET: a browser writes half an emoji like that.
pub(super) fn visit_text<'de, V: Visitor<'de>>(bytes: &'de [u8], visitor: V) -> Result<V::Value, ValueError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => visitor.visit_borrowed_str(text),
        Err(_) => visitor.visit_string(String::from_utf8_lossy(bytes).into_owned()),
    }
}

macro_rules! integers {
    ($($method:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.integer(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Decoder<'de> {
    type Error = ValueError;

    integers!(
        deserialize_i8,
        deserialize_i16,
        deserialize_i32,
        deserialize_i64,
        deserialize_i128,
        deserialize_u8,
        deserialize_u16,
        deserialize_u32,
        deserialize_u64,
        deserialize_u128
    );

    forward_to_deserialize_any! { bool f32 f64 str string bytes byte_buf unit unit_struct map identifier }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let token = self.token()?;
        self.visit(token, visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.token()? {
            Token::Unsigned(value) if self.dotnet => dotnet_char(value, visitor),
            token => self.visit(token, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.peek()? == Token::Nil {
            self.token()?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.elements(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.elements(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.elements(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self.token()? {
            Token::Map(len) => self.map(len, fields, visitor),
            token => self.visit(token, visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self.peek()? {
            Token::Text(_) => visitor.visit_enum(Enum { decoder: self, variants, has_content: false }),
            Token::Map(1) => {
                self.token()?;
                self.nested(|decoder| visitor.visit_enum(Enum { decoder, variants, has_content: true }))
            }
            _ => Err(ValueError::custom("expected an enum: a string, or a map with one member")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.skip()?;
        visitor.visit_unit()
    }
}
