//! The rules of every [`HubLifetimeManager`], as a suite that any manager can run: `lifetime_spec!(make())` writes one test
//! for each rule, and `make()` gives a new manager without connections.

mod membership;
mod results;
mod targets;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
pub(crate) use membership::*;
pub(crate) use results::*;
pub(crate) use targets::*;

use super::{HubLifetimeManager, Target};
use crate::{
    connection::{OutboxLimits, Peer},
    ids::{ConnectionId, UserId},
    protocol::{EncodedMessage, HubProtocol, JsonHubProtocol, Outgoing},
};

/// Writes one test for each rule.
macro_rules! lifetime_spec {
    ($make:expr) => {
        lifetime_spec! { @rules $make;
            all_reaches_everyone_except_the_excluded,
            connections_reaches_those_connections,
            groups_reaches_members_except_the_excluded,
            a_member_of_two_groups_gets_the_message_twice,
            users_reaches_every_connection_of_a_user,
            names_are_case_sensitive,
            every_protocol_gets_its_own_encoding,
            messages_to_a_connection_keep_their_order,
            an_ended_connection_does_not_stop_the_others,
            unknown_targets_are_no_error,
            a_join_is_visible_when_it_has_returned,
            joining_twice_delivers_once,
            a_leave_is_visible_when_it_has_returned,
            a_disconnected_connection_receives_nothing,
            a_connection_leaves_its_groups_when_it_disconnects,
            unknown_connections_may_join_and_leave,
            one_connection_is_reached_or_known_to_be_missing,
            a_result_id_is_read_by_the_manager_that_made_it,
        }
    };
    (@rules $make:expr; $($rule:ident,)*) => {
        $(
            #[tokio::test]
            async fn $rule() {
                $crate::lifetime::spec::limited($crate::lifetime::spec::$rule(&*$make)).await;
            }
        )*
    };
}
pub(crate) use lifetime_spec;

/// Limits a rule in time: a manager that never answers fails.
pub(crate) async fn limited(rule: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(30), rule).await.expect("the manager answers in time");
}

pub(crate) async fn connect_over(
    manager: &dyn HubLifetimeManager,
    id: &str,
    user: Option<&str>,
    protocol: &'static dyn HubProtocol,
) -> Arc<Peer> {
    let user = user.map(UserId::from);
    let peer = Arc::new(Peer::new(ConnectionId::from(id), user, protocol, OutboxLimits::DEFAULT));
    manager.connect(Arc::clone(&peer)).await.expect("connected");
    peer
}

/// Connects a client that speaks JSON.
pub(crate) async fn connect(manager: &dyn HubLifetimeManager, id: &str) -> Arc<Peer> {
    connect_over(manager, id, None, &JsonHubProtocol).await
}

/// The same for several.
async fn connect_all<const N: usize>(manager: &dyn HubLifetimeManager, ids: [&str; N]) -> [Arc<Peer>; N] {
    let peers = futures_util::future::join_all(ids.map(|id| connect(manager, id))).await;
    peers.try_into().expect("as many as ids")
}

fn encode(text: &'static str, protocols: u8) -> EncodedMessage {
    let call = Outgoing::Invocation { id: None, target: text, arguments: &[] };
    EncodedMessage::new(&call, protocols).expect("a call without arguments can be encoded")
}

pub(crate) async fn send(manager: &dyn HubLifetimeManager, target: Target, text: &'static str) {
    let message = encode(text, manager.protocols());
    manager.send(&target, &message).await.expect("sent");
}

async fn send_to(manager: &dyn HubLifetimeManager, id: &str, text: &'static str) -> bool {
    let id = ConnectionId::from(id);
    let message = encode(text, manager.protocols_of(&id));
    manager.send_to(&id, &message).await.expect("sent")
}

pub(crate) fn to_group(name: &str) -> Target {
    Target::Groups { names: vec![name.into()], except: Vec::new() }
}

pub(crate) fn to_all() -> Target {
    Target::All { except: Vec::new() }
}

pub(crate) async fn join(manager: &dyn HubLifetimeManager, id: &str, group: &str) {
    manager.add_to_group(&id.into(), &group.into()).await.expect("joined");
}

async fn leave(manager: &dyn HubLifetimeManager, id: &str, group: &str) {
    manager.remove_from_group(&id.into(), &group.into()).await.expect("left");
}

/// All that has been sent to a JSON client. A last message marks the end: it comes after everything sent before it.
pub(crate) async fn received(manager: &dyn HubLifetimeManager, peer: &Peer) -> Vec<String> {
    assert!(send_to(manager, peer.id.as_str(), "end").await, "{} is connected", peer.id);
    let mut texts = Vec::new();
    loop {
        texts.extend(taken(peer).split(|byte| *byte == 0x1e).filter(|record| !record.is_empty()).map(target));
        if texts.last().is_some_and(|text| text == "end") {
            texts.pop();
            return texts;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn target(record: &[u8]) -> String {
    let message: serde_json::Value = serde_json::from_slice(record).expect("JSON");
    message["target"].as_str().expect("a call").to_owned()
}

/// The bytes that wait for a client.
pub(crate) fn taken(peer: &Peer) -> Vec<u8> {
    let batches: Vec<Bytes> = std::iter::from_fn(|| peer.outbox.take()).collect();
    let bytes = batches.concat();
    peer.outbox.left(bytes.len());
    bytes
}
