//! The arguments of a call while they are still the peer's bytes, and the typed cursor over them.

use serde::de::{DeserializeOwned, IgnoredAny};

#[cfg(feature = "messagepack")]
use super::messagepack::{Decoder, ValueError};
use super::{
    brief::brief,
    json::{read_value, without_half_pairs},
    payload::PayloadFormat,
};

/// Why an argument could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// The value is not of the parameter's type. Fails the call.
    #[error("argument {index}: {detail}")]
    Mismatch {
        /// Position of the argument, from 0.
        index: usize,
        /// What the decoder says.
        detail: String,
    },
    /// There is no such argument, and the parameter cannot do without. Fails the call.
    #[error("argument {index} is missing")]
    Missing {
        /// Position of the argument, from 0.
        index: usize,
    },
    /// What is there is no value at all. Ends the connection.
    #[error("argument {index} is malformed: {detail}")]
    Malformed {
        /// Position of the argument, from 0.
        index: usize,
        /// What the decoder says.
        detail: String,
    },
}

/// A cursor over the undecoded arguments of one call. Each is decoded once, straight into the type asked for.
#[derive(Debug, Clone)]
pub struct Arguments<'a> {
    format: PayloadFormat,
    rest: Rest<'a>,
    len: usize,
    taken: usize,
}

/// What follows the last argument taken.
#[derive(Debug, Clone)]
enum Rest<'a> {
    /// JSON, without the brackets of the array; known to be UTF-8, so that no string in it is checked again.
    Text(&'a str),
    #[cfg(feature = "messagepack")]
    Binary(&'a [u8]),
}

/// The arguments of one call, copied: they outlive the peer's bytes. Values are not printed.
pub struct KeptArguments {
    format: PayloadFormat,
    elements: Elements,
    len: usize,
}

enum Elements {
    Text(Box<str>),
    #[cfg(feature = "messagepack")]
    Binary(Box<[u8]>),
}

impl KeptArguments {
    /// A cursor that starts at the first.
    pub fn arguments(&self) -> Arguments<'_> {
        let rest = match &self.elements {
            Elements::Text(text) => Rest::Text(text),
            #[cfg(feature = "messagepack")]
            Elements::Binary(bytes) => Rest::Binary(bytes),
        };
        Arguments { format: self.format, rest, len: self.len, taken: 0 }
    }
}

impl std::fmt::Debug for KeptArguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptArguments").field("len", &self.len).finish_non_exhaustive()
    }
}

impl<'a> Arguments<'a> {
    /// `elements` holds `len` values; in JSON they are separated by commas, without the brackets. JSON that is not
    /// UTF-8 holds no value.
    pub fn new(format: PayloadFormat, elements: &'a [u8], len: usize) -> Self {
        let rest = match format {
            PayloadFormat::Json => Rest::Text(std::str::from_utf8(elements).unwrap_or_default()),
            #[cfg(feature = "messagepack")]
            PayloadFormat::MessagePack | PayloadFormat::MessagePackDotnet => Rest::Binary(elements),
        };
        Self { format, rest, len, taken: 0 }
    }

    /// JSON text that holds `len` values, separated by commas, without brackets.
    pub fn json(elements: &'a str, len: usize) -> Self {
        Self { format: PayloadFormat::Json, rest: Rest::Text(elements), len, taken: 0 }
    }

    /// How the arguments are encoded.
    pub fn format(&self) -> PayloadFormat {
        self.format
    }

    /// The elements that are not taken, if they are JSON.
    #[cfg(feature = "server")]
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.rest {
            Rest::Text(text) => Some(text),
            #[cfg(feature = "messagepack")]
            Rest::Binary(_) => None,
        }
    }

    /// How many arguments came, taken or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no argument came at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Decodes the next argument. An argument that was left out reads as null, so that trailing `Option` parameters
    /// may be omitted. Half an emoji in text reads as U+FFFD.
    pub fn take<T: DeserializeOwned>(&mut self) -> Result<T, ArgumentError> {
        let index = self.taken;
        self.taken += 1;
        if index >= self.len {
            return serde_json::from_str("null").map_err(|_| ArgumentError::Missing { index });
        }
        match self.rest {
            Rest::Text(rest) => self.take_json(rest, index),
            #[cfg(feature = "messagepack")]
            Rest::Binary(rest) => self.take_messagepack(rest, index),
        }
    }

    /// A copy. No argument may have been taken.
    pub fn kept(&self) -> KeptArguments {
        debug_assert_eq!(self.taken, 0, "the cursor is at the first argument");
        let elements = match self.rest {
            Rest::Text(text) => Elements::Text(text.into()),
            #[cfg(feature = "messagepack")]
            Rest::Binary(bytes) => Elements::Binary(bytes.into()),
        };
        KeptArguments { format: self.format, elements, len: self.len }
    }

    /// Checks that what is left are values, whatever their types.
    pub fn skip_rest(&mut self) -> Result<(), ArgumentError> {
        while self.taken < self.len {
            self.take::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn take_json<T: DeserializeOwned>(&mut self, mut rest: &'a str, index: usize) -> Result<T, ArgumentError> {
        let no_value = || ArgumentError::Malformed { index, detail: "no value".to_owned() };
        if index > 0 {
            rest = rest.split_once(',').ok_or_else(no_value)?.1;
        }
        let read = read_value(rest).ok_or_else(no_value)?;
        let read =
            read.or_else(|error| without_half_pairs(rest).and_then(|rest| read_value(&rest)).unwrap_or(Err(error)));
        let (value, len) = read.map_err(|error| json_error(index, &error, rest))?;
        self.rest = Rest::Text(&rest[len..]);
        Ok(value)
    }
}

#[cfg(feature = "messagepack")]
impl<'a> Arguments<'a> {
    fn take_messagepack<T: DeserializeOwned>(&mut self, rest: &'a [u8], index: usize) -> Result<T, ArgumentError> {
        let mut decoder = Decoder::new(rest, self.format);
        let value = decoder.read().map_err(|error| match error {
            ValueError::Mismatch(detail) => ArgumentError::Mismatch { index, detail },
            ValueError::Broken(detail) => ArgumentError::Malformed { index, detail: detail.to_owned() },
        })?;
        self.rest = Rest::Binary(decoder.rest());
        Ok(value)
    }
}

/// Serde calls a list that is too long for a tuple, and a value for an enum that has none, errors of syntax: what can be
/// read as some value is JSON.
fn json_error(index: usize, error: &serde_json::Error, rest: &str) -> ArgumentError {
    let detail = brief(error);
    let is_json = || matches!(read_value::<IgnoredAny>(rest), Some(Ok(_)));
    if error.is_data() || is_json() {
        return ArgumentError::Mismatch { index, detail };
    }
    ArgumentError::Malformed { index, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Has no value, so that none can be read.
    #[derive(Debug, serde::Deserialize)]
    enum Never {}

    #[test]
    fn json_of_another_shape_is_a_wrong_argument() {
        let wrong = |error| matches!(error, ArgumentError::Mismatch { index: 0, .. });
        assert!(wrong(Arguments::json("[1,2,3]", 1).take::<(u8, u8)>().unwrap_err()));
        assert!(wrong(Arguments::json("1", 1).take::<Option<Never>>().unwrap_err()));
        let broken = Arguments::json("[1,2,,3]", 1).take::<(u8, u8)>().unwrap_err();
        assert!(matches!(broken, ArgumentError::Malformed { .. }));
    }
}
