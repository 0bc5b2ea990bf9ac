//! Writes hub messages as ASP.NET Core does: exact lengths of arrays, which the Java client checks, and headers and
//! streams even if there are none.

use rmp::encode;

use super::value::write_value;
use crate::protocol::{EncodeError, Outcome, Outgoing, OutgoingHeaders, Payload, PayloadFormat};

/// A map without members.
const NO_HEADERS: u8 = 0x80;

pub(super) fn encode(message: &Outgoing<'_>, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode_with(message, &[], format, out)
}

fn encode_with(
    message: &Outgoing<'_>,
    headers: OutgoingHeaders<'_>,
    format: PayloadFormat,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    match *message {
        Outgoing::WithHeaders { headers, message } => encode_with(message, headers, format, out),
        Outgoing::Invocation { id, target, arguments } => {
            head(6, 1, headers, out)?;
            invocation(id, target, arguments, &[], format, out)
        }
        Outgoing::Call { streamed, id, target, arguments, stream_ids } => {
            head(6, if streamed { 4 } else { 1 }, headers, out)?;
            invocation(id, target, arguments, stream_ids, format, out)
        }
        Outgoing::StreamItem { id, item } => {
            head(4, 2, headers, out)?;
            write_value(id, format, out)?;
            item.encode(format, out)
        }
        Outgoing::Completion { id, outcome } => {
            head(if matches!(outcome, Outcome::Void) { 4 } else { 5 }, 3, headers, out)?;
            completion(id, outcome, format, out)
        }
        Outgoing::CancelInvocation { id } => {
            head(3, 5, headers, out)?;
            write_value(id, format, out)
        }
        Outgoing::Ping => {
            out.extend_from_slice(&[0x91, 6]);
            Ok(())
        }
        Outgoing::Close { error, allow_reconnect } => {
            out.extend_from_slice(&[0x93, 7]);
            write_value(&error.filter(|text| !text.is_empty()), format, out)?;
            write_value(&allow_reconnect, format, out)
        }
        Outgoing::Ack { sequence_id } => counter(8, sequence_id, out),
        Outgoing::Sequence { sequence_id } => counter(9, sequence_id, out),
    }
}

#[cold]
fn counter(kind: u8, sequence_id: u64, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(&[0x92, kind]);
    encode::write_uint(out, sequence_id).map(|_| ()).map_err(|error| EncodeError(error.to_string()))
}

/// What all messages about a call start with: how many items there are, the type, the headers.
#[inline]
fn head(items: u8, kind: u8, headers: OutgoingHeaders<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if !headers.is_empty() {
        return head_with(items, kind, headers, out);
    }
    out.extend_from_slice(&[0x90 | items, kind, NO_HEADERS]);
    Ok(())
}

#[cold]
fn head_with(items: u8, kind: u8, headers: OutgoingHeaders<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(&[0x90 | items, kind]);
    let count = u32::try_from(headers.len()).map_err(|_| EncodeError("too many headers".to_owned()))?;
    encode::write_map_len(out, count).map_err(|error| EncodeError(error.to_string()))?;
    // .NET ends the connection at an empty name or value; JSON has both.
    if headers.iter().any(|(name, value)| name.is_empty() || value.is_empty()) {
        return Err(EncodeError("MessagePack has no empty names or values of headers".to_owned()));
    }
    for text in headers.iter().flat_map(|(name, value)| [name, value]) {
        encode::write_str(out, text).map_err(|error| EncodeError(error.to_string()))?;
    }
    Ok(())
}

/// A call without headers, with this one. Both are without their length.
pub(super) fn with_header(call: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
    let rest = call.strip_prefix(&[0x96, 1, NO_HEADERS])?;
    let mut out = Vec::with_capacity(call.len() + name.len() + value.len() + 16);
    head_with(6, 1, &[(name, value)], &mut out).ok()?;
    out.extend_from_slice(rest);
    Some(out)
}

/// What an item of stream `id` starts with.
pub(super) fn open_item(id: &str, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    head(4, 2, &[], out)?;
    write_value(id, format, out)
}

fn invocation(
    id: Option<&str>,
    target: &str,
    arguments: &[&dyn Payload],
    stream_ids: &[String],
    format: PayloadFormat,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    write_value(&id, format, out)?;
    write_value(target, format, out)?;
    let count = u32::try_from(arguments.len()).map_err(|_| EncodeError("too many arguments".to_owned()))?;
    encode::write_array_len(out, count).map_err(|error| EncodeError(error.to_string()))?;
    for argument in arguments {
        argument.encode(format, out)?;
    }
    write_value(stream_ids, format, out)
}

fn completion(id: &str, outcome: Outcome<'_>, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    write_value(id, format, out)?;
    match outcome {
        Outcome::Error(text) => {
            out.push(1);
            write_value(text, format, out)
        }
        Outcome::Void => {
            out.push(2);
            Ok(())
        }
        Outcome::Value(value) => {
            out.push(3);
            value.encode(format, out)
        }
    }
}
