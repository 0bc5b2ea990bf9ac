//! Binary data in a contract.

use std::{borrow::Cow, fmt, ops::Deref};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use ts_rs::{Config, TS};

/// Binary data: base64 under JSON, bytes under MessagePack. Cheap to clone.
///
/// A browser gets a `string` under JSON and a `Uint8Array` under MessagePack, and may send either, or an array of
/// numbers. `Vec<u8>` is an array of numbers under both.
///
/// ```
/// let picture = hubs::Bytes::from(vec![137, 80, 78, 71]);
/// assert_eq!(picture.len(), 4);
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(bytes::Bytes);

impl Bytes {
    /// The bytes as the `bytes` crate has them.
    pub fn into_inner(self) -> bytes::Bytes {
        self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<bytes::Bytes> for Bytes {
    fn from(bytes: bytes::Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes::Bytes::copy_from_slice(bytes))
    }
}

impl<const N: usize> From<[u8; N]> for Bytes {
    fn from(bytes: [u8; N]) -> Self {
        Self::from(&bytes[..])
    }
}

impl From<Bytes> for bytes::Bytes {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.0.into()
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What comes differs by protocol and by peer, and only the value itself knows.
        deserializer.deserialize_any(AnyForm)
    }
}

struct AnyForm;

impl<'de> Visitor<'de> for AnyForm {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("binary data: base64, bytes or an array of numbers")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        let decoded = STANDARD.decode(text).map_err(|error| E::custom(format_args!("not base64: {error}")))?;
        Ok(decoded.into())
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(bytes.into())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(bytes.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Bytes, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = numbers.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes.into())
    }

    /// What `JSON.stringify` makes of a `Uint8Array`: `{"0":1,"1":2}`.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Bytes, A::Error> {
        let mut bytes = Vec::new();
        // Text, as keys are: inside of a tagged enum, serde does not make numbers of them.
        while let Some((index, byte)) = members.next_entry::<String, u8>()? {
            if index.parse() != Ok(bytes.len()) {
                return Err(A::Error::custom("expected the members of a Uint8Array: 0, 1, 2 and so on"));
            }
            bytes.push(byte);
        }
        Ok(bytes.into())
    }
}

impl JsonSchema for Bytes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Bytes")
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Borrowed("hubs::Bytes")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "contentEncoding": "base64" })
    }
}

impl TS for Bytes {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(_: &Config) -> String {
        "string | Uint8Array".to_owned()
    }

    fn inline(config: &Config) -> String {
        Self::name(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<u8>, String> {
        serde_json::from_str::<Bytes>(json).map(Vec::from).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_is_read() {
        for json in ["\"AQL/\"", "[1,2,255]", r#"{"0":1,"1":2,"2":255}"#] {
            assert_eq!(read(json), Ok(vec![1, 2, 255]), "{json}");
        }
        for json in ["\"\"", "[]", "{}"] {
            assert_eq!(read(json), Ok(Vec::new()), "{json}");
        }
    }

    #[test]
    fn it_is_described_as_what_a_browser_gets() {
        let config = Config::new();
        assert_eq!(Option::<Vec<Bytes>>::name(&config), "Array<string | Uint8Array> | null");
        let schema = schemars::schema_for!(Bytes).to_value();
        assert_eq!((&schema["type"], &schema["contentEncoding"]), (&"string".into(), &"base64".into()));
    }

    #[test]
    fn what_is_no_binary_data_is_refused() {
        for json in ["\"AQL\"", "\"A-_/\"", "[256]", "[-1]", r#"{"1":1}"#, r#"{"a":1}"#, "1", "null", "true"] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
