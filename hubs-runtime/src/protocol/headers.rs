//! The headers of a message: text by name, beside what the message is about. Calls, items, completions and
//! cancellations have them. What came in stays undecoded until it is asked for.

use std::{borrow::Cow, fmt, sync::Arc};

use super::json;
#[cfg(feature = "messagepack")]
use super::messagepack;

/// The header of a failed completion that carries the error as data, in JSON under every protocol.
pub const ERROR_DATA: &str = "error-data";

/// Headers that outlive their message, undecoded.
pub(crate) type KeptHeaders = Arc<Box<[u8]>>;

/// The headers of a message that came in, borrowed from its bytes.
///
/// Their size is bounded by the size of the message. Names are compared with their case; of a name that comes twice the
/// last counts.
#[derive(Clone, Copy, Default)]
pub struct Headers<'a> {
    /// A JSON object, which starts with `{`; a MessagePack map, which never does; or nothing.
    bytes: &'a [u8],
}

impl<'a> Headers<'a> {
    /// No headers.
    pub const NONE: Self = Self { bytes: &[] };

    /// A JSON object whose members are known to be strings.
    pub(super) fn json(object: &'a str) -> Self {
        Self { bytes: object.as_bytes() }
    }

    /// A MessagePack map whose names and values are known to be strings.
    #[cfg(feature = "messagepack")]
    pub(super) fn messagepack(map: &'a [u8]) -> Self {
        Self { bytes: map }
    }

    /// A copy that outlives the message; `None` if it came without headers.
    pub(crate) fn kept(&self) -> Option<KeptHeaders> {
        if self.bytes.is_empty() { None } else { Some(Arc::new(self.bytes.into())) }
    }

    /// The headers in a copy.
    pub(crate) fn of(kept: Option<&'a KeptHeaders>) -> Self {
        Self { bytes: kept.map_or(&[], |kept| kept) }
    }

    /// Whether the message certainly has none. Costs nothing.
    pub(crate) fn is_none(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the message came without headers.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The value of header `name`.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.iter().filter(|(other, _)| other == name).last().map(|(_, value)| value)
    }

    /// All names and values, in the order in which they were sent. Text that no escape of JSON stands for is left out.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        let text = self.bytes.starts_with(b"{").then(|| std::str::from_utf8(self.bytes).unwrap_or_default());
        let in_json = text.map(json::headers).into_iter().flatten();
        #[cfg(feature = "messagepack")]
        let in_messagepack = text.is_none().then(|| messagepack::headers(self.bytes)).into_iter().flatten();
        #[cfg(not(feature = "messagepack"))]
        let in_messagepack = std::iter::empty();
        in_json.chain(in_messagepack)
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets.
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::{
        ALL_PROTOCOLS, CompletionResult, Headers, HubMessage, HubProtocol, JsonHubProtocol, Outcome, Outgoing,
    };

    /// Writes a message with `headers` and reads it again.
    fn back(protocol: &dyn HubProtocol, headers: &[(&str, &str)], message: &Outgoing<'_>) -> Vec<(String, String)> {
        let mut out = Vec::new();
        protocol.encode(&Outgoing::WithHeaders { headers, message }, &mut out).unwrap();
        let frame = protocol.frame(&out, 0, None).unwrap().unwrap();
        let headers = match protocol.decode(&out[frame.body]).unwrap().unwrap() {
            HubMessage::Invocation(call) | HubMessage::StreamInvocation(call) => call.headers,
            HubMessage::StreamItem { headers, .. }
            | HubMessage::Completion { headers, .. }
            | HubMessage::CancelInvocation { headers, .. } => headers,
            other => panic!("no headers in {other:?}"),
        };
        headers.iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    #[test]
    fn every_message_about_a_call_carries_headers_in_every_protocol() {
        let headers = [("traceparent", "00-ab-cd-01"), ("x-\"quoted\"", "κ\u{1f600}\n")];
        let expected: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let streams = ["2".to_owned()];
        let messages = [
            Outgoing::Invocation { id: None, target: "Send", arguments: &[&1] },
            Outgoing::Invocation { id: Some("1"), target: "Send", arguments: &[] },
            Outgoing::Call { streamed: true, id: Some("1"), target: "Up", arguments: &[], stream_ids: &streams },
            Outgoing::StreamItem { id: "1", item: &7 },
            Outgoing::Completion { id: "1", outcome: Outcome::Value(&7) },
            Outgoing::Completion { id: "1", outcome: Outcome::Error("no") },
            Outgoing::Completion { id: "1", outcome: Outcome::Void },
            Outgoing::CancelInvocation { id: "1" },
        ];
        for protocol in ALL_PROTOCOLS {
            for message in &messages {
                assert_eq!(back(protocol, &headers, message), expected, "{message:?} in {}", protocol.name());
                assert_eq!(back(protocol, &[], message), [], "{message:?} in {}", protocol.name());
            }
            for count in [15_usize, 16, 70_000] {
                let many = vec![("name", "value"); count];
                assert_eq!(back(protocol, &many, &messages[0]).len(), count, "in {}", protocol.name());
            }
        }
    }

    #[test]
    fn a_message_without_headers_has_the_bytes_it_had() {
        for protocol in ALL_PROTOCOLS {
            let message = Outgoing::Completion { id: "1", outcome: Outcome::Value(&7) };
            let (mut with, mut without) = (Vec::new(), Vec::new());
            protocol.encode(&Outgoing::WithHeaders { headers: &[], message: &message }, &mut with).unwrap();
            protocol.encode(&message, &mut without).unwrap();
            assert_eq!(with, without);
        }
    }

    #[test]
    fn headers_stand_where_aspnet_writes_them() {
        let message = Outgoing::Completion { id: "1", outcome: Outcome::Error("no") };
        let mut out = Vec::new();
        let with = Outgoing::WithHeaders { headers: &[("a", "b"), ("c", "\"")], message: &message };
        JsonHubProtocol.encode(&with, &mut out).unwrap();
        let expected = r#"{"type":3,"headers":{"a":"b","c":"\""},"invocationId":"1","error":"no"}"#;
        assert_eq!(String::from_utf8(out).unwrap().trim_end_matches('\u{1e}'), expected);
    }

    fn completion(record: &str) -> Headers<'_> {
        match JsonHubProtocol.decode(record.as_bytes()).unwrap().unwrap() {
            HubMessage::Completion { headers, result: CompletionResult::Void, .. } => headers,
            other => panic!("not an empty completion: {other:?}"),
        }
    }

    #[test]
    fn names_have_case_and_the_last_of_two_counts() {
        let headers = completion(r#"{"headers": {"A":"1", "a" : "2","\u0061":"3"} ,"type":3,"invocationId":"1"}"#);
        assert_eq!((headers.get("A").as_deref(), headers.get("a").as_deref()), (Some("1"), Some("3")));
        assert_eq!((headers.get("b"), headers.is_empty()), (None, false));
        assert!(completion(r#"{"headers":{},"type":3,"invocationId":"1"}"#).is_empty());
        assert!(completion(r#"{"headers":null,"type":3,"invocationId":"1"}"#).is_empty());
        assert!(completion(r#"{"type":3,"invocationId":"1"}"#).is_empty());
    }

    #[test]
    fn values_are_not_printed() {
        let headers = completion(r#"{"type":3,"invocationId":"1","headers":{"token":"secret"}}"#);
        assert_eq!(format!("{headers:?}"), r#"["token"]"#);
    }
}
