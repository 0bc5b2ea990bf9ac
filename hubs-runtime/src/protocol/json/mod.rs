//! SignalR's JSON protocol: one UTF-8 object a message, each followed by 0x1E.

mod argument;
mod decode;
mod encode;
mod scan;
mod shapes;
mod surrogates;
mod value;

pub(super) use argument::read_value;
pub(super) use decode::header_pairs as headers;
pub(super) use encode::write_string;
pub(super) use surrogates::replaced as without_half_pairs;
pub(super) use value::write_value;

use super::{EncodeError, Frame, HubMessage, HubProtocol, Outgoing, PayloadFormat, ProtocolError, RECORD_SEPARATOR};
use crate::ids::TransferFormat;

/// The `json` protocol.
#[derive(Debug, Clone, Copy)]
pub struct JsonHubProtocol;

impl HubProtocol for JsonHubProtocol {
    fn name(&self) -> &'static str {
        "json"
    }

    fn transfer_format(&self) -> TransferFormat {
        TransferFormat::Text
    }

    fn payload_format(&self) -> PayloadFormat {
        PayloadFormat::Json
    }

    fn slot(&self) -> usize {
        0
    }

    fn frame(&self, bytes: &[u8], searched: usize, limit: Option<usize>) -> Result<Option<Frame>, ProtocolError> {
        let end = memchr::memchr(RECORD_SEPARATOR, &bytes[searched..]).map(|at| searched + at);
        let least = end.map_or(bytes.len() + 1, |end| end + 1);
        match limit {
            Some(limit) if least > limit => Err(ProtocolError::TooLarge(limit)),
            _ => Ok(end.map(|end| Frame { body: 0..end, len: end + 1 })),
        }
    }

    fn decode<'a>(&self, body: &'a [u8]) -> Result<Option<HubMessage<'a>>, ProtocolError> {
        decode::decode(body)
    }

    fn encode(&self, message: &Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let before = out.len();
        let written = encode::encode(message, out);
        if written.is_err() {
            out.truncate(before);
        }
        written
    }

    fn with_header(&self, call: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
        encode::with_header(call, name, value)
    }

    fn open_items(&self, id: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode::open_item(id, out);
        Ok(())
    }

    fn close_item(&self, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        out.extend_from_slice(&[b'}', RECORD_SEPARATOR]);
        Ok(0)
    }
}
