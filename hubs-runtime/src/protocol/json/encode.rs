//! Writes hub messages as JSON, members in the order in which ASP.NET Core writes them.

use crate::protocol::{EncodeError, Outcome, Outgoing, Payload, PayloadFormat, RECORD_SEPARATOR};

pub(super) fn encode(message: &Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match *message {
        Outgoing::Invocation { id, target, arguments } => invocation(id, target, arguments, out)?,
        Outgoing::Completion { id, outcome } => completion(id, outcome, out)?,
        Outgoing::Ping => out.extend_from_slice(br#"{"type":6}"#),
        Outgoing::Close { error, allow_reconnect } => close(error, allow_reconnect, out),
    }
    out.push(RECORD_SEPARATOR);
    Ok(())
}

fn invocation(
    id: Option<&str>,
    target: &str,
    arguments: &[&dyn Payload],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    out.extend_from_slice(br#"{"type":1,"#);
    if let Some(id) = id {
        out.extend_from_slice(br#""invocationId":"#);
        write_string(id, out);
        out.push(b',');
    }
    out.extend_from_slice(br#""target":"#);
    write_string(target, out);
    out.extend_from_slice(br#","arguments":["#);
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        argument.encode(PayloadFormat::Json, out)?;
    }
    out.extend_from_slice(b"]}");
    Ok(())
}

fn completion(id: &str, outcome: Outcome<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(br#"{"type":3,"invocationId":"#);
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

/// Appends `text` as a JSON string.
pub(in crate::protocol) fn write_string(text: &str, out: &mut Vec<u8>) {
    let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if plain {
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
        assert_eq!(text(&Outgoing::Ping), r#"{"type":6}"#);
        assert_eq!(text(&Outgoing::Close { error: None, allow_reconnect: false }), r#"{"type":7}"#);
        let close = Outgoing::Close { error: Some("e"), allow_reconnect: true };
        assert_eq!(text(&close), r#"{"type":7,"error":"e","allowReconnect":true}"#);
    }
}
