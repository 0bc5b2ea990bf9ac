//! What nodes of ASP.NET Core have published is published again, byte for byte, by a client that is no node of ours: calls
//! reach our clients, commands are done and acknowledged, and answers end the calls that wait for them.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    super::envelope::{self, Asker, Completion, GroupCommand, Invocation},
    HUB,
    across::{answer, ask, ended},
    node_of_hub,
    plain::{InMemory, LIMIT, Wire},
    vectors::{self, Vector},
};
use crate::{
    connection::Peer,
    lifetime::{
        HubLifetimeManager, Target,
        spec::{connect, connect_over, join, received, send, taken},
    },
    protocol::{CompletionResult, HubMessage, JsonHubProtocol, Outcome, Outgoing, RawPayload, protocol_named},
};

/// The tests of this file, over a cluster.
macro_rules! replayed {
    ($wire:expr; $($test:ident,)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                super::$test(&$wire).await;
            }
        )*
    };
    ($wire:expr) => {
        replayed! { $wire;
            recorded_calls_reach_our_clients_whose_answers_go_back,
            recorded_commands_are_done_and_acknowledged,
            a_recorded_ack_ends_the_command_that_waits_for_it,
            a_recorded_answer_ends_the_call_that_waits_for_it,
            bad_answers_leave_the_call_waiting_and_a_good_one_ends_it,
        }
    };
}

mod in_memory {
    replayed!(super::InMemory::new());
}

#[cfg(feature = "redis")]
mod over_redis {
    replayed!(super::super::plain::OverRedis::new().await);
}

fn recorded(kind: vectors::Kind) -> impl Iterator<Item = Vector> {
    vectors::all().into_iter().filter(move |vector| vector.kind() == kind)
}

/// The next batch for a client.
async fn told(peer: &Peer) -> Vec<u8> {
    let next = async {
        loop {
            let bytes = taken(peer);
            if !bytes.is_empty() {
                return bytes;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    timeout(LIMIT, next).await.expect("it is told in time")
}

async fn recorded_calls_reach_our_clients_whose_answers_go_back(wire: &impl Wire) {
    let (mut calls, mut asked) = (0, 0);
    for Vector { channel, payload, how, .. } in recorded(vectors::Kind::Call) {
        let call = Invocation::read(&payload).expect(&how);
        let (hub, rest) = split(&channel);
        let ours = node_of_hub(wire.node("ours"), hub);
        let id = rest.strip_prefix("connection:").unwrap_or("ours");
        let peer = connect_over(&*ours.manager, id, rest.strip_prefix("user:"), &JsonHubProtocol).await;
        if let Some(group) = rest.strip_prefix("group:") {
            join(&*ours.manager, id, group).await;
        }
        assert!(wire.publish(&channel, payload).await > 0, "{how}");
        let (_, json) = call.blobs.iter().find(|(name, _)| name == "json").expect(&how);
        assert_eq!(told(&peer).await, *json, "{how}");
        calls += 1;
        let Some(Asker { invocation_id, channel }) = call.asker else { continue };
        let mut answers = wire.hear(&channel).await;
        assert_eq!(answer(&ours, &invocation_id, &peer, &CompletionResult::Value(b"42")), Ok(()), "{how}");
        let Completion { protocol, message } = Completion::read(&answers.next().await).expect(&how);
        let message: Value = serde_json::from_slice(&message[..message.len() - 1]).expect(&how);
        let expected = json!({ "type": 3, "invocationId": invocation_id, "result": 42 });
        assert_eq!((protocol.as_str(), message), ("json", expected), "{how}");
        asked += 1;
    }
    assert_eq!((calls, asked), (81, 22), "recorded calls, and those for a result");
}

fn split(channel: &str) -> (&str, &str) {
    let starts = [":connection:", ":group:", ":user:", ":all"];
    let at = starts.iter().find_map(|start| channel.find(start)).expect("a channel of calls");
    (&channel[..at], &channel[at + 1..])
}

async fn recorded_commands_are_done_and_acknowledged(wire: &impl Wire) {
    for Vector { payload, how, .. } in recorded(vectors::Kind::Commands) {
        let command = GroupCommand::read(&payload).expect(&how);
        let ours = node_of_hub(wire.node("ours"), HUB);
        let peer = connect(&*ours.manager, &command.connection).await;
        let mut acks = wire.hear(&format!("{HUB}:internal:ack:{}", command.node)).await;
        assert!(wire.publish(&format!("{HUB}:internal:groups"), payload).await > 0, "{how}");
        assert_eq!(acks.next().await, envelope::write_ack(command.id), "{how}");
        let target = Target::Groups { names: vec![command.group.as_str().into()], except: Vec::new() };
        send(&*ours.manager, target, "hi").await;
        let expected: &[&str] = if command.action == envelope::ADD { &["hi"] } else { &[] };
        assert_eq!(received(&*ours.manager, &peer).await, expected, "{how}");
    }
}

async fn a_recorded_ack_ends_the_command_that_waits_for_it(wire: &impl Wire) {
    let mut ended = 0;
    for Vector { payload, how, .. } in recorded(vectors::Kind::Ack) {
        let id = envelope::read_ack(&payload).expect(&how);
        let ours = node_of_hub(wire.node("ours"), HUB);
        let mut commands = wire.hear(&format!("{HUB}:internal:groups")).await;
        // The first command has the id 1: those before the recorded one are given up, unless they are too many.
        let is_waited_for = (1..1_000).contains(&id);
        for _ in 1..if is_waited_for { id } else { 1 } {
            drop(ours.manager.add_to_group(&"theirs".into(), &"red".into()));
        }
        let joined = ours.manager.add_to_group(&"theirs".into(), &"red".into());
        let acknowledged = async {
            let command = GroupCommand::read(&commands.next().await).expect("our own envelope");
            assert_eq!(command.id, if is_waited_for { id } else { 1 }, "{how}");
            wire.publish(&format!("{HUB}:internal:ack:{}", command.node), payload).await;
        };
        let (joined, ()) = tokio::join!(joined, acknowledged);
        assert_eq!(joined.is_ok(), is_waited_for, "{how}: {joined:?}");
        ended += usize::from(joined.is_ok());
    }
    assert_eq!(ended, 12, "recorded acks, without those of the ids -5 and 70 000");
}

async fn a_recorded_answer_ends_the_call_that_waits_for_it(wire: &impl Wire) {
    let (mut answers, mut values) = (0, 0);
    for vector in recorded(vectors::Kind::Return) {
        let north = node_of_hub(wire.node("north"), HUB);
        let mut calls = wire.hear(&format!("{HUB}:connection:a")).await;
        let (pending, id, _) = ask(&north, "a").await;
        let call = Invocation::read(&calls.next().await).expect("our own envelope");
        let asker = call.asker.expect("a call for a result");
        assert_eq!(asker.invocation_id, id);
        let (answer, expected) = with_id(&vector, &id);
        assert!(wire.publish(&asker.channel, answer).await > 0, "{}", vector.how);
        let ended = ended(pending).await;
        assert_eq!(
            ended.as_ref().ok().map(|value| value.decode::<Value>().expect("a value")),
            expected,
            "{}",
            vector.how
        );
        values += usize::from(expected.is_some());
        answers += 1;
    }
    assert_eq!((answers, values), (23, 14), "recorded answers, and those with a value");
}

/// A recorded answer as that to the call of this id, and its value.
fn with_id(vector: &Vector, id: &str) -> (Bytes, Option<Value>) {
    let Completion { protocol, message } = Completion::read(&vector.payload).expect(&vector.how);
    let spoken = protocol_named(&protocol).expect(&vector.how);
    let frame = spoken.frame(&message, 0, None).expect(&vector.how).expect(&vector.how);
    let Ok(Some(HubMessage::Completion { result, .. })) = spoken.decode(&message[frame.body]) else {
        panic!("{} is a completion", vector.how)
    };
    let value = match &result {
        CompletionResult::Value(bytes) => Some(RawPayload::new(spoken.payload_format(), Bytes::copy_from_slice(bytes))),
        _ => None,
    };
    let outcome = match (&result, &value) {
        (CompletionResult::Error(text), _) => Outcome::Error(text),
        (_, Some(value)) => Outcome::Value(value),
        (_, None) => Outcome::Void,
    };
    let mut message = Vec::new();
    spoken.encode(&Outgoing::Completion { id, outcome }, &mut message).expect(&vector.how);
    let expected = value.map(|value| value.decode().expect(&vector.how));
    (Completion { protocol, message: message.into() }.write(), expected)
}

async fn bad_answers_leave_the_call_waiting_and_a_good_one_ends_it(wire: &impl Wire) {
    let north = node_of_hub(wire.node("north"), HUB);
    let mut calls = wire.hear(&format!("{HUB}:connection:a")).await;
    let (pending, id, is_there) = ask(&north, "a").await;
    assert!(is_there);
    let channel =
        Invocation::read(&calls.next().await).expect("our own envelope").asker.expect("a call for a result").channel;
    let good = format!("{{\"type\":3,\"invocationId\":\"{id}\",\"result\":7}}\u{1e}");
    let completion = |protocol: &str, message: &str| {
        Completion { protocol: protocol.to_owned(), message: Bytes::from(message.to_owned()) }.write()
    };
    let unknown = completion("xml", &good);
    let unframed = completion("json", good.trim_end_matches('\u{1e}'));
    let foreign = completion("json", &good.replace(&id, "s1-0000000000000000"));
    for bad in [unknown, unframed, foreign, Bytes::from_static(b"\xc0"), completion("json", "{}\u{1e}")] {
        wire.publish(&channel, bad).await;
    }
    wire.publish(&channel, completion("json", &good)).await;
    assert_eq!(ended(pending).await.expect("an answer").decode::<u8>().expect("a number"), 7);
}
