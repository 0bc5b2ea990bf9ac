//! Integers that JavaScript's numbers cannot hold.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use ts_rs::{Config, TS};

/// An integer that crosses the wire as text, so that a page can read all of its digits: an `i64`, `u64`, `i128` or `u128`.
///
/// JavaScript's numbers are exact up to 2^53 only. Under JSON and under MessagePack a `Text<u64>` is a string of digits, and
/// its TypeScript is `` `${bigint}` ``: `BigInt(value)` reads it, and `` `${big}` `` writes a `bigint`.
///
/// ```
/// use hubs::{Text, hub_type};
///
/// #[hub_type]
/// pub struct Account {
///     pub number: Text<u64>,
/// }
///
/// let account = Account { number: u64::MAX.into() };
/// assert_eq!(serde_json::to_string(&account)?, r#"{"number":"18446744073709551615"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<T>(pub T);

/// The integers that [`Text`] writes as text.
pub trait TextInteger: fmt::Display + FromStr<Err: fmt::Display> + sealed::Sealed {
    /// The name of the type in JSON Schema, such as `uint64`.
    #[doc(hidden)]
    const FORMAT: &'static str;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! integers {
    ($($integer:ident $format:literal,)*) => {$(
        impl sealed::Sealed for $integer {}

        impl TextInteger for $integer {
            const FORMAT: &'static str = $format;
        }

        impl From<Text<$integer>> for $integer {
            fn from(Text(integer): Text<$integer>) -> Self {
                integer
            }
        }
    )*};
}

integers! {
    i64 "int64",
    u64 "uint64",
    i128 "int128",
    u128 "uint128",
}

impl<T> From<T> for Text<T> {
    fn from(integer: T) -> Self {
        Self(integer)
    }
}

impl<T: TextInteger> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: TextInteger> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: TextInteger> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|error| D::Error::custom(format_args!("not a {}: {error}", T::FORMAT)))
    }
}

impl<T: TextInteger> JsonSchema for Text<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("Text_{}", T::FORMAT))
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = if T::FORMAT.starts_with('u') { "^[0-9]+$" } else { "^-?[0-9]+$" };
        json_schema!({ "type": "string", "format": T::FORMAT, "pattern": pattern })
    }
}

impl<T: TextInteger + 'static> TS for Text<T> {
    type WithoutGenerics = Text<u64>;
    type OptionInnerType = Self;

    fn name(_: &Config) -> String {
        "string".to_owned()
    }

    fn inline(config: &Config) -> String {
        Self::name(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_digits_pass() {
        for text in ["0", "9007199254740993", "-9223372036854775808"] {
            let json = format!("\"{text}\"");
            let read: Text<i64> = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
        let largest = Text(u128::MAX);
        let back: Text<u128> = serde_json::from_str(&serde_json::to_string(&largest).unwrap()).unwrap();
        assert_eq!(back, largest);
    }

    #[test]
    fn what_is_no_such_integer_is_refused() {
        for json in ["1", "\"\"", "\"1.5\"", "\"-1\"", "\"18446744073709551616\"", "\"0x1\"", "null"] {
            assert!(serde_json::from_str::<Text<u64>>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn it_is_described_as_text() {
        let schema = schemars::schema_for!(Text<u64>).to_value();
        assert_eq!((&schema["type"], &schema["format"]), (&"string".into(), &"uint64".into()));
        assert_eq!(Option::<Vec<Text<i64>>>::name(&Config::new()), "Array<string> | null");
    }
}
