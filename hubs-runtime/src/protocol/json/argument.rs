//! Reads one argument. A plain string is found and checked many bytes at a time, where serde_json checks each byte;
//! everything else is left to serde_json.

use serde::{Deserialize, Deserializer, de::Visitor};

use super::value::is_plain;

/// Reads the value at the start of `text`; gives it with how long it is. `None`: there is no value.
pub(in crate::protocol) fn read_value<'de, T: Deserialize<'de>>(
    text: &'de str,
) -> Option<serde_json::Result<(T, usize)>> {
    if let Some(string) = PlainString::at_start_of(text) {
        return Some(T::deserialize(string).map(|value| (value, string.quoted.len())));
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next()?;
    Some(value.map(|value| (value, values.byte_offset())))
}

/// A JSON string that is the same without its quotes.
#[derive(Clone, Copy)]
struct PlainString<'de> {
    quoted: &'de str,
}

impl<'de> PlainString<'de> {
    fn at_start_of(text: &'de str) -> Option<Self> {
        let inside = text.strip_prefix('"')?;
        let end = memchr::memchr(b'"', inside.as_bytes())?;
        is_plain(&inside[..end]).then(|| Self { quoted: &text[..end + 2] })
    }

    fn inside(self) -> &'de str {
        &self.quoted[1..self.quoted.len() - 1]
    }
}

macro_rules! by_serde_json {
    ($($method:ident($($argument:ident: $type:ty),*)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> serde_json::Result<V::Value> {
            serde_json::Deserializer::from_str(self.quoted).$method($($argument,)* visitor)
        }
    )*};
}

type Name = &'static str;

impl<'de> Deserializer<'de> for PlainString<'de> {
    type Error = serde_json::Error;

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
        visitor.visit_borrowed_str(self.inside())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
        visitor.visit_borrowed_str(self.inside())
    }

    by_serde_json! {
        deserialize_any(),
        deserialize_bool(),
        deserialize_i8(),
        deserialize_i16(),
        deserialize_i32(),
        deserialize_i64(),
        deserialize_i128(),
        deserialize_u8(),
        deserialize_u16(),
        deserialize_u32(),
        deserialize_u64(),
        deserialize_u128(),
        deserialize_f32(),
        deserialize_f64(),
        deserialize_char(),
        deserialize_bytes(),
        deserialize_byte_buf(),
        deserialize_option(),
        deserialize_unit(),
        deserialize_unit_struct(name: Name),
        deserialize_newtype_struct(name: Name),
        deserialize_seq(),
        deserialize_tuple(len: usize),
        deserialize_tuple_struct(name: Name, len: usize),
        deserialize_map(),
        deserialize_struct(name: Name, fields: &'static [Name]),
        deserialize_enum(name: Name, variants: &'static [Name]),
        deserialize_identifier(),
        deserialize_ignored_any(),
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, value::RawValue};

    use super::*;

    fn read<T: DeserializeOwned>(text: &str) -> Option<(T, usize)> {
        read_value::<T>(text).and_then(Result::ok)
    }

    #[test]
    fn values_end_where_they_end() {
        for (text, len) in [(r#""plain","next""#, 7), (r#""a\"b",1"#, 6), (r#""",1"#, 2), (r#""κ"]"#, 4)] {
            let value: Value = serde_json::from_str(&text[..len]).unwrap();
            assert_eq!(read::<Value>(text), Some((value.clone(), len)), "{text}");
            assert_eq!(read::<String>(text), value.as_str().map(|text| (text.to_owned(), len)), "{text}");
            assert_eq!(read::<Option<String>>(text).unwrap().1, len, "{text}");
            assert_eq!(read::<Box<RawValue>>(text).unwrap().0.get(), &text[..len], "{text}");
        }
        assert_eq!(read::<u8>("12,3"), Some((12, 2)));
        assert!(read_value::<String>("").is_none());
    }

    #[test]
    fn what_is_no_string_is_refused_as_serde_json_does() {
        for text in ["\"a\u{1}b\"", "\"open", "\"\\q\"", "1"] {
            let ours = read_value::<String>(text).unwrap().unwrap_err();
            let theirs = serde_json::Deserializer::from_str(text).into_iter::<String>().next().unwrap().unwrap_err();
            assert_eq!((ours.classify(), ours.to_string()), (theirs.classify(), theirs.to_string()), "{text}");
        }
        let error = read_value::<u8>("\"x\"").unwrap().unwrap_err().to_string();
        assert_eq!(error, serde_json::from_str::<u8>("\"x\"").unwrap_err().to_string());
    }
}
