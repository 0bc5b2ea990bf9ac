//! Writes the keys of maps: text, as in JSON, whatever their type. .NET has integers.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible},
};

use super::{ValueError, ser::Encoder};

/// Writes one key.
pub(super) struct KeyEncoder<'o>(pub(super) Encoder<'o>);

fn no_key<T>() -> Result<T, ValueError> {
    Err(ValueError::custom("the key of a map must be a string, a number, a boolean or an enum without content"))
}

macro_rules! integers {
    ($($method:ident: $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<(), ValueError> {
            if self.0.dotnet { self.0.$method(value) } else { self.0.serialize_str(&value.to_string()) }
        }
    )*};
}

/// As serde_json writes it: `1.0`, not `1`.
fn float(value: f64, text: &str, encoder: Encoder<'_>) -> Result<(), ValueError> {
    if value.is_finite() { encoder.serialize_str(text) } else { no_key() }
}

impl<'o> Serializer for KeyEncoder<'o> {
    type Ok = ();
    type Error = ValueError;
    type SerializeSeq = Impossible<(), ValueError>;
    type SerializeTuple = Impossible<(), ValueError>;
    type SerializeTupleStruct = Impossible<(), ValueError>;
    type SerializeTupleVariant = Impossible<(), ValueError>;
    type SerializeMap = Impossible<(), ValueError>;
    type SerializeStruct = Impossible<(), ValueError>;
    type SerializeStructVariant = Impossible<(), ValueError>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    );

    fn serialize_bool(self, value: bool) -> Result<(), ValueError> {
        if self.0.dotnet { self.0.serialize_bool(value) } else { self.0.serialize_str(&value.to_string()) }
    }

    fn serialize_f32(self, value: f32) -> Result<(), ValueError> {
        float(value.into(), &format!("{value:?}"), self.0)
    }

    fn serialize_f64(self, value: f64) -> Result<(), ValueError> {
        float(value, &format!("{value:?}"), self.0)
    }

    fn serialize_char(self, value: char) -> Result<(), ValueError> {
        self.0.serialize_char(value)
    }

    fn serialize_str(self, value: &str) -> Result<(), ValueError> {
        self.0.serialize_str(value)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), ValueError> {
        no_key()
    }

    fn serialize_none(self) -> Result<(), ValueError> {
        no_key()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), ValueError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), ValueError> {
        no_key()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), ValueError> {
        no_key()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), ValueError> {
        self.0.name(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), ValueError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), ValueError> {
        no_key()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, ValueError> {
        no_key()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, ValueError> {
        no_key()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, ValueError> {
        no_key()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, ValueError> {
        no_key()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, ValueError> {
        no_key()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, ValueError> {
        no_key()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, ValueError> {
        no_key()
    }
}
