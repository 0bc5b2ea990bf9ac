//! Reads what holds several values: the elements of arrays, the members of maps, the content of enums.

use serde::{
    Deserializer as _,
    de::{DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor},
};

use super::{Decoder, ValueError, key_de::KeyDecoder};
use crate::protocol::messagepack::cursor::Token;

/// The elements of an array.
pub(super) struct Seq<'a, 'de> {
    pub(super) decoder: &'a mut Decoder<'de>,
    pub(super) left: usize,
}

impl<'de> SeqAccess<'de> for Seq<'_, 'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ValueError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    // No hint how many follow: a peer that claims many gets no memory for them before they are read.
}

/// The members of a map.
pub(super) struct Map<'a, 'de> {
    pub(super) decoder: &'a mut Decoder<'de>,
    pub(super) left: usize,
    /// The names that the type has.
    pub(super) fields: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Map<'_, 'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(KeyDecoder::new(self.decoder, self.fields)?).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        seed.deserialize(&mut *self.decoder)
    }
}

/// An enum: its name, or a map from its name to its content.
pub(super) struct Enum<'a, 'de> {
    pub(super) decoder: &'a mut Decoder<'de>,
    /// The names that the type has.
    pub(super) variants: &'static [&'static str],
    pub(super) has_content: bool,
}

impl<'de> EnumAccess<'de> for Enum<'_, 'de> {
    type Error = ValueError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ValueError> {
        let name = seed.deserialize(KeyDecoder::new(self.decoder, self.variants)?)?;
        Ok((name, self))
    }
}

impl Enum<'_, '_> {
    fn expect_content(&self, expected: &'static str) -> Result<(), ValueError> {
        if self.has_content { Ok(()) } else { Err(ValueError::invalid_type(Unexpected::UnitVariant, &expected)) }
    }
}

impl<'de> VariantAccess<'de> for Enum<'_, 'de> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        if self.has_content && self.decoder.token()? != Token::Nil {
            return Err(ValueError::custom("expected nil: the variant has no content"));
        }
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ValueError> {
        self.expect_content("newtype variant")?;
        seed.deserialize(self.decoder)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.expect_content("tuple variant")?;
        self.decoder.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.expect_content("struct variant")?;
        self.decoder.deserialize_struct("", fields, visitor)
    }
}
