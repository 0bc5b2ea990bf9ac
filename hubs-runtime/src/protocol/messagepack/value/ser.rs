//! Writes single values; what holds several is in `compound`.

use std::fmt::Display;

use rmp::encode;
use serde::{Serialize, Serializer, ser::Error as _};

use super::{ValueError, compound::Compound, names};
use crate::protocol::{messagepack::timestamp, numbers};

/// Writes one value.
pub(super) struct Encoder<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) dotnet: bool,
}

/// Writing to memory does not fail.
pub(super) fn written<T, E>(result: Result<T, E>) -> Result<(), ValueError> {
    result.map(drop).map_err(|_| ValueError::custom("cannot write to memory"))
}

/// `value` as an f64 that prints the same digits, which is what a browser gets from JSON: 0.1, not
/// 0.10000000149011612. `None` if `value` itself does.
fn as_printed(value: f32) -> Option<f64> {
    let printed: f64 = value.to_string().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "only if the result is the same f32")]
    let same = printed as f32 == value;
    (same && printed != f64::from(value)).then_some(printed)
}

impl<'o> Encoder<'o> {
    /// The head of a map with one member, as enums with content are written.
    fn variant(self, name: &'static str) -> Result<Self, ValueError> {
        self.out.push(0x81);
        let Self { out, dotnet } = self;
        Encoder { out: &mut *out, dotnet }.name(name)?;
        Ok(Self { out, dotnet })
    }

    /// A name that Rust code gave.
    pub(super) fn name(self, name: &'static str) -> Result<(), ValueError> {
        if self.dotnet { self.serialize_str(&names::to_dotnet(name)) } else { self.serialize_str(name) }
    }

    fn wide(self, value: i128) -> Result<(), ValueError> {
        let too_large = || ValueError::Mismatch(numbers::too_large(&value));
        self.serialize_i64(i64::try_from(value).map_err(|_| too_large())?)
    }
}

impl<'o> Serializer for Encoder<'o> {
    type Ok = ();
    type Error = ValueError;
    type SerializeSeq = Compound<'o>;
    type SerializeTuple = Compound<'o>;
    type SerializeTupleStruct = Compound<'o>;
    type SerializeTupleVariant = Compound<'o>;
    type SerializeMap = Compound<'o>;
    type SerializeStruct = Compound<'o>;
    type SerializeStructVariant = Compound<'o>;

    fn serialize_bool(self, value: bool) -> Result<(), ValueError> {
        self.out.push(if value { 0xc3 } else { 0xc2 });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), ValueError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), ValueError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), ValueError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), ValueError> {
        if !self.dotnet {
            numbers::signed(value).map_err(ValueError::Mismatch)?;
        }
        written(encode::write_sint(self.out, value))
    }

    fn serialize_i128(self, value: i128) -> Result<(), ValueError> {
        self.wide(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), ValueError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), ValueError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), ValueError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), ValueError> {
        if !self.dotnet {
            numbers::unsigned(value).map_err(ValueError::Mismatch)?;
        }
        written(encode::write_uint(self.out, value))
    }

    fn serialize_u128(self, value: u128) -> Result<(), ValueError> {
        match i128::try_from(value) {
            Ok(value) => self.wide(value),
            Err(_) => Err(ValueError::Mismatch(numbers::too_large(&value))),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), ValueError> {
        if self.dotnet {
            return written(encode::write_f32(self.out, value));
        }
        numbers::finite(value.into()).map_err(ValueError::Mismatch)?;
        match as_printed(value) {
            Some(printed) => written(encode::write_f64(self.out, printed)),
            None => written(encode::write_f32(self.out, value)),
        }
    }

    fn serialize_f64(self, value: f64) -> Result<(), ValueError> {
        if !self.dotnet {
            numbers::finite(value).map_err(ValueError::Mismatch)?;
        }
        written(encode::write_f64(self.out, value))
    }

    fn serialize_char(self, value: char) -> Result<(), ValueError> {
        match u16::try_from(u32::from(value)) {
            Ok(unit) if self.dotnet => self.serialize_u16(unit),
            _ => self.serialize_str(value.encode_utf8(&mut [0; 4])),
        }
    }

    fn serialize_str(self, value: &str) -> Result<(), ValueError> {
        written(encode::write_str(self.out, value))
    }

    /// Text that a value is displayed as. Of a date (`chrono::DateTime`, `jiff::Timestamp`), .NET expects a timestamp.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), ValueError> {
        let text = value.to_string();
        match timestamp::content(&text) {
            Some(content) if self.dotnet => written(timestamp::write(self.out, &content)),
            _ => self.serialize_str(&text),
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), ValueError> {
        written(encode::write_bin(self.out, value))
    }

    fn serialize_none(self) -> Result<(), ValueError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), ValueError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), ValueError> {
        self.out.push(0xc0);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), ValueError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), ValueError> {
        self.name(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), ValueError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        value.serialize(self.variant(variant)?)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'o>, ValueError> {
        Compound::array(self, len)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'o>, ValueError> {
        Compound::array(self, Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'o>, ValueError> {
        Compound::array(self, Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'o>, ValueError> {
        Compound::array(self.variant(variant)?, Some(len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'o>, ValueError> {
        Compound::map(self, len)
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Compound<'o>, ValueError> {
        Compound::map(self, Some(len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'o>, ValueError> {
        Compound::map(self.variant(variant)?, Some(len))
    }
}
