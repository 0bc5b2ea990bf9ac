//! Values that cross the wire as text: integers that JavaScript's numbers cannot hold, dates, networks.

mod values;

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub use values::TextValue;

/// A value that crosses the wire as text, under JSON and under MessagePack.
///
/// | `T` | Text | TypeScript | Feature |
/// |---|---|---|---|
/// | `i64`, `u64`, `i128`, `u128` | `18446744073709551615` | `` `${bigint}` `` | |
/// | `rust_decimal::Decimal` | `12.50` | `string` | `rust_decimal` |
/// | `ipnet::IpNet`, `Ipv4Net`, `Ipv6Net` | `10.1.0.0/16` | `string` | `ipnet` |
/// | `time::OffsetDateTime` | `2023-11-14T22:13:20Z` | `string` | `time` |
/// | `time::Date` | `2023-11-14` | `string` | `time` |
/// | `time::Time` | `22:13:20.000000000` | `string` | `time` |
/// | `time::PrimitiveDateTime` | `2023-11-14T22:13:20.000000000` | `string` | `time` |
///
/// JavaScript's numbers are exact up to 2^53 only, and a page reads all digits of a text: `BigInt(value)` reads it, and
/// `` `${big}` `` writes a `bigint`.
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

impl<T> From<T> for Text<T> {
    fn from(integer: T) -> Self {
        Self(integer)
    }
}

impl<T: TextValue> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

impl<T: TextValue> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: TextValue> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        T::read(&text).map(Self).map_err(|error| D::Error::custom(format_args!("not a {}: {error}", T::WHAT)))
    }
}

impl<T: TextValue> JsonSchema for Text<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("Text_{}", T::FORMAT))
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        match T::PATTERN {
            "" => json_schema!({ "type": "string", "format": T::FORMAT }),
            pattern => json_schema!({ "type": "string", "format": T::FORMAT, "pattern": pattern }),
        }
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
    }

    #[cfg(all(feature = "ipnet", feature = "rust_decimal", feature = "time"))]
    #[test]
    fn types_of_other_crates_pass_as_text() {
        fn same<T: TextValue + PartialEq + fmt::Debug>(text: &str, format: &str) {
            let read: Text<T> = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), text);
            assert_eq!(schemars::schema_for!(Text<T>).to_value()["format"], format);
            assert!(serde_json::from_value::<Text<T>>("nonsense".into()).is_err(), "{text}");
        }
        same::<rust_decimal::Decimal>("-12.50", "decimal");
        same::<ipnet::IpNet>("10.1.0.0/16", "ip-network");
        same::<ipnet::Ipv4Net>("10.1.0.0/16", "ipv4-network");
        same::<ipnet::Ipv6Net>("fd00::/8", "ipv6-network");
        same::<time::OffsetDateTime>("2023-11-14T22:13:20.123+01:00", "date-time");
        same::<time::PrimitiveDateTime>("2023-11-14T22:13:20.123000000", "partial-date-time");
        same::<time::Date>("2023-11-14", "date");
        same::<time::Time>("22:13:20.123000000", "partial-time");
    }
}
