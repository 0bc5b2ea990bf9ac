//! Groups and the end of a connection.

use std::time::Duration;

use super::{connect, connect_all, join, leave, received, send, send_to, taken, to_all, to_group};
use crate::{backplane::BackplaneError, invocation::SendError, lifetime::HubLifetimeManager};

const NONE: [&str; 0] = [];

pub(crate) async fn a_join_is_visible_when_it_has_returned(manager: &dyn HubLifetimeManager) {
    let a = connect(manager, "a").await;
    send(manager, to_group("red"), "before").await;
    join(manager, "a", "red").await;
    send(manager, to_group("red"), "after").await;
    assert_eq!(received(manager, &a).await, ["after"]);
}

pub(crate) async fn joining_twice_delivers_once(manager: &dyn HubLifetimeManager) {
    let a = connect(manager, "a").await;
    join(manager, "a", "red").await;
    join(manager, "a", "red").await;
    send(manager, to_group("red"), "hi").await;
    assert_eq!(received(manager, &a).await, ["hi"]);
    leave(manager, "a", "red").await;
    send(manager, to_group("red"), "ho").await;
    assert_eq!(received(manager, &a).await, NONE, "leaving once is enough");
}

pub(crate) async fn a_leave_is_visible_when_it_has_returned(manager: &dyn HubLifetimeManager) {
    let [a, b] = connect_all(manager, ["a", "b"]).await;
    for id in ["a", "b"] {
        join(manager, id, "red").await;
        join(manager, id, "blue").await;
    }
    leave(manager, "a", "red").await;
    send(manager, to_group("red"), "red").await;
    send(manager, to_group("blue"), "blue").await;
    assert_eq!(received(manager, &a).await, ["blue"]);
    assert_eq!(received(manager, &b).await, ["red", "blue"]);
}

pub(crate) async fn a_disconnected_connection_receives_nothing(manager: &dyn HubLifetimeManager) {
    let [a, b] = connect_all(manager, ["a", "b"]).await;
    manager.disconnect(&a);
    manager.disconnect(&a);
    send(manager, to_all(), "hi").await;
    // In a cluster it may take a moment until the other nodes know.
    while send_to(manager, "a", "hi").await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(received(manager, &b).await, ["hi"]);
    assert!(taken(&a).is_empty());
}

pub(crate) async fn a_connection_leaves_its_groups_when_it_disconnects(manager: &dyn HubLifetimeManager) {
    let first = connect(manager, "a").await;
    join(manager, "a", "red").await;
    manager.disconnect(&first);
    let second = connect(manager, "a").await;
    send(manager, to_group("red"), "hi").await;
    assert_eq!(received(manager, &second).await, NONE);
    assert!(taken(&first).is_empty());
}

pub(crate) async fn unknown_connections_may_join_and_leave(manager: &dyn HubLifetimeManager) {
    // In a cluster it may take its time until it is known that no node has such a connection.
    for done in [
        manager.add_to_group(&"a".into(), &"red".into()),
        manager.remove_from_group(&"a".into(), &"red".into()),
        manager.add_to_group(&"a".into(), &"red".into()),
    ] {
        let done = done.await;
        assert!(matches!(done, Ok(()) | Err(SendError::Backplane(BackplaneError::TimedOut(_)))), "{done:?}");
    }
    let a = connect(manager, "a").await;
    leave(manager, "a", "blue").await;
    send(manager, to_group("red"), "hi").await;
    assert_eq!(received(manager, &a).await, NONE, "a join before the connection has no effect");
}
