//! Reads one JSON record into a message. Members may come in any order; what is not known is skipped; of doubled
//! members the last counts. The error texts are ASP.NET Core's.

use std::borrow::Cow;

use super::{
    scan::{Broken, Quoted, Scanner},
    shapes,
};
use crate::protocol::{
    Arguments, CompletionResult, Headers, HubMessage, IncomingCall, MAX_STREAMS, ProtocolError, brief::brief,
};

/// What one record can hold, before its type is known, as it lies in the record.
#[derive(Default, Clone, Copy)]
struct Members<'a> {
    kind: Option<i64>,
    id: Option<Quoted<'a>>,
    target: Option<Quoted<'a>>,
    arguments: Option<(&'a str, usize)>,
    /// An array, not yet looked into.
    stream_ids: Option<&'a str>,
    item: Option<&'a str>,
    result: Option<&'a str>,
    error: Option<Quoted<'a>>,
    headers: Headers<'a>,
    allow_reconnect: bool,
    sequence_id: Option<i64>,
}

/// The names that mean something.
#[derive(Debug, Clone, Copy)]
enum Member {
    Type,
    Target,
    Arguments,
    InvocationId,
    StreamIds,
    Headers,
    Item,
    Result,
    Error,
    AllowReconnect,
    SequenceId,
}

/// The names, in the order in which they are looked for.
macro_rules! members {
    ($($name:literal => $member:ident,)*) => {
        /// The name as most clients write it, without spaces, and its length with quotes and colon. Each is a
        /// comparison with a constant, so this costs less than finding where the name ends.
        fn plain_member(text: &[u8]) -> Option<(Member, usize)> {
            $(
                if text.starts_with(concat!("\"", $name, "\":").as_bytes()) {
                    return Some((Member::$member, $name.len() + 3));
                }
            )*
            None
        }

        /// The name, however it was written.
        fn member_named(name: &str) -> Option<Member> {
            match name {
                $($name => Some(Member::$member),)*
                _ => None,
            }
        }
    };
}

members! {
    "type" => Type,
    "invocationId" => InvocationId,
    "target" => Target,
    "arguments" => Arguments,
    "item" => Item,
    "result" => Result,
    "streamIds" => StreamIds,
    "error" => Error,
    "headers" => Headers,
    "allowReconnect" => AllowReconnect,
    "sequenceId" => SequenceId,
}

pub(super) fn decode(record: &[u8]) -> Result<Option<HubMessage<'_>>, ProtocolError> {
    if let Some(item) = shapes::item(record) {
        return Ok(Some(item));
    }
    let text = simdutf8::basic::from_utf8(record).map_err(|_| Broken)?;
    match shapes::call(text) {
        Some(call) => Ok(Some(call)),
        None => decode_any(text),
    }
}

/// A message in any shape.
pub(super) fn decode_any(text: &str) -> Result<Option<HubMessage<'_>>, ProtocolError> {
    let members = Members::read(&mut Scanner::new(text))?;
    let kind = members.kind.ok_or_else(|| missing("type"))?;
    Ok(Some(match kind {
        1 => HubMessage::Invocation(members.call()?),
        4 => {
            let call = members.call()?;
            if call.id.is_none() {
                return Err(missing("invocationId"));
            }
            HubMessage::StreamInvocation(call)
        }
        2 => {
            let item = members.item.ok_or_else(|| missing("item"))?;
            HubMessage::StreamItem { item: item.as_bytes(), headers: members.headers, id: members.id()? }
        }
        3 => members.completion()?,
        5 => HubMessage::CancelInvocation { headers: members.headers, id: members.id()? },
        6 => HubMessage::Ping,
        7 => {
            let error = members.error.map(Quoted::decode).transpose()?;
            HubMessage::Close { error, allow_reconnect: members.allow_reconnect }
        }
        8 => HubMessage::Ack { sequence_id: members.sequence_id()? },
        9 => HubMessage::Sequence { sequence_id: members.sequence_id()? },
        _ => return Ok(None),
    }))
}

impl<'a> Members<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Result<Self, ProtocolError> {
        match scanner.peek()? {
            b'{' => {}
            b'[' => return Err(ProtocolError::invalid("Unexpected JSON Token Type 'Array'. Expected a JSON Object.")),
            _ => return Err(ProtocolError::invalid("Error reading JSON.")),
        }
        scanner.enter(b'{')?;
        let mut members = Self::default();
        let mut first = true;
        while scanner.more(first, b'}')? {
            first = false;
            let member = match scanner.known_key(plain_member) {
                Some(member) => Some(member),
                None => member_named(&scanner.key()?.decode()?),
            };
            members.member(member, scanner)?;
        }
        Ok(members)
    }

    fn member(&mut self, member: Option<Member>, scanner: &mut Scanner<'a>) -> Result<(), ProtocolError> {
        let Some(member) = member else { return scanner.value().map(drop).map_err(ProtocolError::from) };
        match member {
            Member::Type => self.kind = Some(number("type", scanner)?),
            Member::Target => self.target = string("target", scanner)?,
            Member::Arguments => {
                if scanner.peek()? != b'[' {
                    return Err(ProtocolError::invalid("Expected 'arguments' to be of type Array."));
                }
                self.arguments = Some(scanner.elements()?);
            }
            Member::InvocationId => self.id = string("invocationId", scanner)?.filter(|id| !id.is_empty()),
            Member::StreamIds => {
                if scanner.peek()? != b'[' {
                    return Err(ProtocolError::invalid("Expected 'streamIds' to be of type Array."));
                }
                self.stream_ids = Some(scanner.value()?);
            }
            Member::Headers => self.headers = headers(scanner)?,
            Member::Item => self.item = Some(scanner.value()?),
            Member::Result => self.result = Some(scanner.value()?),
            Member::Error => self.error = string("error", scanner)?,
            Member::AllowReconnect => self.allow_reconnect = boolean(scanner)?,
            Member::SequenceId => self.sequence_id = Some(number("sequenceId", scanner)?),
        }
        Ok(())
    }

    fn call(self) -> Result<IncomingCall<'a>, ProtocolError> {
        let target = self.target.ok_or_else(|| missing("target"))?.decode()?;
        let (elements, len) = self.arguments.ok_or_else(|| missing("arguments"))?;
        let arguments = Arguments::json(elements, len);
        let id = self.id.map(Quoted::decode).transpose()?;
        let stream_ids = self.stream_ids.map_or(Ok(Vec::new()), stream_ids)?;
        Ok(IncomingCall { id, target, arguments, stream_ids, headers: self.headers })
    }

    fn id(self) -> Result<Cow<'a, str>, ProtocolError> {
        Ok(self.id.ok_or_else(|| missing("invocationId"))?.decode()?)
    }

    fn completion(self) -> Result<HubMessage<'a>, ProtocolError> {
        let (id, headers) = (self.id()?, self.headers);
        let result = match (self.error, self.result) {
            (Some(_), Some(_)) => {
                let text = "The 'error' and 'result' properties are mutually exclusive.";
                return Err(ProtocolError::invalid(text));
            }
            (Some(error), None) => CompletionResult::Error(error.decode()?),
            (None, Some(result)) => CompletionResult::Value(result.as_bytes()),
            (None, None) => CompletionResult::Void,
        };
        Ok(HubMessage::Completion { id, result, headers })
    }

    fn sequence_id(&self) -> Result<i64, ProtocolError> {
        self.sequence_id.ok_or_else(|| missing("sequenceId"))
    }
}

fn missing(property: &str) -> ProtocolError {
    ProtocolError::invalid(format!("Missing required property '{property}'."))
}

fn number(property: &str, scanner: &mut Scanner<'_>) -> Result<i64, ProtocolError> {
    if let Some(digit) = scanner.digit() {
        return Ok(i64::from(digit));
    }
    if !matches!(scanner.peek()?, b'-' | b'0'..=b'9') {
        return Err(ProtocolError::invalid(format!("Expected '{property}' to be of type Number.")));
    }
    serde_json::from_str(scanner.value()?).map_err(|_| ProtocolError::invalid("Error reading JSON."))
}

/// A string; null counts as absent, although ASP.NET Core refuses it.
fn string<'a>(property: &str, scanner: &mut Scanner<'a>) -> Result<Option<Quoted<'a>>, ProtocolError> {
    match scanner.peek()? {
        b'"' => Ok(Some(scanner.string()?)),
        b'n' => {
            scanner.value()?;
            Ok(None)
        }
        _ => Err(ProtocolError::invalid(format!("Expected '{property}' to be of type String."))),
    }
}

fn stream_ids(array: &str) -> Result<Vec<Cow<'_, str>>, ProtocolError> {
    let mut scanner = Scanner::new(array);
    scanner.enter(b'[')?;
    let mut ids = Vec::new();
    while scanner.more(ids.is_empty(), b']')? {
        ids.push(scanner.string()?.decode()?);
        if ids.len() > MAX_STREAMS {
            return Err(ProtocolError::invalid(format!("A call takes at most {MAX_STREAMS} streams.")));
        }
    }
    Ok(ids)
}

/// Headers, checked to be strings and not decoded; null counts as absent.
fn headers<'a>(scanner: &mut Scanner<'a>) -> Result<Headers<'a>, ProtocolError> {
    match scanner.peek()? {
        b'{' => {}
        b'n' => {
            scanner.value()?;
            return Ok(Headers::NONE);
        }
        _ => return Err(ProtocolError::invalid("Expected 'headers' to be of type Object.")),
    }
    let object = scanner.value()?;
    let mut members = Scanner::new(object);
    members.enter(b'{')?;
    let mut first = true;
    while members.more(first, b'}')? {
        first = false;
        let name = members.key()?;
        if members.peek()? != b'"' {
            let text = format!("Expected header '{}' to be of type String.", brief(name.decode()?));
            return Err(ProtocolError::invalid(text));
        }
        members.string()?;
    }
    Ok(Headers::json(object))
}

/// The names and values in an object that `headers` has read.
pub(in crate::protocol) fn header_pairs<'a>(object: &'a str) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
    let mut members = Scanner::new(object);
    let mut first = members.enter(b'{').is_ok();
    let strings = std::iter::from_fn(move || {
        members.more(first, b'}').ok().filter(|more| *more)?;
        first = false;
        Some((members.key().ok()?, members.string().ok()?))
    });
    strings.filter_map(|(name, value)| Some((name.decode().ok()?, value.decode().ok()?)))
}

fn boolean(scanner: &mut Scanner<'_>) -> Result<bool, ProtocolError> {
    match scanner.value()? {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ProtocolError::invalid("Expected 'allowReconnect' to be true or false.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ArgumentError;

    fn call(record: &str) -> IncomingCall<'_> {
        match decode(record.as_bytes()).unwrap().unwrap() {
            HubMessage::Invocation(call) => call,
            other => panic!("not an invocation: {other:?}"),
        }
    }

    fn refused(record: &str) -> String {
        decode(record.as_bytes()).unwrap_err().to_string()
    }

    /// Case 30.
    #[test]
    fn members_come_in_any_order() {
        let mut call = call(
            r#" { "arguments" : [ 1 , {"a":[2,"]"]} , "x\"y" ], "invocationId":"7", "target":"Do", "type":1 } tail"#,
        );
        assert_eq!((call.id.as_deref(), &*call.target, call.arguments.len()), (Some("7"), "Do", 3));
        assert_eq!(call.arguments.take::<u8>(), Ok(1));
        assert_eq!(call.arguments.take::<serde_json::Value>().unwrap()["a"][1], "]");
        assert_eq!(call.arguments.take::<String>().unwrap(), "x\"y");
    }

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        let call = call(r#"{"t\u0079pe":1,"target" :"Do","arguments": [],"types":2,"":3}"#);
        assert_eq!((&*call.target, call.arguments.len()), ("Do", 0));
    }

    #[test]
    fn an_argument_of_the_wrong_type_is_told_from_no_value_at_all() {
        let mut arguments = call(r#"{"type":1,"target":"A","arguments":["x"]}"#).arguments;
        assert!(matches!(arguments.take::<u8>(), Err(ArgumentError::Mismatch { index: 0, .. })));
        let mut arguments = call(r#"{"type":1,"target":"A","arguments":["\q"]}"#).arguments;
        assert!(matches!(arguments.take::<String>(), Err(ArgumentError::Malformed { index: 0, .. })));
    }

    #[test]
    fn trailing_options_may_be_left_out() {
        let mut arguments = call(r#"{"type":1,"target":"A","arguments":[]}"#).arguments;
        assert_eq!(arguments.take::<Option<u8>>(), Ok(None));
        assert_eq!(arguments.take::<u8>(), Err(ArgumentError::Missing { index: 1 }));
    }

    #[test]
    fn what_ends_the_connection_says_why_as_aspnet_does() {
        let table = [
            (r#"{"target":"A","arguments":[]}"#, "Missing required property 'type'."),
            (r#"{"type":"1"}"#, "Expected 'type' to be of type Number."),
            (r#"{"type":1,"arguments":[]}"#, "Missing required property 'target'."),
            (r#"{"type":1,"target":"A"}"#, "Missing required property 'arguments'."),
            (r#"{"type":1,"target":"A","arguments":null}"#, "Expected 'arguments' to be of type Array."),
            (r#"{"type":4,"target":"A","arguments":[]}"#, "Missing required property 'invocationId'."),
            (r#"{"type":2,"invocationId":"1"}"#, "Missing required property 'item'."),
            (
                r#"{"type":3,"invocationId":"1","error":"e","result":1}"#,
                "The 'error' and 'result' properties are mutually exclusive.",
            ),
            (r#"{"type":1,"headers":{"Foo":1}}"#, "Expected header 'Foo' to be of type String."),
            (r#"[]"#, "Unexpected JSON Token Type 'Array'. Expected a JSON Object."),
            (r#"{"type":6,}"#, "Error reading JSON."),
            (r#"{"type":6"#, "Error reading JSON."),
            (r#"{"x":01,"type":6}"#, "Error reading JSON."),
            ("", "Error reading JSON."),
        ];
        for (record, text) in table {
            assert_eq!(refused(record), text, "{record}");
        }
    }

    /// Case 30.
    #[test]
    fn depth_is_capped() {
        let nested = |depth| format!(r#"{{"type":6,"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(decode(nested(63).as_bytes()).is_ok());
        assert_eq!(refused(&nested(64)), "Error reading JSON.");
        assert_eq!(refused(&"[".repeat(100_000)), "Unexpected JSON Token Type 'Array'. Expected a JSON Object.");
    }

    /// Case 32.
    #[test]
    fn types_that_are_not_known_are_skipped() {
        assert!(decode(br#"{"type":42}"#).unwrap().is_none());
    }
}
