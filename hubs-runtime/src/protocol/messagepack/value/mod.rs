//! Any serde value as MessagePack. Structs are maps with names, and types that have a form for people use it, so that a
//! browser sees what it sees under JSON; the .NET forms differ in names, keys and the range of integers. Knows nothing
//! of messages.

mod access;
mod compound;
mod de;
mod key_de;
mod key_ser;
mod names;
mod ser;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cursor::{Broken, Cursor};
use crate::protocol::{EncodeError, PayloadFormat, brief::brief};

/// Why a value could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(in crate::protocol) enum ValueError {
    /// The bytes are no value at all.
    #[error("{0}")]
    Broken(&'static str),
    /// The value is not of the type, or has no form in MessagePack.
    #[error("{0}")]
    Mismatch(String),
}

impl From<Broken> for ValueError {
    fn from(broken: Broken) -> Self {
        Self::Broken(match broken {
            Broken::End => "the bytes end inside a value",
            Broken::Reserved => "0xc1 starts no value",
            Broken::Depth => "values nest too deep",
        })
    }
}

impl serde::de::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Mismatch(brief(message))
    }
}

impl serde::ser::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Mismatch(brief(message))
    }
}

/// Appends `value`.
pub(in crate::protocol) fn write_value<T: Serialize + ?Sized>(
    value: &T,
    format: PayloadFormat,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let dotnet = format == PayloadFormat::MessagePackDotnet;
    value.serialize(ser::Encoder { out, dotnet }).map_err(|error| EncodeError(error.to_string()))
}

/// Reads values one after the other.
#[derive(Debug)]
pub(in crate::protocol) struct Decoder<'de> {
    cursor: Cursor<'de>,
    dotnet: bool,
    /// How deep the next array or map may nest.
    depth: usize,
}

impl<'de> Decoder<'de> {
    pub(in crate::protocol) fn new(bytes: &'de [u8], format: PayloadFormat) -> Self {
        let dotnet = format == PayloadFormat::MessagePackDotnet;
        Self { cursor: Cursor::new(bytes), dotnet, depth: super::MAX_DEPTH }
    }

    pub(in crate::protocol) fn read<T: Deserialize<'de>>(&mut self) -> Result<T, ValueError> {
        T::deserialize(self)
    }

    /// What has not been read.
    pub(in crate::protocol) fn rest(&self) -> &'de [u8] {
        self.cursor.rest()
    }
}
