//! What is done to a user reaches its connections on every node.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use hubs::testing::with_default_timeout;
use hubs_tests::RedisServer;

use crate::{Node, pair};

/// Case 10, on three nodes, of which the one that ends the user has no clients.
#[tokio::test]
async fn b3_10_disconnect_user_from_another_node_ends_all_connections_and_queued_calls_do_not_run() {
    let redis = RedisServer::start();
    let [north, south] = pair(&redis);
    let east = Node::start(&redis, "east");
    let ann = [north.guest("ann").await, north.guest("ann").await, south.guest("ann").await, south.guest("ann").await];
    let bob = south.guest("bob").await;
    let mut calls = Vec::new();
    for guest in &ann {
        guest.answer_guess(|_| Ok(0));
        let (first, second) = (guest.hub(), guest.hub());
        calls.push(tokio::spawn(async move { first.hold().await }));
        let node = if calls.len() <= 4 { &north } else { &south };
        with_default_timeout(node.done.held.notified()).await;
        calls.push(tokio::spawn(async move { second.count().await.map(drop) }));
        // The call is sent before the next answer is, so the server has it once the answer is there.
        tokio::task::yield_now().await;
        let asked = east.context().clients().client(guest.connection_id().clone()).guess(1);
        assert_eq!(with_default_timeout(asked).await.expect("an answer"), 0);
    }
    assert_eq!(with_default_timeout(east.context().disconnect_user("ann")).await.expect("all nodes answer"), 4);
    for guest in &ann {
        with_default_timeout(guest.connection().closed()).await;
    }
    for node in [&north, &south] {
        node.done.release.notify_waiters();
    }
    for call in with_default_timeout(join_all(calls)).await {
        assert!(call.expect("no panic").is_err(), "the connection has ended");
    }
    assert_eq!(bob.hub().count().await.expect("others are not affected"), 1, "no queued call has run on its node");
    assert_eq!(north.done.counted.load(Ordering::SeqCst), 0, "no queued call has run");
    assert_eq!(with_default_timeout(east.context().disconnect_user("ann")).await.expect("all nodes answer"), 0);
}

/// Case 43: a user whose name is a pattern is that user alone.
#[tokio::test]
async fn case_43_a_user_whose_name_is_a_pattern_is_that_user_alone() {
    let redis = RedisServer::start();
    let [north, south] = pair(&redis);
    let (star, ann) = (south.guest("*").await, south.guest("ann").await);
    for user in ["*", "ann", "a*", "a?n", "[a]nn", "?"] {
        north.context().clients().user(user).hear(user.to_owned()).await.expect("sent");
    }
    assert_eq!(crate::told(&north, &star).await, ["*"]);
    assert_eq!(crate::told(&north, &ann).await, ["ann"]);
    assert_eq!(with_default_timeout(north.context().disconnect_user("*")).await.expect("all nodes answer"), 1);
    with_default_timeout(star.connection().closed()).await;
    assert_eq!(ann.hub().count().await.expect("it stays"), 1);
}
