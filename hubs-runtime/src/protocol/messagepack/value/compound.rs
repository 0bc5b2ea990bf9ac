//! Writes what holds several values. The head says how many there are; if the number was unknown or wrong, it is
//! written again at the end.

use rmp::encode;
use serde::{
    Serialize,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};

use super::{
    ValueError,
    key_ser::KeyEncoder,
    ser::{Encoder, written},
};

/// An array or a map that is being written.
pub(super) struct Compound<'o> {
    encoder: Encoder<'o>,
    /// Where its head is.
    start: usize,
    /// Where its members start.
    members: usize,
    is_map: bool,
    claimed: usize,
    count: usize,
}

impl<'o> Compound<'o> {
    pub(super) fn array(encoder: Encoder<'o>, len: Option<usize>) -> Result<Self, ValueError> {
        Self::new(encoder, len.unwrap_or(0), false)
    }

    pub(super) fn map(encoder: Encoder<'o>, len: Option<usize>) -> Result<Self, ValueError> {
        Self::new(encoder, len.unwrap_or(0), true)
    }

    fn new(encoder: Encoder<'o>, claimed: usize, is_map: bool) -> Result<Self, ValueError> {
        let start = encoder.out.len();
        write_head(encoder.out, claimed, is_map)?;
        let members = encoder.out.len();
        Ok(Self { encoder, start, members, is_map, claimed, count: 0 })
    }

    fn encoder(&mut self) -> Encoder<'_> {
        Encoder { out: self.encoder.out, dotnet: self.encoder.dotnet }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.count += 1;
        value.serialize(self.encoder())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), ValueError> {
        self.count += 1;
        self.encoder().name(name)?;
        value.serialize(self.encoder())
    }

    fn finish(self) -> Result<(), ValueError> {
        if self.count != self.claimed {
            let mut head = Vec::with_capacity(5);
            write_head(&mut head, self.count, self.is_map)?;
            self.encoder.out.splice(self.start..self.members, head);
        }
        Ok(())
    }
}

fn write_head(out: &mut Vec<u8>, len: usize, is_map: bool) -> Result<(), ValueError> {
    let len = u32::try_from(len).map_err(|_| ValueError::custom("more than 2^32 elements"))?;
    written(if is_map { encode::write_map_len(out, len) } else { encode::write_array_len(out, len) })
}

macro_rules! elements {
    ($($trait:ident::$method:ident),*) => {$(
        impl $trait for Compound<'_> {
            type Ok = ();
            type Error = ValueError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
                self.element(value)
            }

            fn end(self) -> Result<(), ValueError> {
                self.finish()
            }
        }
    )*};
}

elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {$(
        impl $trait for Compound<'_> {
            type Ok = ();
            type Error = ValueError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), ValueError> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), ValueError> {
                self.finish()
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.count += 1;
        key.serialize(KeyEncoder(self.encoder()))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        value.serialize(self.encoder())
    }

    fn end(self) -> Result<(), ValueError> {
        self.finish()
    }
}
