//! The two messages that come in masses, calls and items of streams, in the shapes in which SignalR's clients write them:
//! no spaces, and the members in the order of the JavaScript client or of .NET's. Reading them as a whole costs half of
//! what it costs to look for members one by one. Whatever looks otherwise, and whatever is wrong, is left to the reader
//! of any message.

use super::scan::{Quoted, Scanner};
use crate::protocol::{Arguments, Headers, HubMessage, IncomingCall};

/// The item of a stream that `record` is.
pub(super) fn item(record: &[u8]) -> Option<HubMessage<'_>> {
    let (rest, end) = match record.strip_prefix(br#"{"type":2,"invocationId":""#) {
        Some(rest) => (rest, &b"}"[..]),
        None => (record.strip_prefix(br#"{"invocationId":""#)?, &br#","type":2}"#[..]),
    };
    let (id, rest) = rest.split_at(rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?);
    let item = rest.strip_prefix(br#"","item":"#)?.strip_suffix(end)?;
    let is_one_value = is_small_number(item) || Scanner::new(str(item)?).holds_one_value(1);
    (is_one_value && !id.is_empty()).then_some(HubMessage::StreamItem {
        id: str(id)?.into(),
        item,
        headers: Headers::NONE,
    })
}

fn is_small_number(item: &[u8]) -> bool {
    match item {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.len() < 16 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn str(bytes: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()
}

/// The call that `text` is, if its caller sends no streams and asks for none.
pub(super) fn call(text: &str) -> Option<HubMessage<'_>> {
    let mut scanner = Scanner::new(text);
    scanner.enter(b'{').ok()?;
    if scanner.take(br#""target":"#) {
        return call_by_javascript(scanner);
    }
    scanner.take(br#""type":1,"#).then(|| call_by_dotnet(scanner))?
}

/// What follows the name of the target.
fn call_by_javascript(mut scanner: Scanner<'_>) -> Option<HubMessage<'_>> {
    let target = scanner.string().ok()?;
    scanner.take(br#","arguments":"#).then_some(())?;
    let arguments = scanner.elements().ok()?;
    let id = if scanner.take(br#","invocationId":"#) { Some(id(&mut scanner)?) } else { None };
    scanner.is_last(br#","type":1}"#).then(|| invocation(id, target, arguments))?
}

/// What follows the type.
fn call_by_dotnet(mut scanner: Scanner<'_>) -> Option<HubMessage<'_>> {
    let mut id_of = None;
    if scanner.take(br#""invocationId":"#) {
        id_of = Some(id(&mut scanner)?);
        scanner.take(b",").then_some(())?;
    }
    scanner.take(br#""target":"#).then_some(())?;
    let target = scanner.string().ok()?;
    scanner.take(br#","arguments":"#).then_some(())?;
    let arguments = scanner.elements().ok()?;
    scanner.is_last(b"}").then(|| invocation(id_of, target, arguments))?
}

/// An empty id counts as none, which is not for here.
fn id<'a>(scanner: &mut Scanner<'a>) -> Option<Quoted<'a>> {
    scanner.string().ok().filter(|id| !id.is_empty())
}

fn invocation<'a>(
    id: Option<Quoted<'a>>,
    target: Quoted<'a>,
    (elements, len): (&'a str, usize),
) -> Option<HubMessage<'a>> {
    let id = match id {
        Some(id) => Some(id.plain()?.into()),
        None => None,
    };
    let arguments = Arguments::json(elements, len);
    let (target, stream_ids, headers) = (target.plain()?.into(), Vec::new(), Headers::NONE);
    Some(HubMessage::Invocation(IncomingCall { id, target, arguments, stream_ids, headers }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::json::decode::decode_any;

    #[test]
    fn a_shape_is_read_as_any_other() {
        let in_a_shape = [
            r#"{"type":1,"target":"T","arguments":[]}"#,
            r#"{"type":1,"invocationId":"7","target":"T","arguments":[1,{"a":"b]"}]}"#,
            r#"{"target":"T","arguments":["x","}"],"type":1}"#,
            r#"{"target":"κ","arguments":[[[]]],"invocationId":"7","type":1}"#,
            r#"{"type":2,"invocationId":"7","item":{"a":[1.5e3,null]}}"#,
            r#"{"invocationId":"7","item":"a\"b","type":2}"#,
            r#"{"invocationId":"7","item":-1,"type":2}"#,
            r#"{"invocationId":"7","item":1234567890123456,"type":2}"#,
            r#"{"invocationId":"7","item":0,"type":2}"#,
        ];
        let in_shape = |record: &'static str| item(record.as_bytes()).or_else(|| call(record));
        for record in in_a_shape {
            let shape = in_shape(record).unwrap_or_else(|| panic!("{record}"));
            assert_eq!(format!("{shape:?}"), format!("{:?}", decode_any(record).unwrap().unwrap()));
        }
        let in_none = [
            r#"{"type":1,"invocationId":"","target":"T","arguments":[]}"#,
            r#"{"type":1,"target":"\u0054","arguments":[]}"#,
            r#"{"type":1,"target":"T","arguments":[],"streamIds":["1"]}"#,
            r#"{"target":"T","arguments":[],"streamIds":["1"],"type":1}"#,
            r#"{"target":"T","arguments":[],"type":4}"#,
            r#"{"target":"T","arguments":[],"type":1} "#,
            r#"{"invocationId":"7","type":5}"#,
            r#"{"invocationId":"7","item":1,"type":2,"item":2}"#,
            r#"{"type":2,"invocationId":"7","item":01}"#,
            r#"{"type":2,"invocationId":"7","item":1,"more":1}"#,
            r#"{"type":2,"invocationId":"7","item":}"#,
            r#"{"type":2,"invocationId":"","item":1}"#,
            r#"{"type":2,"invocationId":"\u0037","item":1}"#,
            r#"{ "type":2,"invocationId":"7","item":1}"#,
        ];
        for record in in_none {
            assert!(in_shape(record).is_none(), "{record}");
        }
        assert!(item(b"{\"type\":2,\"invocationId\":\"7\",\"item\":\"\xff\"}").is_none());
        let nested = |depth| {
            format!(r#"{{"type":2,"invocationId":"7","item":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)).into_bytes()
        };
        assert!(item(&nested(63)).is_some() && item(&nested(64)).is_none());
    }
}
