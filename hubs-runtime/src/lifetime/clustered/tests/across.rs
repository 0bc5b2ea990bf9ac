//! What only several nodes can do: answers of clients of another node, outages, and what is subscribed for whom.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{HUB, TestNode, node, plain::LIMIT};
use crate::{
    backplane::{Backplane, Health, MemoryCluster},
    connection::Peer,
    invocation::{InvokeError, SendError, Unexpected},
    lifetime::{
        HubLifetimeManager,
        spec::{connect, connect_over, join, received, send, taken, to_all, to_group},
    },
    protocol::{
        CompletionResult, EncodedMessage, Headers, JsonHubProtocol, MessagePackHubProtocol, Outgoing, RawPayload,
    },
};

fn pair() -> [TestNode; 2] {
    let cluster = MemoryCluster::new();
    ["north", "south"].map(|name| node(&cluster, name))
}

/// Asks a client, and gives the id that it sees.
pub(super) async fn ask<B>(
    from: &TestNode<B>,
    id: &str,
) -> (impl Future<Output = Result<RawPayload, InvokeError>>, String, bool) {
    let (number, pending) = from.pending.start(id.into());
    let result_id = from.manager.result_id(number);
    let call = Outgoing::Invocation { id: Some(&result_id), target: "Answer", arguments: &[] };
    let message = EncodedMessage::new(&call, from.manager.protocols_of(&id.into())).expect("encoded");
    let is_there = from.manager.ask(&id.into(), &result_id, &message).await.expect("sent");
    (pending, result_id, is_there)
}

pub(super) fn answer<B>(
    node: &TestNode<B>,
    id: &str,
    peer: &Peer,
    result: &CompletionResult<'_>,
) -> Result<(), Unexpected> {
    node.manager.forward_answer(id, peer, result, Headers::default())
}

pub(super) async fn ended(
    pending: impl Future<Output = Result<RawPayload, InvokeError>>,
) -> Result<RawPayload, InvokeError> {
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
