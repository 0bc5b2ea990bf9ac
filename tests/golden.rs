//! Recorded sessions: every hub message of both directions is read, and what the server said is written again with
//! the same bytes where only one encoding is right.

use hubs::protocol::{
    Arguments, CompletionResult, HubMessage, HubProtocol, IncomingCall, JsonHubProtocol, MessagePackHubProtocol,
    Outcome, Outgoing, Payload, PayloadFormat, RawPayload,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const JSON: &str = include_str!("fixtures/golden/json.jsonl");
const MESSAGEPACK: &str = include_str!("fixtures/golden/messagepack.jsonl");

/// One frame of a recording.
struct Recorded {
    scenario: String,
    from_server: bool,
    bytes: Vec<u8>,
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("it is hex")).collect()
}

/// The frames of a recording, without each end's handshake.
fn frames(recording: &str) -> Vec<Recorded> {
    let mut shaken = [true; 2];
    let mut frames = Vec::new();
    for line in recording.lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        if line.get("open").is_some() {
            // A socket that goes on with an older connection has no handshake.
            shaken = [false; 2];
        }
        let bytes = match (line["text"].as_str(), line["hex"].as_str()) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (_, Some(hex)) => unhex(hex),
            _ => continue,
        };
        let from_server = line["from"] == "server";
        let handshake = [&b"{\"protocol\""[..], b"{}\x1e"][usize::from(from_server)];
        if !shaken[usize::from(from_server)] && bytes.starts_with(handshake) {
            shaken[usize::from(from_server)] = true;
            continue;
        }
        let scenario = line["scenario"].as_str().expect("a frame has its scenario").to_owned();
        frames.push(Recorded { scenario, from_server, bytes });
    }
    frames
}

/// A hub message that owns its parts, its values as JSON has them.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    Call { streamed: bool, id: Option<String>, target: String, arguments: Vec<Value>, streams: Vec<String> },
    Item(String, Value),
    Done(String, Ended),
    Cancel(String),
    Ping,
    Close(Option<String>, bool),
    Resume(i64),
}

#[derive(Debug, Clone, PartialEq)]
enum Ended {
    Void,
    Value(Value),
    Error(String),
}

fn value(format: PayloadFormat, bytes: &[u8]) -> Value {
    RawPayload::new(format, bytes.to_vec().into()).decode().expect("it is a value")
}

fn called(streamed: bool, call: IncomingCall<'_>) -> Said {
    let mut arguments: Arguments<'_> = call.arguments;
    Said::Call {
        streamed,
        id: call.id.map(Into::into),
        target: call.target.into(),
        arguments: (0..arguments.len()).map(|_| arguments.take().expect("an argument")).collect(),
        streams: call.stream_ids.into_iter().map(Into::into).collect(),
    }
}

fn said(protocol: &dyn HubProtocol, message: HubMessage<'_>) -> Said {
    let format = protocol.payload_format();
    match message {
        HubMessage::Invocation(call) => called(false, call),
        HubMessage::StreamInvocation(call) => called(true, call),
        HubMessage::StreamItem { id, item, .. } => Said::Item(id.into(), value(format, item)),
        HubMessage::Completion { id, result, .. } => {
            let ended = match result {
                CompletionResult::Void => Ended::Void,
                CompletionResult::Value(bytes) => Ended::Value(value(format, bytes)),
                CompletionResult::Error(text) => Ended::Error(text.into()),
            };
            Said::Done(id.into(), ended)
        }
        HubMessage::CancelInvocation { id, .. } => Said::Cancel(id.into()),
        HubMessage::Ping => Said::Ping,
        HubMessage::Close { error, allow_reconnect } => Said::Close(error.map(Into::into), allow_reconnect),
        HubMessage::Ack { sequence_id } | HubMessage::Sequence { sequence_id } => Said::Resume(sequence_id),
    }
}

/// Writes it again. `None`: a message that is not written yet.
fn again(protocol: &dyn HubProtocol, said: &Said) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut write = |message| protocol.encode(&message, &mut out).expect("it can be written");
    match said {
        Said::Call { streamed, id, target, arguments, streams } => {
            let arguments: Vec<&dyn Payload> = arguments.iter().map(|value| value as &dyn Payload).collect();
            write(Outgoing::Call {
                streamed: *streamed,
                id: id.as_deref(),
                target,
                arguments: &arguments,
                stream_ids: streams,
            });
        }
        Said::Item(id, item) => write(Outgoing::StreamItem { id, item }),
        Said::Done(id, Ended::Void) => write(Outgoing::Completion { id, outcome: Outcome::Void }),
        Said::Done(id, Ended::Value(value)) => write(Outgoing::Completion { id, outcome: Outcome::Value(value) }),
        Said::Done(id, Ended::Error(text)) => write(Outgoing::Completion { id, outcome: Outcome::Error(text) }),
        Said::Cancel(id) => write(Outgoing::CancelInvocation { id }),
        Said::Ping => write(Outgoing::Ping),
        Said::Close(error, allow_reconnect) => {
            write(Outgoing::Close { error: error.as_deref(), allow_reconnect: *allow_reconnect });
        }
        Said::Resume(_) => return None,
    }
    Some(out)
}

/// Splits what one socket frame holds into hub messages.
fn messages<'a>(protocol: &dyn HubProtocol, mut bytes: &'a [u8]) -> Vec<(Said, &'a [u8])> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let frame = protocol.frame(bytes, 0, None).expect("it is framed").expect("a socket frame holds whole messages");
        let message = protocol.decode(&bytes[frame.body]).expect("it is a message").expect("its type is known");
        found.push((said(protocol, message), &bytes[..frame.len]));
        bytes = &bytes[frame.len..];
    }
    found
}

/// `[read, written with the same bytes, with others]`.
fn replay(protocol: &dyn HubProtocol, recording: &str) -> [usize; 3] {
    let mut counts = [0; 3];
    for Recorded { scenario, from_server, bytes } in frames(recording) {
        // It has what no browser can hold, and has a test of its own.
        if scenario == "every kind of value" {
            continue;
        }
        for (said, framed) in messages(protocol, &bytes) {
            counts[0] += 1;
            let Some(written) = again(protocol, &said) else { continue };
            assert_eq!(messages(protocol, &written)[0].0, said, "{scenario}: what is written again says the same");
            // JavaScript has another order of members and of items, `Value` another order of fields, and .NET escapes
            // some characters that need it not.
            let escaped = framed.windows(2).any(|pair| pair == b"\\u");
            let one_right_encoding = from_server && scenario != "objects" && !escaped;
            if one_right_encoding {
                assert_eq!(written, framed, "{scenario}: {said:?}");
                counts[1] += 1;
            } else {
                counts[2] += 1;
            }
        }
    }
    counts
}

#[test]
fn the_json_sessions_are_understood() {
    assert_eq!(replay(&JsonHubProtocol, JSON), [185, 75, 100]);
}

#[test]
fn the_messagepack_sessions_are_understood() {
    assert_eq!(replay(&MessagePackHubProtocol::new(), MESSAGEPACK), [186, 75, 101]);
}

#[derive(Debug, Serialize, Deserialize)]
enum Side {
    Buy,
    Sell,
}

/// The recorded server's type, as a Rust contract has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Everything {
    flag: bool,
    byte: u8,
    int: i32,
    long: i64,
    ulong: u64,
    float: f32,
    double: f64,
    decimal: String,
    text: String,
    nothing: Option<String>,
    letter: char,
    utc: String,
    unspecified: String,
    offset: (String, i16),
    span: i64,
    id: String,
    bytes: hubs::Bytes,
    side: Side,
    maybe: Option<i32>,
    numbers: Vec<i32>,
    names: Vec<String>,
    map: std::collections::BTreeMap<String, i32>,
    link: String,
}

#[test]
fn every_kind_of_value_of_dotnet_is_read_and_written() {
    let recorded = frames(MESSAGEPACK);
    let sent = recorded.iter().find(|frame| frame.from_server && frame.scenario == "every kind of value");
    let frame = &sent.expect("it is recorded").bytes;
    let protocol = MessagePackHubProtocol::dotnet();
    let framed = protocol.frame(frame, 0, None).unwrap().unwrap();
    let HubMessage::Completion { result: CompletionResult::Value(bytes), .. } =
        protocol.decode(&frame[framed.body]).unwrap().unwrap()
    else {
        panic!("it is a completion with a value");
    };
    let all: Everything = RawPayload::new(protocol.payload_format(), bytes.to_vec().into()).decode().unwrap();
    assert_eq!((all.long, all.ulong, &*all.decimal, all.letter), (9_007_199_254_740_993, u64::MAX, "12.50", 'Z'));
    assert_eq!(all.utc, "2026-01-02T03:04:05.678Z");
    assert_eq!((all.offset.1, &all.bytes[..]), (120, &[0, 1, 254, 255][..]));
    assert!(matches!(all.side, Side::Sell));
    let mut written = Vec::new();
    all.encode(protocol.payload_format(), &mut written).unwrap();
    // The dates between them are text when we write them.
    let (before, after) = (b"\xa3Utc".as_slice(), b"\xa4Span".as_slice());
    let at = |bytes: &[u8], name: &[u8]| bytes.windows(name.len()).position(|window| window == name).unwrap();
    assert_eq!(written[..at(&written, before)], bytes[..at(bytes, before)]);
    assert_eq!(written[at(&written, after)..], bytes[at(bytes, after)..]);
}
