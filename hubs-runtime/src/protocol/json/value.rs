//! Any serde value as JSON: serde_json, but what a browser cannot hold is an error, and bytes are base64. Knows nothing
//! of messages.

use std::{
    cell::{Cell, RefCell},
    io,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Serialize, Serializer,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};
use serde_json::ser::{CompactFormatter, Formatter};

use crate::protocol::{EncodeError, numbers};

/// What serde_json's own types serialize themselves as; the text inside is JSON already.
const RAW: &str = "$serde_json::private::";

/// Appends `value`.
pub(in crate::protocol) fn write_value<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let shared = Shared { out: RefCell::new(out), begun: Cell::new(false) };
    let mut json = serde_json::Serializer::with_formatter(Sink(&shared), Quotes(&shared));
    value.serialize(Checked { to: &mut json, shared: &shared }).map_err(|error| EncodeError(error.to_string()))
}

/// What serde_json writes to. [`Checked`] writes the inside of plain strings to it directly, since
/// serde_json would check them byte by byte.
struct Shared<'a> {
    out: RefCell<&'a mut Vec<u8>>,
    /// Whether the string that serde_json begins next is there already, but for its end.
    begun: Cell<bool>,
}

impl Shared<'_> {
    fn begin_plain(&self, text: &str) {
        let mut out = self.out.borrow_mut();
        out.reserve(text.len() + 2);
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        self.begun.set(true);
    }
}

struct Sink<'a>(&'a Shared<'a>);

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.out.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(drop)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All integers up to this one are exact in an `f32`.
const EXACT_F32: u64 = 1 << f32::MANTISSA_DIGITS;

/// serde_json's compact form, with floats that are whole as JavaScript and .NET write them: `1`, not `1.0`.
struct Quotes<'a>(&'a Shared<'a>);

impl Formatter for Quotes<'_> {
    fn begin_string<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.0.begun.take() { Ok(()) } else { writer.write_all(b"\"") }
    }

    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        match numbers::whole(value) {
            Some(whole) => self.write_i64(writer, whole),
            None => CompactFormatter.write_f64(writer, value),
        }
    }

    fn write_f32<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        match numbers::whole(value.into()) {
            // Above, an integer would have digits that the `f32` does not have.
            Some(whole) if whole.unsigned_abs() <= EXACT_F32 => self.write_i64(writer, whole),
            _ => CompactFormatter.write_f32(writer, value),
        }
    }
}

/// Whether `text` is the same between quotes in JSON. A loop without an early end, which compiles to vectors.
pub(super) fn is_plain(text: &str) -> bool {
    let escaped = |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    text.bytes().fold(0, |found, byte| found | escaped(byte)) == 0
}

/// A serializer, or a part of one, that checks what goes through; or a value that goes through one.
struct Checked<'a, S> {
    to: S,
    shared: &'a Shared<'a>,
}

impl<T: Serialize + ?Sized> Serialize for Checked<'_, &T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to.serialize(Checked { to: serializer, shared: self.shared })
    }
}

/// A struct in the making. The fields of serde_json's own types are not looked at.
struct CheckedStruct<'a, S> {
    to: S,
    shared: &'a Shared<'a>,
    raw: bool,
}

macro_rules! pass {
    ($($method:ident($($argument:ident: $type:ty),*)),* $(,)?) => {$(
        fn $method(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.to.$method($($argument),*)
        }
    )*};
}

macro_rules! check {
    ($($method:ident($type:ty) by $check:ident),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            numbers::$check(value.into()).map_err(S::Error::custom)?;
            self.to.$method(value)
        }
    )*};
}

macro_rules! compound {
    ($($method:ident($($argument:ident: $type:ty),*) -> $part:ident),* $(,)?) => {$(
        fn $method(self, $($argument: $type),*) -> Result<Self::$part, S::Error> {
            self.to.$method($($argument),*).map(|to| Checked { to, shared: self.shared })
        }
    )*};
}

type Name = &'static str;

impl<'a, S: Serializer> Serializer for Checked<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Checked<'a, S::SerializeSeq>;
    type SerializeTuple = Checked<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Checked<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Checked<'a, S::SerializeTupleVariant>;
    type SerializeMap = Checked<'a, S::SerializeMap>;
    type SerializeStruct = CheckedStruct<'a, S::SerializeStruct>;
    type SerializeStructVariant = Checked<'a, S::SerializeStructVariant>;

    pass! {
        serialize_bool(value: bool),
        serialize_i8(value: i8),
        serialize_i16(value: i16),
        serialize_i32(value: i32),
        serialize_u8(value: u8),
        serialize_u16(value: u16),
        serialize_u32(value: u32),
        serialize_char(value: char),
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

    fn serialize_str(self, value: &str) -> Result<S::Ok, S::Error> {
        if !is_plain(value) {
            return self.to.serialize_str(value);
        }
        self.shared.begin_plain(value);
        self.to.serialize_str("")
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<S::Ok, S::Error> {
        self.serialize_str(&STANDARD.encode(value))
    }

    fn serialize_struct(self, name: Name, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        let to = self.to.serialize_struct(name, len)?;
        Ok(CheckedStruct { to, shared: self.shared, raw: name.starts_with(RAW) })
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.to.serialize_some(&Checked { to: value, shared: self.shared })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: Name, value: &T) -> Result<S::Ok, S::Error> {
        self.to.serialize_newtype_struct(name, &Checked { to: value, shared: self.shared })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: Name,
        index: u32,
        variant: Name,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.to.serialize_newtype_variant(name, index, variant, &Checked { to: value, shared: self.shared })
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.to.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.to.is_human_readable()
    }
}

macro_rules! part {
    ($($trait:ident { $(fn $method:ident($($name:ident: $type:ty)?);)* })*) => {$(
        impl<S: $trait> $trait for Checked<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            $(
                fn $method<T: Serialize + ?Sized>(&mut self, $($name: $type,)? value: &T) -> Result<(), S::Error> {
                    self.to.$method($($name,)? &Checked { to: value, shared: self.shared })
                }
            )*

            fn end(self) -> Result<S::Ok, S::Error> {
                self.to.end()
            }
        }
    )*};
}

part! {
    SerializeSeq { fn serialize_element(); }
    SerializeTuple { fn serialize_element(); }
    SerializeTupleStruct { fn serialize_field(); }
    SerializeTupleVariant { fn serialize_field(); }
    SerializeStructVariant { fn serialize_field(name: Name); }
}

impl<S: SerializeMap> SerializeMap for Checked<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    // A key is text in JSON, whatever its type, so any integer may be one.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.to.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.to.serialize_value(&Checked { to: value, shared: self.shared })
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.to.end()
    }
}

impl<S: SerializeStruct> SerializeStruct for CheckedStruct<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), S::Error> {
        if self.raw {
            return self.to.serialize_field(name, value);
        }
        self.to.serialize_field(name, &Checked { to: value, shared: self.shared })
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.to.end()
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

    #[test]
    fn whole_floats_have_no_fraction() {
        let floats: [f64; 9] =
            [1.0, -3.0, 0.0, 1.5, 1e15, 9_007_199_254_740_991.0, 9_007_199_254_740_992.0, 1e300, 1e-7];
        let expected = "[1,-3,0,1.5,1000000000000000,9007199254740991,9007199254740992,1e+300,1e-7]";
        assert_eq!(text(&floats), expected);
        assert_eq!(text(&[1.0_f32, 0.1, -2.0]), "[1,0.1,-2]");
        assert_eq!(text(&(-0.0_f64)), "-0.0");
        assert_eq!(text(&json!({"a": 2.0, "b": [3.0]})), r#"{"a":2,"b":[3]}"#);
        for value in floats {
            assert_eq!(serde_json::from_str::<f64>(&text(&value)).unwrap().to_bits(), value.to_bits());
        }
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
        for string in ["", "plain, and longer than sixteen bytes", "a\"b", "κ\\", "\u{1e}", "ends in sixteen!\n"] {
            let pair = (string, BTreeMap::from([(string, string)]));
            assert_eq!(text(&pair), serde_json::to_string(&pair).unwrap());
        }
    }

    #[test]
    fn json_that_is_there_already_is_kept() {
        let raw = serde_json::value::RawValue::from_string(r#"{"a": "\u0061"}"#.to_owned()).unwrap();
        assert_eq!(text(&("x", &raw, "y")), r#"["x",{"a": "\u0061"},"y"]"#);
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
