//! What only several nodes can do: answers of clients of another node, outages, and what ASP.NET Core's nodes send.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    super::envelope::{self, Asker, Completion, GroupCommand, Invocation},
    TestNode, node, node_of_hub, vectors,
};
use crate::{
    backplane::{Backplane, Health, MemoryBackplane, MemoryCluster, Subscription},
    connection::Peer,
    invocation::{InvokeError, SendError, Unexpected},
    lifetime::{
        HubLifetimeManager, Target,
        spec::{connect, connect_over, join, received, send, taken, to_all, to_group},
    },
    protocol::{
        CompletionResult, EncodedMessage, Headers, HubMessage, JsonHubProtocol, MessagePackHubProtocol, Outcome,
        Outgoing, RawPayload, protocol_named,
    },
};

const LIMIT: Duration = Duration::from_secs(10);
const HUB: &str = "Conformance.ConformanceHub";

fn pair() -> [TestNode; 2] {
    let cluster = MemoryCluster::new();
    ["north", "south"].map(|name| node(&cluster, name))
}

/// Everything that is published on a channel.
fn hear(backplane: &MemoryBackplane, channel: &str) -> (Subscription, Arc<Mutex<Vec<Bytes>>>) {
    let heard = Arc::<Mutex<Vec<Bytes>>>::default();
    let into = Arc::clone(&heard);
    (backplane.subscribe(channel, Arc::new(move |payload| into.lock().push(payload))), heard)
}

async fn heard(from: &Mutex<Vec<Bytes>>) -> Bytes {
    let next = async {
        loop {
            if let Some(payload) = from.lock().pop() {
                return payload;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, next).await.expect("it was published in time")
}

/// Asks a client, and gives the id that it sees.
async fn ask(from: &TestNode, id: &str) -> (impl Future<Output = Result<RawPayload, InvokeError>>, String, bool) {
    let (number, pending) = from.pending.start(id.into());
    let result_id = from.manager.result_id(number);
    let call = Outgoing::Invocation { id: Some(&result_id), target: "Answer", arguments: &[] };
    let message = EncodedMessage::new(&call, from.manager.protocols_of(&id.into())).expect("encoded");
    let is_there = from.manager.ask(&id.into(), &result_id, &message).await.expect("sent");
    (pending, result_id, is_there)
}

fn answer(node: &TestNode, id: &str, peer: &Peer, result: &CompletionResult<'_>) -> Result<(), Unexpected> {
    node.manager.forward_answer(id, peer, result, Headers::default())
}

async fn ended(pending: impl Future<Output = Result<RawPayload, InvokeError>>) -> Result<RawPayload, InvokeError> {
    timeout(LIMIT, pending).await.expect("it ends in time")
}

#[tokio::test]
async fn a_client_of_another_node_is_asked_and_its_answer_comes_back() {
    let [north, south] = pair();
    for (id, protocol, bytes) in [
        ("json", &JsonHubProtocol as _, &b"{\"a\": 1}"[..]),
        ("messagepack", &const { MessagePackHubProtocol::new() } as _, &[0x81, 0xa1, b'a', 0x01]),
    ] {
        let peer = connect_over(&*south.manager, id, None, protocol).await;
        let (pending, result_id, is_there) = ask(&north, id).await;
        assert!(is_there && !taken(&peer).is_empty() && south.manager.owes_answers(&id.into()));
        assert_eq!(answer(&south, &result_id, &peer, &CompletionResult::Value(bytes)), Ok(()));
        assert_eq!(ended(pending).await.expect("an answer").decode::<Value>().expect("a value"), json!({ "a": 1 }));
        assert!(!south.manager.owes_answers(&id.into()));
        assert_eq!(answer(&south, &result_id, &peer, &CompletionResult::Void), Err(Unexpected::Unknown), "once");
    }
}

#[tokio::test]
async fn an_error_of_a_client_of_another_node_comes_back() {
    let [north, south] = pair();
    let peer = connect(&*south.manager, "a").await;
    let (pending, id, _) = ask(&north, "a").await;
    assert_eq!(answer(&south, &id, &peer, &CompletionResult::Error("boom".into())), Ok(()));
    assert!(matches!(ended(pending).await, Err(InvokeError::Remote(text)) if text == "boom"));
    let (pending, id, _) = ask(&north, "a").await;
    assert_eq!(answer(&south, &id, &peer, &CompletionResult::Void), Ok(()));
    assert!(matches!(ended(pending).await, Err(InvokeError::Remote(_))));
}

#[tokio::test]
async fn only_the_client_that_was_asked_may_answer() {
    let [north, south] = pair();
    let asked = connect(&*south.manager, "asked").await;
    let other = connect(&*south.manager, "other").await;
    let (pending, id, _) = ask(&north, "asked").await;
    assert_eq!(answer(&south, &id, &other, &CompletionResult::Value(b"1")), Err(Unexpected::NotAsked));
    assert_eq!(answer(&south, &id, &asked, &CompletionResult::Value(b"2")), Ok(()));
    assert_eq!(ended(pending).await.expect("an answer").decode::<u8>().expect("a number"), 2);
}

#[tokio::test]
async fn an_asker_learns_that_the_client_has_left_or_never_was() {
    let [north, south] = pair();
    let peer = connect(&*south.manager, "a").await;
    let (pending, ..) = ask(&north, "a").await;
    south.manager.disconnect(&peer);
    assert!(matches!(ended(pending).await, Err(InvokeError::Disconnected(id)) if id.as_str() == "a"));
    assert!(!ask(&north, "a").await.2, "it is known to be gone");
}

#[tokio::test(start_paused = true)]
async fn an_asker_learns_that_the_node_of_a_client_has_died() {
    let [north, south] = pair();
    let _peer = connect(&*south.manager, "a").await;
    for _ in 0..2 {
        let (pending, ..) = ask(&north, "a").await;
        south.backplane.set_health(Health::Lost);
        let ended = timeout(LIMIT + LIMIT, pending).await.expect("it ends");
        assert!(matches!(ended, Err(InvokeError::Disconnected(id)) if id.as_str() == "a"));
        south.backplane.set_health(Health::Healthy);
    }
}

#[tokio::test(start_paused = true)]
async fn an_asker_waits_for_a_client_whose_node_is_gone_for_a_moment() {
    let [north, south] = pair();
    let peer = connect(&*south.manager, "a").await;
    let (pending, id, _) = ask(&north, "a").await;
    south.backplane.set_health(Health::Lost);
    let mut pending = Box::pin(pending);
    assert!(timeout(Duration::from_secs(7), &mut pending).await.is_err(), "it was looked for once");
    south.backplane.set_health(Health::Healthy);
    assert!(timeout(Duration::from_secs(60), &mut pending).await.is_err(), "it is there");
    assert_eq!(answer(&south, &id, &peer, &CompletionResult::Value(b"2")), Ok(()));
    assert_eq!(ended(pending).await.expect("an answer").decode::<u8>().expect("a number"), 2);
}

#[tokio::test]
async fn a_join_that_fails_in_an_outage_leaves_nothing_behind() {
    let [north, south] = pair();
    let peer = connect(&*south.manager, "a").await;
    south.backplane.set_health(Health::Lost);
    let joined = south.manager.add_to_group(&"a".into(), &"red".into()).await;
    assert!(matches!(joined, Err(SendError::Backplane(_))), "{joined:?}");
    assert_eq!(south.manager.shared.members.groups_of(&"a".into()), 0);
    let message = EncodedMessage::default();
    let sent = south.manager.send(&to_all(), &message).await;
    assert!(matches!(sent, Err(SendError::Backplane(_))), "no other node is reached: {sent:?}");
    south.backplane.set_health(Health::Healthy);
    send(&*north.manager, to_group("red"), "early").await;
    join(&*south.manager, "a", "red").await;
    send(&*north.manager, to_group("red"), "hi").await;
    assert_eq!(received(&*south.manager, &peer).await, ["hi"]);
}

#[tokio::test]
async fn a_member_that_joins_again_in_an_outage_stays_a_member() {
    let [north, south] = pair();
    let peer = connect(&*south.manager, "a").await;
    join(&*south.manager, "a", "red").await;
    south.backplane.set_health(Health::Lost);
    assert!(south.manager.add_to_group(&"a".into(), &"red".into()).await.is_err());
    south.backplane.set_health(Health::Healthy);
    send(&*south.manager, to_group("red"), "of its own node").await;
    send(&*north.manager, to_group("red"), "of another node").await;
    assert_eq!(received(&*south.manager, &peer).await, ["of its own node", "of another node"]);
}

#[tokio::test]
async fn sends_reach_this_nodes_clients_also_in_an_outage() {
    let [north, _south] = pair();
    let peer = connect(&*north.manager, "a").await;
    north.backplane.set_health(Health::Lost);
    let call = Outgoing::Invocation { id: None, target: "hi", arguments: &[] };
    let message = EncodedMessage::new(&call, north.manager.protocols()).expect("encoded");
    assert!(north.manager.send(&to_all(), &message).await.is_err());
    assert_eq!(received(&*north.manager, &peer).await, ["hi"]);
}

#[tokio::test]
async fn what_nothing_needs_any_more_is_not_subscribed() {
    let [north, south] = pair();
    let peer = connect_over(&*south.manager, "a", Some("ann"), &JsonHubProtocol).await;
    join(&*south.manager, "a", "red").await;
    let reached = async |channel: &str| {
        north.backplane.publish(&format!("{HUB}:{channel}"), Bytes::from_static(b"\xc0")).await.expect("published")
    };
    for channel in ["group:red", "user:ann", "connection:a"] {
        assert_eq!(reached(channel).await, Some(1), "{channel}");
    }
    south.manager.disconnect(&peer);
    for channel in ["group:red", "user:ann", "connection:a"] {
        assert_eq!(reached(channel).await, Some(0), "{channel}");
    }
}

#[tokio::test]
async fn a_client_whose_protocol_the_sender_does_not_write_is_closed() {
    let [north, south] = pair();
    let json = connect(&*south.manager, "a").await;
    let messagepack = connect_over(&*south.manager, "b", None, &const { MessagePackHubProtocol::new() }).await;
    let call = Outgoing::Invocation { id: None, target: "hi", arguments: &[] };
    north.manager.send(&to_all(), &EncodedMessage::new(&call, 1).expect("encoded")).await.expect("sent");
    assert_eq!(received(&*south.manager, &json).await, ["hi"]);
    assert!(messagepack.outbox.ended().is_some());
}

/// Replays what nodes of ASP.NET Core sent: our clients get each call, and commands are acknowledged.
#[tokio::test]
async fn recorded_calls_reach_our_clients_and_recorded_commands_are_done() {
    for vector in vectors::all() {
        let how = &vector.how;
        let cluster = MemoryCluster::new();
        let theirs = cluster.node("theirs");
        let publish = async |payload: &Bytes| {
            theirs.publish(&vector.channel, payload.clone()).await.expect("published").expect("known")
        };
        match vector.kind() {
            vectors::Kind::Call => {
                let call = Invocation::read(&vector.payload).expect(how);
                let (hub, rest) = split(&vector.channel);
                let ours = node_of_hub(&cluster, "ours", hub);
                let user = rest.strip_prefix("user:");
                let id = rest.strip_prefix("connection:").unwrap_or("ours");
                let peer = connect_over(&*ours.manager, id, user, &JsonHubProtocol).await;
                if let Some(group) = rest.strip_prefix("group:") {
                    join(&*ours.manager, id, group).await;
                }
                assert_eq!(publish(&vector.payload).await, 1, "{how}");
                let (_, json) = call.blobs.iter().find(|(name, _)| name == "json").expect(how);
                assert_eq!(taken(&peer), *json, "{how}");
                if let Some(Asker { invocation_id, channel }) = call.asker {
                    let (_kept, answers) = hear(&theirs, &channel);
                    let result = CompletionResult::Value(b"42");
                    assert_eq!(answer(&ours, &invocation_id, &peer, &result), Ok(()), "{how}");
                    let Completion { protocol, message } = Completion::read(&heard(&answers).await).expect(how);
                    let message: Value = serde_json::from_slice(&message[..message.len() - 1]).expect(how);
                    let expected = json!({ "type": 3, "invocationId": invocation_id, "result": 42 });
                    assert_eq!((protocol.as_str(), message), ("json", expected), "{how}");
                }
            }
            vectors::Kind::Commands => {
                let command = GroupCommand::read(&vector.payload).expect(how);
                let ours = node(&cluster, "ours");
                let peer = connect(&*ours.manager, &command.connection).await;
                let (_kept, acks) = hear(&theirs, &format!("{HUB}:internal:ack:{}", command.node));
                assert_eq!(publish(&vector.payload).await, 1, "{how}");
                assert_eq!(heard(&acks).await, envelope::write_ack(command.id), "{how}");
                let target = Target::Groups { names: vec![command.group.as_str().into()], except: Vec::new() };
                send(&*ours.manager, target, "hi").await;
                let expected: &[&str] = if command.action == envelope::ADD { &["hi"] } else { &[] };
                assert_eq!(received(&*ours.manager, &peer).await, expected, "{how}");
            }
            // What nodes of ASP.NET Core answered to others: a reader takes it without an error.
            vectors::Kind::Ack | vectors::Kind::Return => assert_eq!(publish(&vector.payload).await, 0, "{how}"),
        }
    }
}

fn split(channel: &str) -> (&str, &str) {
    let starts = [":connection:", ":group:", ":user:", ":all"];
    let at = starts.iter().find_map(|start| channel.find(start)).expect("a channel of calls");
    (&channel[..at], &channel[at + 1..])
}

#[tokio::test]
async fn a_recorded_answer_ends_the_call_that_waits_for_it() {
    let (mut answers, mut values) = (0, 0);
    for vector in vectors::all().into_iter().filter(|vector| vector.kind() == vectors::Kind::Return) {
        let cluster = MemoryCluster::new();
        let (north, theirs) = (node(&cluster, "north"), cluster.node("theirs"));
        let (_kept, calls) = hear(&theirs, &format!("{HUB}:connection:a"));
        let (pending, id, _) = ask(&north, "a").await;
        let call = Invocation::read(&heard(&calls).await).expect("our own envelope");
        let asker = call.asker.expect("a call for a result");
        assert_eq!(asker.invocation_id, id);
        let (answer, expected) = with_id(&vector, &id);
        theirs.publish(&asker.channel, answer).await.expect("published");
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
fn with_id(vector: &vectors::Vector, id: &str) -> (Bytes, Option<Value>) {
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

#[tokio::test]
async fn bad_answers_leave_the_call_waiting_and_a_good_one_ends_it() {
    let cluster = MemoryCluster::new();
    let (north, theirs) = (node(&cluster, "north"), cluster.node("theirs"));
    let (_kept, _calls) = hear(&theirs, &format!("{HUB}:connection:a"));
    let (pending, id, is_there) = ask(&north, "a").await;
    assert!(is_there);
    let channel = format!("{HUB}:internal:return:north");
    let good = format!("{{\"type\":3,\"invocationId\":\"{id}\",\"result\":7}}\u{1e}");
    let completion = |protocol: &str, message: &str| {
        Completion { protocol: protocol.to_owned(), message: Bytes::from(message.to_owned()) }.write()
    };
    let unknown = completion("xml", &good);
    let unframed = completion("json", good.trim_end_matches('\u{1e}'));
    let foreign = completion("json", &good.replace(&id, "s1-0000000000000000"));
    for bad in [unknown, unframed, foreign, Bytes::from_static(b"\xc0"), completion("json", "{}\u{1e}")] {
        theirs.publish(&channel, bad).await.expect("published");
    }
    theirs.publish(&channel, completion("json", &good)).await.expect("published");
    assert_eq!(ended(pending).await.expect("an answer").decode::<u8>().expect("a number"), 7);
}
