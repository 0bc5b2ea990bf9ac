//! Who receives a message, and in which form and order.

use super::{connect, connect_all, connect_over, join, received, send, taken, to_all, to_group};
use crate::{
    connection::End,
    ids::ConnectionId,
    lifetime::{HubLifetimeManager, Target},
    protocol::{ALL_PROTOCOLS, JsonHubProtocol},
};

const NONE: [&str; 0] = [];

pub(crate) async fn all_reaches_everyone_except_the_excluded(manager: &dyn HubLifetimeManager) {
    let peers = connect_all(manager, ["a", "b", "c"]).await;
    send(manager, to_all(), "hi").await;
    send(manager, Target::All { except: vec!["b".into(), "unknown".into()] }, "psst").await;
    for (peer, expected) in peers.iter().zip([&["hi", "psst"][..], &["hi"], &["hi", "psst"]]) {
        assert_eq!(received(manager, peer).await, expected);
    }
}

pub(crate) async fn connections_reaches_those_connections(manager: &dyn HubLifetimeManager) {
    let [a, b, c] = connect_all(manager, ["a", "b", "c"]).await;
    send(manager, Target::Connections(vec!["a".into(), "unknown".into(), "c".into()]), "hi").await;
    assert_eq!(received(manager, &a).await, ["hi"]);
    assert_eq!(received(manager, &b).await, NONE);
    assert_eq!(received(manager, &c).await, ["hi"]);
}

pub(crate) async fn groups_reaches_members_except_the_excluded(manager: &dyn HubLifetimeManager) {
    let [a, b, c] = connect_all(manager, ["a", "b", "c"]).await;
    join(manager, "a", "red").await;
    join(manager, "b", "red").await;
    send(manager, to_group("red"), "hi").await;
    send(manager, Target::Groups { names: vec!["red".into()], except: vec!["a".into()] }, "psst").await;
    assert_eq!(received(manager, &a).await, ["hi"]);
    assert_eq!(received(manager, &b).await, ["hi", "psst"]);
    assert_eq!(received(manager, &c).await, NONE);
}

pub(crate) async fn a_member_of_two_groups_gets_the_message_twice(manager: &dyn HubLifetimeManager) {
    let a = connect(manager, "a").await;
    join(manager, "a", "red").await;
    join(manager, "a", "blue").await;
    send(manager, Target::Groups { names: vec!["red".into(), "blue".into()], except: Vec::new() }, "hi").await;
    assert_eq!(received(manager, &a).await, ["hi", "hi"]);
}

pub(crate) async fn users_reaches_every_connection_of_a_user(manager: &dyn HubLifetimeManager) {
    let connect = |id, user| connect_over(manager, id, user, &JsonHubProtocol);
    let (a, b) = (connect("a", Some("ann")).await, connect("b", Some("ann")).await);
    let (c, d) = (connect("c", Some("ben")).await, connect("d", None).await);
    send(manager, Target::Users(vec!["ann".into(), "unknown".into()]), "hi").await;
    for (peer, expected) in [(a, &["hi"][..]), (b, &["hi"]), (c, &[]), (d, &[])] {
        assert_eq!(received(manager, &peer).await, expected, "{}", peer.id);
    }
}

pub(crate) async fn names_are_case_sensitive(manager: &dyn HubLifetimeManager) {
    let a = connect_over(manager, "a", Some("ann"), &JsonHubProtocol).await;
    join(manager, "a", "red").await;
    send(manager, to_group("Red"), "group").await;
    send(manager, Target::Users(vec!["Ann".into()]), "user").await;
    send(manager, Target::Connections(vec!["A".into()]), "connection").await;
    assert_eq!(received(manager, &a).await, NONE);
}

pub(crate) async fn every_protocol_gets_its_own_encoding(manager: &dyn HubLifetimeManager) {
    let mut peers = Vec::new();
    let spoken = manager.protocols();
    let spoken = ALL_PROTOCOLS.into_iter().filter(|protocol| spoken == 0 || spoken & (1 << protocol.slot()) != 0);
    for (n, protocol) in spoken.enumerate() {
        peers.push(connect_over(manager, &format!("{n}"), None, protocol).await);
    }
    send(manager, to_all(), "hi").await;
    for peer in peers {
        let id: &ConnectionId = &peer.id;
        assert!(super::send_to(manager, id.as_str(), "ho").await);
        let expected = ["hi", "ho"].map(|text| super::encode(text, 1 << peer.protocol.slot()));
        let expected: Vec<u8> =
            expected.iter().flat_map(|message| message.get(peer.protocol).expect("encoded")).copied().collect();
        let mut bytes = Vec::new();
        while bytes.len() < expected.len() {
            bytes.extend(taken(&peer));
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(bytes, expected, "{:?}", peer.protocol);
    }
}

pub(crate) async fn messages_to_a_connection_keep_their_order(manager: &dyn HubLifetimeManager) {
    let a = connect_over(manager, "a", Some("ann"), &JsonHubProtocol).await;
    join(manager, "a", "red").await;
    let mut expected = Vec::new();
    for _ in 0..50 {
        send(manager, to_all(), "all").await;
        send(manager, to_group("red"), "group").await;
        super::send_to(manager, "a", "one").await;
        send(manager, Target::Users(vec!["ann".into()]), "user").await;
        send(manager, Target::Connections(vec!["a".into()]), "some").await;
        expected.extend(["all", "group", "one", "user", "some"]);
    }
    assert_eq!(received(manager, &a).await, expected);
}

pub(crate) async fn an_ended_connection_does_not_stop_the_others(manager: &dyn HubLifetimeManager) {
    let [a, b] = connect_all(manager, ["a", "b"]).await;
    a.outbox.end(End::Aborted);
    send(manager, to_all(), "hi").await;
    assert_eq!(received(manager, &b).await, ["hi"]);
}

pub(crate) async fn unknown_targets_are_no_error(manager: &dyn HubLifetimeManager) {
    for connected in [false, true] {
        send(manager, to_all(), "hi").await;
        send(manager, to_group("unknown"), "hi").await;
        send(manager, Target::Users(vec!["unknown".into()]), "hi").await;
        send(manager, Target::Connections(vec!["unknown".into()]), "hi").await;
        send(manager, Target::Connections(Vec::new()), "hi").await;
        if !connected {
            connect(manager, "a").await;
        }
    }
}
