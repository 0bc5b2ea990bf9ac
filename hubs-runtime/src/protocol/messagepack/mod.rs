//! SignalR's MessagePack protocol: one array a message, each after its length. Values look to a browser as they do
//! under JSON; a second form of the protocol writes them as .NET does.

mod cursor;
mod decode;
mod encode;
mod frame;
mod timestamp;
mod value;

#[cfg(test)]
mod tests;

pub(super) use decode::header_pairs as headers;
pub(super) use value::{Decoder, ValueError, write_value};

use super::{EncodeError, Frame, HubMessage, HubProtocol, Outgoing, PayloadFormat, ProtocolError};
use crate::ids::TransferFormat;

/// How deep values may nest, the message itself included.
const MAX_DEPTH: usize = 64;

/// The `messagepack` protocol.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessagePackHubProtocol {
    dotnet: bool,
}

impl MessagePackHubProtocol {
    /// Objects have the names they have in JSON, so that a browser sees the same values under both protocols.
    pub const fn new() -> Self {
        Self { dotnet: false }
    }

    /// Values as .NET writes and reads them, for .NET peers: names of fields and variants start with a capital letter,
    /// keys of maps may be integers, characters are numbers, and integers beyond 2^53 pass.
    ///
    /// .NET has no enums with a tag beside their fields, nor untagged ones: such enums with named fields do not come
    /// back. Flattened fields keep their names. A date that a type displays with its offset from UTC (`chrono::DateTime`,
    /// `jiff::Timestamp`) is a timestamp, as .NET's `DateTime` is; dates without an offset are text.
    pub const fn dotnet() -> Self {
        Self { dotnet: true }
    }
}

impl HubProtocol for MessagePackHubProtocol {
    fn name(&self) -> &'static str {
        "messagepack"
    }

    fn transfer_format(&self) -> TransferFormat {
        TransferFormat::Binary
    }

    fn payload_format(&self) -> PayloadFormat {
        if self.dotnet { PayloadFormat::MessagePackDotnet } else { PayloadFormat::MessagePack }
    }

    fn slot(&self) -> usize {
        if self.dotnet { 2 } else { 1 }
    }

    fn frame(&self, bytes: &[u8], _: usize, limit: Option<usize>) -> Result<Option<Frame>, ProtocolError> {
        frame::find(bytes, limit)
    }

    fn decode<'a>(&self, body: &'a [u8]) -> Result<Option<HubMessage<'a>>, ProtocolError> {
        decode::decode(body, self.payload_format())
    }

    fn encode(&self, message: &Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        let written = encode::encode(message, self.payload_format(), out).and_then(|()| frame::close(out, start));
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    fn with_header(&self, call: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
        let body = frame::find(call, None).ok()??.body;
        let mut out = encode::with_header(&call[body], name, value)?;
        frame::close(&mut out, 0).ok()?;
        Some(out)
    }

    fn open_items(&self, id: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(&frame::ROOM);
        encode::open_item(id, self.payload_format(), out)
    }

    fn close_item(&self, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        frame::close_in_room(out)
    }
}
