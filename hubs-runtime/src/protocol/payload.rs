//! Values in a protocol's own encoding: how any serde value is written, and one that came in and waits to be read.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

#[cfg(feature = "messagepack")]
use super::messagepack;
use super::{brief::brief, json};

/// The encoding of values inside hub messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadFormat {
    /// JSON text.
    Json,
    /// MessagePack; objects have the names they have in JSON.
    #[cfg(feature = "messagepack")]
    MessagePack,
    /// MessagePack as .NET writes it.
    #[cfg(feature = "messagepack")]
    MessagePackDotnet,
}

impl PayloadFormat {
    /// Reads one value, which `bytes` must hold and nothing else.
    pub(crate) fn decode<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, DecodeError> {
        match self {
            Self::Json => {
                let again = || serde_json::from_str(&json::without_half_pairs(std::str::from_utf8(bytes).ok()?)?).ok();
                serde_json::from_slice(bytes).or_else(|error| again().ok_or_else(|| DecodeError(brief(error))))
            }
            #[cfg(feature = "messagepack")]
            Self::MessagePack | Self::MessagePackDotnet => {
                let value = messagepack::Decoder::new(bytes, self).read();
                value.map_err(|error| DecodeError(error.to_string()))
            }
        }
    }
}

/// A value that could not be written.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot encode: {0}")]
pub struct EncodeError(pub(crate) String);

/// A value that is not of the type asked for.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot decode: {0}")]
pub struct DecodeError(pub(crate) String);

/// A value that can write itself in every format. Implemented for all `Serialize` types.
pub trait Payload {
    /// Appends the value to `out`.
    fn encode(&self, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

impl<T: Serialize + ?Sized> Payload for T {
    fn encode(&self, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match format {
            PayloadFormat::Json => json::write_value(self, out),
            #[cfg(feature = "messagepack")]
            PayloadFormat::MessagePack | PayloadFormat::MessagePackDotnet => {
                messagepack::write_value(self, format, out)
            }
        }
    }
}

/// A value as it came in, not yet decoded.
#[derive(Debug, Clone)]
pub struct RawPayload {
    format: PayloadFormat,
    bytes: Bytes,
}

/// Writes the bytes as they are, in the format in which they came.
impl Payload for RawPayload {
    fn encode(&self, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if format != self.format {
            return Err(EncodeError("the value came in another format".to_owned()));
        }
        out.extend_from_slice(&self.bytes);
        Ok(())
    }
}

impl RawPayload {
    /// Wraps the bytes of one value.
    pub fn new(format: PayloadFormat, bytes: Bytes) -> Self {
        Self { format, bytes }
    }

    /// The value of nothing: null, nil.
    pub fn null() -> Self {
        Self { format: PayloadFormat::Json, bytes: Bytes::from_static(b"null") }
    }

    /// Reads the value as a `T`.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        self.format.decode(&self.bytes)
    }
}
