//! Any serde value as JSON: serde_json, but what a browser cannot hold is an error, and bytes are base64. Knows nothing
//! of messages.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Serialize, Serializer,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};

use crate::protocol::{EncodeError, numbers};

/// Appends `value`.
pub(in crate::protocol) fn write_value<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let mut json = serde_json::Serializer::new(out);
    value.serialize(Checked(&mut json)).map_err(|error| EncodeError(error.to_string()))
}

/// A serializer, or a part of one, that checks what goes through; or a value that goes through one.
struct Checked<S>(S);

impl<T: Serialize + ?Sized> Serialize for Checked<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Checked(serializer))
    }
}

macro_rules! pass {
    ($($method:ident($($argument:ident: $type:ty),*)),* $(,)?) => {$(
        fn $method(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.0.$method($($argument),*)
        }
    )*};
}

macro_rules! check {
    ($($method:ident($type:ty) by $check:ident),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            numbers::$check(value.into()).map_err(S::Error::custom)?;
            self.0.$method(value)
        }
    )*};
}

macro_rules! compound {
    ($($method:ident($($argument:ident: $type:ty),*) -> $part:ident),* $(,)?) => {$(
        fn $method(self, $($argument: $type),*) -> Result<Self::$part, S::Error> {
            self.0.$method($($argument),*).map(Checked)
        }
    )*};
}

type Name = &'static str;

impl<S: Serializer> Serializer for Checked<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Checked<S::SerializeSeq>;
    type SerializeTuple = Checked<S::SerializeTuple>;
    type SerializeTupleStruct = Checked<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Checked<S::SerializeTupleVariant>;
    type SerializeMap = Checked<S::SerializeMap>;
    type SerializeStruct = Checked<S::SerializeStruct>;
    type SerializeStructVariant = Checked<S::SerializeStructVariant>;

    pass! {
        serialize_bool(value: bool),
        serialize_i8(value: i8),
        serialize_i16(value: i16),
        serialize_i32(value: i32),
        serialize_u8(value: u8),
        serialize_u16(value: u16),
        serialize_u32(value: u32),
        serialize_char(value: char),
        serialize_str(value: &str),
        serialize_none(),
        serialize_unit(),
        serialize_unit_struct(name: Name),
        serialize_unit_variant(name: Name, index: u32, variant: Name),
    }

    check! {
        serialize_i64(i64) by signed,
        serialize_u64(u64) by unsigned,
        serialize_f32(f32) by finite,
        serialize_f64(f64) by finite,
    }

    compound! {
        serialize_seq(len: Option<usize>) -> SerializeSeq,
        serialize_tuple(len: usize) -> SerializeTuple,
        serialize_tuple_struct(name: Name, len: usize) -> SerializeTupleStruct,
        serialize_tuple_variant(name: Name, index: u32, variant: Name, len: usize) -> SerializeTupleVariant,
        serialize_map(len: Option<usize>) -> SerializeMap,
        serialize_struct(name: Name, len: usize) -> SerializeStruct,
        serialize_struct_variant(name: Name, index: u32, variant: Name, len: usize) -> SerializeStructVariant,
    }

    fn serialize_i128(self, value: i128) -> Result<S::Ok, S::Error> {
        let narrow = i64::try_from(value).map_err(|_| S::Error::custom(numbers::too_large(&value)))?;
        self.serialize_i64(narrow)
    }

    fn serialize_u128(self, value: u128) -> Result<S::Ok, S::Error> {
        let narrow = u64::try_from(value).map_err(|_| S::Error::custom(numbers::too_large(&value)))?;
        self.serialize_u64(narrow)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<S::Ok, S::Error> {
        self.0.serialize_str(&STANDARD.encode(value))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_some(&Checked(value))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: Name, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_struct(name, &Checked(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: Name,
        index: u32,
        variant: Name,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_variant(name, index, variant, &Checked(value))
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! part {
    ($($trait:ident { $(fn $method:ident($($name:ident: $type:ty)?);)* })*) => {$(
        impl<S: $trait> $trait for Checked<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            $(
                fn $method<T: Serialize + ?Sized>(&mut self, $($name: $type,)? value: &T) -> Result<(), S::Error> {
                    self.0.$method($($name,)? &Checked(value))
                }
            )*

            fn end(self) -> Result<S::Ok, S::Error> {
                self.0.end()
            }
        }
    )*};
}

part! {
    SerializeSeq { fn serialize_element(); }
    SerializeTuple { fn serialize_element(); }
    SerializeTupleStruct { fn serialize_field(); }
    SerializeTupleVariant { fn serialize_field(); }
    SerializeStruct { fn serialize_field(name: Name); }
    SerializeStructVariant { fn serialize_field(name: Name); }
}

impl<S: SerializeMap> SerializeMap for Checked<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    // A key is text in JSON, whatever its type, so any integer may be one.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.0.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.0.serialize_value(&Checked(value))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Order {
        sent_at: &'static str,
        note: Option<i64>,
        #[serde(flatten)]
        rest: BTreeMap<u64, f64>,
    }

    fn text<T: Serialize + ?Sized>(value: &T) -> String {
        let mut out = Vec::new();
        write_value(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn refused<T: Serialize + ?Sized>(value: &T) -> String {
        write_value(value, &mut Vec::new()).unwrap_err().to_string()
    }

    #[test]
    fn ordinary_values_are_as_serde_json_writes_them() {
        let order = Order { sent_at: "now", note: Some(-7), rest: BTreeMap::from([(u64::MAX, 1.5)]) };
        assert_eq!(text(&order), serde_json::to_string(&order).unwrap());
        assert_eq!(text(&json!([1, {"a": [null, true, "x"]}, 0.1])), r#"[1,{"a":[null,true,"x"]},0.1]"#);
        assert_eq!(text(&((), 'c', 0.1f32, i128::from(-5))), "[null,\"c\",0.1,-5]");
    }

    #[test]
    fn bytes_are_base64() {
        assert_eq!(text(&crate::ids::Bytes::from(vec![251, 255, 0, 1])), "\"+/8AAQ==\"");
        assert_eq!(text(&crate::ids::Bytes::default()), "\"\"");
    }

    #[test]
    fn numbers_a_browser_cannot_hold_are_refused_wherever_they_are() {
        assert!(refused(&9_007_199_254_740_992i64).contains("9007199254740992 is beyond 2^53 - 1"));
        assert!(refused(&vec![Some(u64::MAX)]).contains("beyond 2^53"));
        assert!(refused(&json!({"a": {"b": -9_007_199_254_740_993i64}})).contains("beyond 2^53"));
        assert!(refused(&i128::MAX).contains("beyond 2^53"));
        assert!(refused(&u128::MAX).contains("beyond 2^53"));
        assert!(refused(&f64::NAN).contains("NaN is no number in JSON"));
        assert!(refused(&(1, f32::NEG_INFINITY)).contains("-inf is no number in JSON"));
        let order = Order { sent_at: "", note: None, rest: BTreeMap::from([(1, f64::INFINITY)]) };
        assert!(refused(&order).contains("inf is no number"));
    }
}
