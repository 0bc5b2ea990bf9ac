//! What must hold for any bytes that a peer may send. Shared by the fuzz targets and by the bounded run over the saved
//! corpus.
#![allow(dead_code, reason = "each target uses one of them")]

use std::collections::{BTreeMap, HashMap};

use hubs::protocol::{
    Arguments, CompletionResult, HandshakeRequest, Headers, HubMessage, HubProtocol, JsonHubProtocol,
    MessagePackHubProtocol, Outcome, Outgoing, PayloadFormat, RawPayload,
};
use serde::{Deserialize, Serialize};

const LIMIT: Option<usize> = Some(32 * 1024);

/// All that reading costs: framing, the message, and a walk over its arguments.
pub(crate) fn read(protocol: &dyn HubProtocol, bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some(frame)) = protocol.frame(rest, 0, LIMIT) {
        assert!(frame.len > 0 && frame.len <= rest.len() && frame.body.end <= frame.len);
        read_body(protocol, &rest[frame.body]);
        rest = &rest[frame.len..];
    }
    read_body(protocol, bytes);
}

fn read_body(protocol: &dyn HubProtocol, body: &[u8]) {
    if let Ok(Some(HubMessage::Invocation(mut call) | HubMessage::StreamInvocation(mut call))) = protocol.decode(body) {
        let _ = call.arguments.skip_rest();
    }
}

/// The headers of a message, owned.
fn headers(message: &HubMessage<'_>) -> Vec<(String, String)> {
    let headers = match message {
        HubMessage::Invocation(call) | HubMessage::StreamInvocation(call) => call.headers,
        HubMessage::StreamItem { headers, .. }
        | HubMessage::Completion { headers, .. }
        | HubMessage::CancelInvocation { headers, .. } => *headers,
        _ => Headers::NONE,
    };
    headers.iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// What was read is written again, and says the same.
fn write_again(protocol: &dyn HubProtocol, body: &[u8]) {
    let Ok(Some(message)) = protocol.decode(body) else { return };
    let mut out = Vec::new();
    let owned = headers(&message);
    let headers_out: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut write =
        |message: &Outgoing<'_>| protocol.encode(&Outgoing::WithHeaders { headers: &headers_out, message }, &mut out);
    let written = match &message {
        HubMessage::CancelInvocation { id, .. } => write(&Outgoing::CancelInvocation { id }),
        HubMessage::Close { error, allow_reconnect } => {
            let error = error.as_deref().filter(|text| !text.is_empty());
            write(&Outgoing::Close { error, allow_reconnect: *allow_reconnect })
        }
        HubMessage::Ack { sequence_id } => match u64::try_from(*sequence_id) {
            Ok(sequence_id) => write(&Outgoing::Ack { sequence_id }),
            Err(_) => return,
        },
        HubMessage::Sequence { sequence_id } => match u64::try_from(*sequence_id) {
            Ok(sequence_id) => write(&Outgoing::Sequence { sequence_id }),
            Err(_) => return,
        },
        HubMessage::Completion { id, result: CompletionResult::Error(text), .. } if !text.is_empty() => {
            write(&Outgoing::Completion { id, outcome: Outcome::Error(text) })
        }
        HubMessage::StreamItem { id, item, .. } => {
            let item = RawPayload::new(protocol.payload_format(), item.to_vec().into());
            let Ok(item) = item.decode::<serde_json::Value>() else { return };
            write(&Outgoing::StreamItem { id, item: &item })
        }
        _ => return,
    };
    // Integers beyond 2^53 may come in and may not go out.
    if written.is_err() {
        return assert!(out.is_empty());
    }
    let frame = protocol.frame(&out, 0, None).expect("it is framed").expect("it is whole");
    assert_eq!(frame.len, out.len());
    let again = protocol.decode(&out[frame.body]).expect("it is read").expect("its type is known");
    assert_eq!(owned, headers(&again));
    match (&message, &again) {
        (HubMessage::StreamItem { id, item, .. }, HubMessage::StreamItem { id: id_again, item: item_again, .. }) => {
            let value = |bytes: &[u8]| {
                let raw = RawPayload::new(protocol.payload_format(), bytes.to_vec().into());
                raw.decode::<serde_json::Value>().ok().map(without_kinds_of_numbers)
            };
            assert_eq!((id, value(item)), (id_again, value(item_again)));
        }
        (HubMessage::Close { .. }, HubMessage::Close { .. }) => {}
        _ => assert_eq!(format!("{message:?}"), format!("{again:?}")),
    }
}

/// The same value with floats for all numbers: `1.0` is written `1`.
fn without_kinds_of_numbers(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(values) => values.into_iter().map(without_kinds_of_numbers).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, without_kinds_of_numbers(value))).collect()
        }
        other => other,
    }
}

/// The JSON protocol.
pub(crate) fn json(data: &[u8]) {
    read(&JsonHubProtocol, data);
    write_again(&JsonHubProtocol, data);
}

/// The MessagePack protocol, in both forms.
pub(crate) fn messagepack(data: &[u8]) {
    read(&MessagePackHubProtocol::new(), data);
    write_again(&MessagePackHubProtocol::new(), data);
    write_again(&MessagePackHubProtocol::dotnet(), data);
}

/// The handshake.
pub(crate) fn handshake(data: &[u8]) {
    if let Ok(request) = HandshakeRequest::parse(data) {
        let _ = request.negotiate(&[], &[hubs::protocol::TransferFormat::Text]);
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    user_name: String,
    #[serde(default)]
    age: i64,
    size: Option<f64>,
    picture: hubs::Bytes,
    kind: Option<Kind>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    One,
    Two(u8),
    Three(i8, String),
    Four { inner: Vec<Kind> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Any {
    Number(f64),
    Integer(i128),
    Text(String),
    List(Vec<Any>),
    Map(HashMap<u16, Any>),
    Kind(Kind),
    Nothing,
}

/// A type that arguments are read into.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// How large a value one byte of input can stand for: what a list holds for each of its elements.
    pub(crate) growth: usize,
    /// Reads all arguments of an input.
    pub(crate) read: fn(&[u8]),
}

impl Shape {
    const fn new<T: serde::de::DeserializeOwned>(name: &'static str, growth: usize) -> Self {
        Self { name, growth, read: read_all::<T> }
    }
}

/// What a map of values takes for each of its members, its inner nodes and their empty places included.
const MEMBER: usize = 3 * (size_of::<String>() + size_of::<serde_json::Value>());

/// Arguments of every shape.
pub(crate) const SHAPES: [Shape; 11] = [
    Shape::new::<serde::de::IgnoredAny>("anything", 1),
    Shape::new::<String>("text", 1),
    Shape::new::<hubs::Bytes>("bytes", 1),
    Shape::new::<Vec<u8>>("small numbers", 1),
    Shape::new::<(u8, f32, char)>("a tuple", 1),
    Shape::new::<Vec<Option<String>>>("texts", size_of::<Option<String>>()),
    Shape::new::<HashMap<i32, bool>>("a map", 2 * size_of::<(i32, bool)>()),
    Shape::new::<Object>("an object", MEMBER),
    Shape::new::<Kind>("an enum", size_of::<Kind>()),
    Shape::new::<Any>("one of many", 4 * size_of::<Any>()),
    Shape::new::<serde_json::Value>("a value", MEMBER),
];

/// The first byte says how many arguments there are, the second in which format.
fn read_all<T: serde::de::DeserializeOwned>(data: &[u8]) {
    let [count, format, elements @ ..] = data else { return };
    let format = match format % 3 {
        0 => PayloadFormat::Json,
        1 => PayloadFormat::MessagePack,
        _ => PayloadFormat::MessagePackDotnet,
    };
    let mut arguments = Arguments::new(format, elements, usize::from(count % 8));
    for _ in 0..*count % 8 {
        if arguments.take::<T>().is_err() {
            return;
        }
    }
    let _ = arguments.skip_rest();
}

/// Arguments of every shape.
pub(crate) fn arguments(data: &[u8]) {
    SHAPES.iter().for_each(|shape| (shape.read)(data));
}
