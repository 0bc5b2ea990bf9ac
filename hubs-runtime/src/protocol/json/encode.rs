//! Writes hub messages as JSON, members in the order in which ASP.NET Core writes them.

use super::value::is_plain;
use crate::protocol::{EncodeError, Outcome, Outgoing, OutgoingHeaders, Payload, PayloadFormat, RECORD_SEPARATOR};

pub(super) fn encode(message: &Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode_with(message, &[], out)
}

fn encode_with(message: &Outgoing<'_>, headers: OutgoingHeaders<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match *message {
        Outgoing::WithHeaders { headers, message } => return encode_with(message, headers, out),
        Outgoing::Invocation { id, target, arguments } => {
            open(b"{\"type\":1", headers, out);
            invocation(id, target, arguments, &[], out)?;
        }
        Outgoing::Call { streamed, id, target, arguments, stream_ids } => {
            open(if streamed { b"{\"type\":4" } else { b"{\"type\":1" }, headers, out);
            invocation(id, target, arguments, stream_ids, out)?;
        }
        Outgoing::StreamItem { id, item } => {
            open(b"{\"type\":2", headers, out);
            item_head(id, out);
            item.encode(PayloadFormat::Json, out)?;
            out.push(b'}');
        }
        Outgoing::Completion { id, outcome } => {
            open(b"{\"type\":3", headers, out);
            completion(id, outcome, out)?;
        }
        Outgoing::CancelInvocation { id } => {
            open(b"{\"type\":5", headers, out);
            out.extend_from_slice(br#","invocationId":"#);
            write_string(id, out);
            out.push(b'}');
        }
        Outgoing::Ping => out.extend_from_slice(br#"{"type":6}"#),
        Outgoing::Close { error, allow_reconnect } => close(error, allow_reconnect, out),
        Outgoing::Ack { sequence_id } => counter(b"{\"type\":8", sequence_id, out),
        Outgoing::Sequence { sequence_id } => counter(b"{\"type\":9", sequence_id, out),
    }
    out.push(RECORD_SEPARATOR);
    Ok(())
}

/// What a message about a call starts with.
#[inline]
fn open(kind: &[u8; 9], headers: OutgoingHeaders<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(kind);
    if !headers.is_empty() {
        write_headers(headers, out);
    }
}

#[cold]
fn write_headers(headers: OutgoingHeaders<'_>, out: &mut Vec<u8>) {
    for (index, (name, value)) in headers.iter().enumerate() {
        out.extend_from_slice(if index == 0 { &br#","headers":{"#[..] } else { &b","[..] });
        write_string(name, out);
        out.push(b':');
        write_string(value, out);
    }
    out.push(b'}');
}

/// A call without headers, with this one.
pub(super) fn with_header(call: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
    const START: &[u8] = br#"{"type":1"#;
    let rest = call.strip_prefix(START)?;
    let mut out = Vec::with_capacity(call.len() + name.len() + value.len() + 24);
    out.extend_from_slice(START);
    write_headers(&[(name, value)], &mut out);
    out.extend_from_slice(rest);
    Some(out)
}

/// What an item of stream `id` starts with.
pub(super) fn open_item(id: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":2"#);
    item_head(id, out);
}

fn item_head(id: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#","invocationId":"#);
    write_string(id, out);
    out.extend_from_slice(br#","item":"#);
}

fn invocation(
    id: Option<&str>,
    target: &str,
    arguments: &[&dyn Payload],
    stream_ids: &[String],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if let Some(id) = id {
        out.extend_from_slice(br#","invocationId":"#);
        write_string(id, out);
    }
    out.extend_from_slice(br#","target":"#);
    write_string(target, out);
    out.extend_from_slice(br#","arguments":["#);
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        argument.encode(PayloadFormat::Json, out)?;
    }
    out.push(b']');
    for (index, id) in stream_ids.iter().enumerate() {
        out.extend_from_slice(if index == 0 { &br#","streamIds":["#[..] } else { &b","[..] });
        write_string(id, out);
    }
    out.extend_from_slice(if stream_ids.is_empty() { &b"}"[..] } else { &b"]}"[..] });
    Ok(())
}

fn completion(id: &str, outcome: Outcome<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(br#","invocationId":"#);
    write_string(id, out);
    match outcome {
        Outcome::Value(value) => {
            out.extend_from_slice(br#","result":"#);
            value.encode(PayloadFormat::Json, out)?;
        }
        Outcome::Error(text) => {
            out.extend_from_slice(br#","error":"#);
            write_string(text, out);
        }
        Outcome::Void => {}
    }
    out.push(b'}');
    Ok(())
}

fn close(error: Option<&str>, allow_reconnect: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":7"#);
    if let Some(text) = error {
        out.extend_from_slice(br#","error":"#);
        write_string(text, out);
    }
    if allow_reconnect {
        out.extend_from_slice(br#","allowReconnect":true"#);
    }
    out.push(b'}');
}

#[cold]
fn counter(kind: &[u8], sequence_id: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(kind);
    out.extend_from_slice(format!(r#","sequenceId":{sequence_id}}}"#).as_bytes());
}

/// Appends `text` as a JSON string.
pub(in crate::protocol) fn write_string(text: &str, out: &mut Vec<u8>) {
    if is_plain(text) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("a string can always be written to memory");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &Outgoing<'_>) -> String {
        let mut out = Vec::new();
        encode(message, &mut out).unwrap();
        assert_eq!(out.pop(), Some(RECORD_SEPARATOR));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn messages_have_the_bytes_of_aspnet() {
        let arguments: [&dyn Payload; 2] = [&42, &"a\u{1e}b"];
        let call = Outgoing::Invocation { id: None, target: "Send", arguments: &arguments };
        assert_eq!(text(&call), r#"{"type":1,"target":"Send","arguments":[42,"a\u001eb"]}"#);
        let ask = Outgoing::Invocation { id: Some("s1"), target: "Ask", arguments: &[] };
        assert_eq!(text(&ask), r#"{"type":1,"invocationId":"s1","target":"Ask","arguments":[]}"#);
        let done = Outgoing::Completion { id: "1", outcome: Outcome::Value(&()) };
        assert_eq!(text(&done), r#"{"type":3,"invocationId":"1","result":null}"#);
        let failed = Outgoing::Completion { id: "\"", outcome: Outcome::Error("no") };
        assert_eq!(text(&failed), r#"{"type":3,"invocationId":"\"","error":"no"}"#);
        let item = Outgoing::StreamItem { id: "1", item: &7 };
        assert_eq!(text(&item), r#"{"type":2,"invocationId":"1","item":7}"#);
        let end = Outgoing::Completion { id: "1", outcome: Outcome::Void };
        assert_eq!(text(&end), r#"{"type":3,"invocationId":"1"}"#);
        let (target, streams) = ("Up", ["2".to_owned()]);
        let up = Outgoing::Call { streamed: true, id: Some("1"), target, arguments: &[], stream_ids: &streams };
        assert_eq!(text(&up), r#"{"type":4,"invocationId":"1","target":"Up","arguments":[],"streamIds":["2"]}"#);
        assert_eq!(text(&Outgoing::CancelInvocation { id: "1" }), r#"{"type":5,"invocationId":"1"}"#);
        assert_eq!(text(&Outgoing::Ping), r#"{"type":6}"#);
        assert_eq!(text(&Outgoing::Close { error: None, allow_reconnect: false }), r#"{"type":7}"#);
        let close = Outgoing::Close { error: Some("e"), allow_reconnect: true };
        assert_eq!(text(&close), r#"{"type":7,"error":"e","allowReconnect":true}"#);
        assert_eq!(text(&Outgoing::Ack { sequence_id: 2 }), r#"{"type":8,"sequenceId":2}"#);
        assert_eq!(text(&Outgoing::Sequence { sequence_id: 3 }), r#"{"type":9,"sequenceId":3}"#);
    }
}
