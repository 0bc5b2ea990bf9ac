//! Writes hub messages as ASP.NET Core does: exact lengths of arrays, which the Java client checks, no headers, and
//! streams named even if there are none.

use rmp::encode;

use super::value::write_value;
use crate::protocol::{EncodeError, Outcome, Outgoing, Payload, PayloadFormat};

/// A map without members.
const NO_HEADERS: u8 = 0x80;

pub(super) fn encode(message: &Outgoing<'_>, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match *message {
        Outgoing::Invocation { id, target, arguments } => invocation(1, id, target, arguments, &[], format, out),
        Outgoing::Call { streamed, id, target, arguments, stream_ids } => {
            invocation(if streamed { 4 } else { 1 }, id, target, arguments, stream_ids, format, out)
        }
        Outgoing::StreamItem { id, item } => {
            open_item(id, format, out)?;
            item.encode(format, out)
        }
        Outgoing::Completion { id, outcome } => completion(id, outcome, format, out),
        Outgoing::CancelInvocation { id } => {
            head(3, 5, out);
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
    }
}

/// What all messages about a call start with: how many items there are, the type, the headers.
fn head(items: u8, kind: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[0x90 | items, kind, NO_HEADERS]);
}

/// What an item of stream `id` starts with.
pub(super) fn open_item(id: &str, format: PayloadFormat, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    head(4, 2, out);
    write_value(id, format, out)
}

fn invocation(
    kind: u8,
    id: Option<&str>,
    target: &str,
    arguments: &[&dyn Payload],
    stream_ids: &[String],
    format: PayloadFormat,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    head(6, kind, out);
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
    head(if matches!(outcome, Outcome::Void) { 4 } else { 5 }, 3, out);
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
