//! What [`Text`](super::Text) writes as text: integers that JavaScript's numbers cannot hold, and types of other crates.

use std::fmt;

/// A type whose values [`Text`](super::Text) writes: `i64`, `u64`, `i128`, `u128`; with the feature of that name `rust_decimal`'s
/// `Decimal`, `ipnet`'s networks, and dates and times of `time`.
pub trait TextValue: Sized + 'static + sealed::Sealed {
    /// What a text is called that is none.
    #[doc(hidden)]
    const WHAT: &'static str;
    /// The `format` of JSON Schema.
    #[doc(hidden)]
    const FORMAT: &'static str;
    /// The `pattern` of JSON Schema, or nothing.
    #[doc(hidden)]
    const PATTERN: &'static str;
    /// Writes the text.
    #[doc(hidden)]
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    /// Reads it; the error says what is wrong.
    #[doc(hidden)]
    fn read(text: &str) -> Result<Self, String>;
}

mod sealed {
    pub trait Sealed {}
}

/// Types whose `Display` and `FromStr` are the text.
macro_rules! plain {
    ($($ty:ty => $what:literal $format:literal $pattern:literal,)*) => {$(
        impl sealed::Sealed for $ty {}

        impl TextValue for $ty {
            const WHAT: &'static str = $what;
            const FORMAT: &'static str = $format;
            const PATTERN: &'static str = $pattern;

            fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }

            fn read(text: &str) -> Result<Self, String> {
                text.parse::<Self>().map_err(|error| error.to_string())
            }
        }

        impl From<super::Text<$ty>> for $ty {
            fn from(super::Text(value): super::Text<$ty>) -> Self {
                value
            }
        }
    )*};
}

plain! {
    i64 => "int64" "int64" "^-?[0-9]+$",
    u64 => "uint64" "uint64" "^[0-9]+$",
    i128 => "int128" "int128" "^-?[0-9]+$",
    u128 => "uint128" "uint128" "^[0-9]+$",
}

#[cfg(feature = "rust_decimal")]
plain! {
    rust_decimal::Decimal => "decimal number" "decimal" r"^-?[0-9]+(\.[0-9]+)?$",
}

#[cfg(feature = "ipnet")]
plain! {
    ipnet::IpNet => "network" "ip-network" "",
    ipnet::Ipv4Net => "IPv4 network" "ipv4-network" "",
    ipnet::Ipv6Net => "IPv6 network" "ipv6-network" "",
}

/// Types of `time`, each as one of its well-known formats.
#[cfg(feature = "time")]
macro_rules! times {
    ($($ty:ty => $what:literal $format:literal as $known:expr;)*) => {$(
        impl sealed::Sealed for $ty {}

        impl TextValue for $ty {
            const WHAT: &'static str = $what;
            const FORMAT: &'static str = $format;
            const PATTERN: &'static str = "";

            fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // A year beyond four digits has no such text: serde reports that the value cannot be written.
                f.write_str(&self.format(&$known).map_err(|_| fmt::Error)?)
            }

            fn read(text: &str) -> Result<Self, String> {
                Self::parse(text, &$known).map_err(|error| error.to_string())
            }
        }

        impl From<super::Text<$ty>> for $ty {
            fn from(super::Text(value): super::Text<$ty>) -> Self {
                value
            }
        }
    )*};
}

#[cfg(feature = "time")]
times! {
    time::OffsetDateTime => "date and time of RFC 3339" "date-time" as time::format_description::well_known::Rfc3339;
    time::PrimitiveDateTime => "date and time" "partial-date-time" as time::format_description::well_known::Iso8601::DATE_TIME;
    time::Date => "date" "date" as time::format_description::well_known::Iso8601::DATE;
    time::Time => "time of day" "partial-time" as time::format_description::well_known::Iso8601::TIME;
}
