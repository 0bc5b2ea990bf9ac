//! Groups and the end of a connection.

use super::{connect, join, leave, received, send, send_to, taken, to_all, to_group};
use crate::lifetime::HubLifetimeManager;

const NONE: [&str; 0] = [];

pub(crate) async fn a_join_is_visible_when_it_has_returned(manager: &dyn HubLifetimeManager) {
    let a = connect(manager, "a");
    send(manager, to_group("red"), "before").await;
    join(manager, "a", "red").await;
    send(manager, to_group("red"), "after").await;
    assert_eq!(received(manager, &a).await, ["after"]);
}

pub(crate) async fn joining_twice_delivers_once(manager: &dyn HubLifetimeManager) {
    let a = connect(manager, "a");
    join(manager, "a", "red").await;
    join(manager, "a", "red").await;
    send(manager, to_group("red"), "hi").await;
    assert_eq!(received(manager, &a).await, ["hi"]);
    leave(manager, "a", "red").await;
    send(manager, to_group("red"), "ho").await;
    assert_eq!(received(manager, &a).await, NONE, "leaving once is enough");
}

pub(crate) async fn a_leave_is_visible_when_it_has_returned(manager: &dyn HubLifetimeManager) {
    let [a, b] = ["a", "b"].map(|id| connect(manager, id));
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
    let [a, b] = ["a", "b"].map(|id| connect(manager, id));
    manager.disconnect(&a);
    manager.disconnect(&a);
    send(manager, to_all(), "hi").await;
    assert!(!send_to(manager, "a", "hi").await);
    assert_eq!(received(manager, &b).await, ["hi"]);
    assert!(taken(&a).is_empty());
}

pub(crate) async fn a_connection_leaves_its_groups_when_it_disconnects(manager: &dyn HubLifetimeManager) {
    let first = connect(manager, "a");
    join(manager, "a", "red").await;
    manager.disconnect(&first);
    let second = connect(manager, "a");
    send(manager, to_group("red"), "hi").await;
    assert_eq!(received(manager, &second).await, NONE);
    assert!(taken(&first).is_empty());
}

pub(crate) async fn unknown_connections_may_join_and_leave(manager: &dyn HubLifetimeManager) {
    join(manager, "a", "red").await;
    leave(manager, "a", "red").await;
    join(manager, "a", "red").await;
    let a = connect(manager, "a");
    leave(manager, "a", "blue").await;
    send(manager, to_group("red"), "hi").await;
    assert_eq!(received(manager, &a).await, NONE, "a join before the connection has no effect");
}
