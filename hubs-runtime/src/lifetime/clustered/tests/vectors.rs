//! Everything that two nodes of ASP.NET Core 10 published over Redis, in `tests/fixtures/backplane/redis-vectors.json`: it
//! is read as what it is, and this library writes the same.

use bytes::Bytes;
use serde_json::Value;

use super::super::{
    channels::Channels,
    envelope::{self, Asker, Completion, GroupCommand, Invocation},
};
use crate::protocol::{ALL_PROTOCOLS, EncodedMessage, HubProtocol, MessagePackHubProtocol, Outgoing, Payload};

/// One payload, with what the recorder has read in it.
pub(super) struct Vector {
    pub(super) action: String,
    pub(super) channel: String,
    pub(super) payload: Bytes,
    pub(super) decoded: Value,
    pub(super) how: String,
}

pub(super) fn all() -> Vec<Vector> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/backplane/redis-vectors.json");
    let text = std::fs::read_to_string(path).expect("the recording is there");
    let vectors: Vec<Value> = serde_json::from_str(&text).expect("it is JSON");
    let text = |vector: &Value, name: &str| vector[name].as_str().expect("a text").to_owned();
    let vectors = vectors.iter().map(|vector| Vector {
        action: text(vector, "action"),
        channel: text(vector, "channel"),
        payload: unhex(&text(vector, "payload_hex")),
        decoded: vector["decoded"].clone(),
        how: text(vector, "how"),
    });
    vectors.collect()
}

fn unhex(text: &str) -> Bytes {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal");
    text.as_bytes().chunks(2).map(byte).collect::<Vec<_>>().into()
}

/// What a channel is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Call,
    Commands,
    Ack,
    Return,
}

impl Vector {
    pub(super) fn kind(&self) -> Kind {
        match &self.channel {
            channel if channel.ends_with(":internal:groups") => Kind::Commands,
            channel if channel.contains(":internal:ack:") => Kind::Ack,
            channel if channel.contains(":return:") => Kind::Return,
            _ => Kind::Call,
        }
    }

    /// The channel, as this library names it.
    fn named(&self) -> String {
        let found = |between: &str| self.channel.split_once(between);
        if let Some((hub, node)) = found(":internal:ack:") {
            return Channels::new(hub).acks(node);
        }
        if let Some((hub, node)) = found(":internal:return:") {
            return Channels::new(hub).returns(node);
        }
        if let Some((hub, _)) = found(":internal:groups") {
            return Channels::new(hub).group_commands();
        }
        if let Some((hub, id)) = found(":connection:") {
            return Channels::new(hub).connection(&id.into());
        }
        if let Some((hub, name)) = found(":group:") {
            return Channels::new(hub).group(&name.into());
        }
        if let Some((hub, id)) = found(":user:") {
            return Channels::new(hub).user(&id.into());
        }
        // A channel that an asker has chosen by hand.
        let all = self.channel.strip_suffix(":all").map(|hub| Channels::new(hub).all());
        all.unwrap_or_else(|| self.channel.clone())
    }
}

#[test]
fn channels_have_the_names_that_they_have_in_asp_net_core() {
    for vector in all() {
        assert_eq!(vector.named(), vector.channel, "{}", vector.how);
    }
}

#[test]
fn every_envelope_is_read_and_written_to_the_byte() {
    let (mut calls, mut others) = (0, 0);
    for vector in all() {
        let (payload, decoded, how) = (&vector.payload, &vector.decoded, &vector.how);
        let written = match vector.kind() {
            Kind::Call => {
                calls += 1;
                let call = Invocation::read(payload).expect(how);
                assert_eq!(serde_json::json!(call.excluded), decoded[0], "{how}");
                assert_eq!(call.asker.is_some(), vector.action == "ClientResult", "{how}");
                if let Some(Asker { invocation_id, channel }) = &call.asker {
                    assert_eq!((invocation_id, channel), (&text(&decoded[2]), &text(&decoded[3])), "{how}");
                }
                call.write()
            }
            Kind::Commands => {
                let command = GroupCommand::read(payload).expect(how);
                let GroupCommand { id, node, action, group, connection } = &command;
                assert_eq!(serde_json::json!([id, node, action, group, connection]), *decoded, "{how}");
                command.write()
            }
            Kind::Ack => {
                let id = envelope::read_ack(payload).expect(how);
                assert_eq!(serde_json::json!([id]), *decoded, "{how}");
                envelope::write_ack(id)
            }
            Kind::Return => {
                let completion = Completion::read(payload).expect(how);
                assert_eq!(completion.protocol, text(&decoded[0]), "{how}");
                completion.write()
            }
        };
        others += usize::from(vector.kind() != Kind::Call);
        assert_eq!(written, *payload, "{how}");
    }
    assert_eq!((calls, calls + others), (81, 129));
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn the_same_calls_have_the_same_messages_inside() {
    for vector in all().into_iter().filter(|vector| vector.kind() == Kind::Call) {
        let theirs = Invocation::read(&vector.payload).expect(&vector.how);
        let blob = |call: &Invocation, name: &str| call.blobs.iter().find(|(other, _)| other == name).cloned();
        let json = |blob: &[u8]| -> Value { serde_json::from_slice(&blob[..blob.len() - 1]).expect("JSON") };
        let (_, their_json) = blob(&theirs, "json").expect("JSON is always there");
        let message = json(&their_json);
        let arguments = message["arguments"].as_array().expect("arguments");
        let arguments: Vec<&dyn Payload> = arguments.iter().map(|argument| argument as &dyn Payload).collect();
        let id = message["invocationId"].as_str();
        let outgoing =
            Outgoing::Invocation { id, target: message["target"].as_str().expect("a target"), arguments: &arguments };
        let ours = EncodedMessage::new(&outgoing, 0b11).expect("encoded");
        let our_json = ours.get(ALL_PROTOCOLS[0]).expect("JSON");
        assert_eq!(json(our_json), message, "{}", vector.how);
        if let Some((_, bytes)) = blob(&theirs, "messagepack") {
            let protocol: &dyn HubProtocol = &MessagePackHubProtocol::new();
            assert_eq!(ours.get(protocol), Some(&bytes), "{}", vector.how);
        }
    }
}

#[test]
fn readers_take_more_than_they_know_and_drop_what_they_cannot_read() {
    // Five items, an unknown protocol, the map in another order.
    let extra = unhex(
        "9590 83 a16f c40101 ab6d6573736167657061636b c40102 a46a736f6e c40103 a161 a162 c0".replace(' ', "").as_str(),
    );
    let call = Invocation::read(&extra).expect("it is read");
    assert_eq!(call.blobs.len(), 3);
    assert_eq!(call.asker.map(|asker| asker.channel), Some("b".to_owned()));
    assert_eq!(envelope::read_ack(&unhex("9207c0")), Ok(7));
    for broken in
        ["", "c0", "90", "9190", "92c080", "9290c0", "929081a16100", "929081a161c4ff", "93908000", "949080c0c0"]
    {
        let payload = unhex(broken);
        let is_two = broken == "93908000";
        assert_eq!(Invocation::read(&payload).is_ok(), is_two, "{broken}");
    }
    let mut state = 7_u64;
    for _ in 0..100_000 {
        let random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        let mut bytes: Vec<u8> = std::iter::repeat_with(random).take(24).collect();
        bytes[0] = 0x90 | (bytes[0] & 0x0f);
        let payload = Bytes::from(bytes);
        let _ = (Invocation::read(&payload), GroupCommand::read(&payload), Completion::read(&payload));
    }
}
