//! The names of types of this crate and of others.

use super::{
    Layout, Named, Names, Part,
    standard::{known, written},
};
use crate::ids::{Bytes, Text, TextValue};

known!(Bytes, serde_json::Number);

impl<T: TextValue> Named for Text<T> {
    fn name(_: &Names) -> String {
        "string".to_owned()
    }
}

impl Named for serde_json::Value {
    fn name(_: &Names) -> String {
        "unknown".to_owned()
    }
}

impl Named for serde_json::Map<String, serde_json::Value> {
    fn name(_: &Names) -> String {
        "{ [key in string]: unknown }".to_owned()
    }

    fn layout(part: Part, names: &Names) -> Option<Layout> {
        (part == Part::Fields).then(|| Layout::written(format!("({})", Self::name(names))))
    }
}

#[cfg(feature = "bigdecimal")]
known!(bigdecimal::BigDecimal);

#[cfg(feature = "rust_decimal")]
impl Named for rust_decimal::Decimal {
    fn name(_: &Names) -> String {
        "string".to_owned()
    }
}

#[cfg(feature = "url")]
known!(url::Url);

#[cfg(feature = "uuid")]
known!(uuid::Uuid);

#[cfg(feature = "chrono")]
known!(chrono::NaiveDateTime, chrono::NaiveDate, chrono::NaiveTime, chrono::Month, chrono::Weekday);

#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone + 'static> Named for chrono::DateTime<Tz> {
    fn name(_: &Names) -> String {
        "string".to_owned()
    }
}
