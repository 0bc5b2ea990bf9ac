//! The hub protocol: pure bytes to messages and back. No I/O, no clock, no hubs.

mod arguments;
mod payload;

pub use arguments::{ArgumentError, Arguments};
pub use payload::{DecodeError, EncodeError, Payload, PayloadFormat, RawPayload};
