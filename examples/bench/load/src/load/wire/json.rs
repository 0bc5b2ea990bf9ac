//! SignalR's JSON protocol.

use anyhow::{Context, Result, bail};
use memchr::memchr;

use super::{
    Arguments, Call, Message, Scalar,
    json_text::{Members, first_element, scalar},
    number, put_number,
};

/// What ends a message.
const END: u8 = 0x1e;

pub(super) fn put_call(out: &mut Vec<u8>, call: Call<'_>, type_last: bool) {
    let kind = if matches!(call.arguments, Arguments::Stream(_)) { b"\"type\":4" } else { b"\"type\":1" };
    out.push(b'{');
    if type_last {
        put_target(out, call);
        put_id(out, b",\"invocationId\":\"", call.id);
        put_streams(out, call);
        out.push(b',');
        out.extend_from_slice(kind);
    } else {
        out.extend_from_slice(kind);
        put_id(out, b",\"invocationId\":\"", call.id);
        out.push(b',');
        put_target(out, call);
        put_streams(out, call);
    }
    out.extend_from_slice(b"}\x1e");
}

fn put_target(out: &mut Vec<u8>, call: Call<'_>) {
    out.extend_from_slice(b"\"target\":\"");
    out.extend_from_slice(call.method.as_bytes());
    out.extend_from_slice(b"\",\"arguments\":[");
    match call.arguments {
        Arguments::Text(text) => put_texts(out, &[text]),
        Arguments::Texts(first, second) => put_texts(out, &[first, second]),
        Arguments::Stream(count) => put_number(out, count),
        Arguments::Upload(_) => {}
    }
    out.push(b']');
}

fn put_texts(out: &mut Vec<u8>, texts: &[&[u8]]) {
    for (index, text) in texts.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\"" } else { b",\"" });
        out.extend_from_slice(text);
        out.push(b'"');
    }
}

fn put_streams(out: &mut Vec<u8>, call: Call<'_>) {
    if let Arguments::Upload(stream) = call.arguments {
        put_id(out, b",\"streamIds\":[\"", stream);
        out.push(b']');
    }
}

fn put_id(out: &mut Vec<u8>, before: &[u8], id: u64) {
    out.extend_from_slice(before);
    put_number(out, id);
    out.push(b'"');
}

pub(super) fn put_item(out: &mut Vec<u8>, stream: u64, item: Option<u64>) {
    out.extend_from_slice(if item.is_some() { b"{\"type\":2" } else { b"{\"type\":3" });
    put_id(out, b",\"invocationId\":\"", stream);
    if let Some(item) = item {
        out.extend_from_slice(b",\"item\":");
        put_number(out, item);
    }
    out.extend_from_slice(b"}\x1e");
}

pub(super) fn put_ack(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(b"{\"type\":8,\"sequenceId\":");
    put_number(out, number);
    out.extend_from_slice(b"}\x1e");
}

pub(super) fn read(bytes: &[u8]) -> Result<(Message<'_>, &[u8])> {
    let end = memchr(END, bytes).context("a message has no separator")?;
    Ok((message(&bytes[..end])?, &bytes[end + 1..]))
}

#[derive(Default)]
struct Envelope<'a> {
    kind: Option<u64>,
    id: &'a [u8],
    value: &'a [u8],
    arguments: &'a [u8],
    target: &'a [u8],
    error: Option<&'a [u8]>,
}

fn message(text: &[u8]) -> Result<Message<'_>> {
    let mut found = Envelope::default();
    let mut members = Members::of(text)?;
    while let Some((name, value)) = members.next()? {
        match name {
            b"type" => found.kind = Some(number(value).context("`type` is no number")?),
            b"invocationId" => found.id = value,
            b"item" | b"result" => found.value = value,
            b"arguments" => found.arguments = value,
            b"target" => found.target = value,
            b"error" => found.error = (value != b"null").then_some(value),
            _ => {}
        }
    }
    found.into_message()
}

impl<'a> Envelope<'a> {
    fn into_message(self) -> Result<Message<'a>> {
        Ok(match (self.kind, self.error) {
            (None, None) => Message::Welcome,
            (None | Some(7), error) => Message::Close(words(error.unwrap_or_default())),
            (Some(1), _) if unquoted(self.target).eq_ignore_ascii_case(b"receive") => {
                Message::Call(first_element(self.arguments))
            }
            (Some(2), _) => Message::Item { id: self.id()?, value: scalar(self.value) },
            (Some(3), Some(reason)) => Message::Failure { id: self.id()?, reason: words(reason) },
            (Some(3), None) => Message::Result { id: self.id()?, value: scalar(self.value) },
            (Some(6), _) => Message::Ping,
            (Some(8), _) => Message::Nothing,
            (Some(other), _) => bail!("a message of the unexpected type {other}"),
        })
    }

    fn id(&self) -> Result<u64> {
        number(unquoted(self.id)).context("an `invocationId` that was not given")
    }
}

fn unquoted(text: &[u8]) -> &[u8] {
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default()
}

fn words(value: &[u8]) -> String {
    match scalar(value) {
        Scalar::Text(text) => String::from_utf8_lossy(&text).into_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Call, Message, Scalar, put_call, read};

    fn written(arguments: Arguments<'_>, type_last: bool) -> String {
        let mut out = Vec::new();
        put_call(&mut out, Call { id: 7, method: "Echo", arguments }, type_last);
        String::from_utf8(out).expect("it is text")
    }

    #[test]
    fn members_come_in_either_order() {
        assert_eq!(
            written(Arguments::Text(b"a"), false),
            "{\"type\":1,\"invocationId\":\"7\",\"target\":\"Echo\",\"arguments\":[\"a\"]}\x1e"
        );
        assert_eq!(
            written(Arguments::Upload(8), true),
            "{\"target\":\"Echo\",\"arguments\":[],\"invocationId\":\"7\",\"streamIds\":[\"8\"],\"type\":1}\x1e"
        );
        assert!(written(Arguments::Stream(3), false).starts_with("{\"type\":4,"));
    }

    #[test]
    fn messages_are_read_whatever_their_order() {
        let text = b" { \"headers\" : {\"a\":\"}\\\"\"}, \"result\":\"a\\u0041\", \"invocationId\":\"3\",\"type\": 3 }\x1e{}\x1e";
        let (first, rest) = read(text).expect("well written");
        assert!(matches!(first, Message::Result { id: 3, value } if value.is_text(b"aA")));
        assert!(matches!(read(rest).expect("well written"), (Message::Welcome, [])));
        let call = b"{\"type\":1,\"target\":\"receive\",\"arguments\":[\"x\",[1]]}\x1e";
        assert!(matches!(read(call).expect("well written").0, Message::Call(value) if value.is_text(b"x")));
        let item = b"{\"type\":2,\"invocationId\":\"4\",\"item\":41}\x1e";
        assert!(matches!(read(item).expect("well written").0, Message::Item { id: 4, value: Scalar::Integer(41) }));
        let failure = b"{\"type\":3,\"invocationId\":\"4\",\"error\":\"no\"}\x1e";
        assert!(matches!(read(failure).expect("well written").0, Message::Failure { id: 4, reason } if reason == "no"));
    }

    #[test]
    fn broken_text_is_a_mistake() {
        for text in [&b"{\"type\":3,\x1e"[..], b"{\"type\":6}", b"[1]\x1e", b"{\"type\":3}\x1e", b"{\"type\" 6}\x1e"] {
            read(text).expect_err("broken");
        }
    }
}
