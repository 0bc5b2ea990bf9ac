//! A Redis that is late, hangs and dies.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hubs::backplane::{Backplane, BackplaneError, Health, Redis};
use hubs_tests::RedisServer;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::{
    Cluster,
    spec::{healthy, hear, limited, next, publish, two},
};

/// Longer than a command may take, and shorter than what .NET's nodes need.
pub(crate) const SOON: Duration = Duration::from_secs(4);

pub(crate) async fn degraded(node: &Arc<dyn Backplane>) {
    limited(node.health().wait_for(|health| *health != Health::Healthy)).await.expect("the node is there");
}

/// What a sender is told when Redis was not reached for a while.
pub(crate) async fn refusal(node: Redis) -> BackplaneError {
    let node = node.lost_after(Duration::from_secs(1)).command_timeout(Duration::from_millis(500));
    limited(node.health().wait_for(|health| *health == Health::Lost)).await.expect("the node is there");
    let refused = limited(node.publish("any", Bytes::new())).await.expect_err("it is not reached");
    assert!(!format!("{refused} {refused:?} {node:?}").contains("secret"), "{refused:?} {node:?}");
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_before_redis_reaches_it_later() {
    let mut server = RedisServer::stopped();
    let [north, south] = ["north", "south"].map(|name| server.node(name));
    let (take, mut taken) = tokio::sync::mpsc::unbounded_channel();
    let subscription = south.subscribe("late", Arc::new(move |payload| drop(take.send(payload))));
    let refused = timeout(SOON, north.publish("late", Bytes::from_static(b"early"))).await.expect("it fails soon");
    assert!(matches!(refused, Err(BackplaneError::Unavailable(_))), "{refused:?}");
    let answering = south.respond("asked", Arc::new(|asked| Box::pin(async move { asked })));
    let ask = || north.request("asked", Bytes::from_static(b"you"), SOON);
    assert!(limited(ask()).await.is_err() && limited(subscription.confirmed()).await.is_err());
    server.restart();
    healthy(&north).await;
    healthy(&south).await;
    limited(subscription.confirmed()).await.expect("it is in force now");
    limited(answering.confirmed()).await.expect("it is in force now");
    assert_eq!(limited(ask()).await.expect("an answer"), "you");
    assert_eq!(publish(&north, "late", "now").await, Some(1));
    assert_eq!(next(&mut taken).await, "now", "what was refused is not sent later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_redis_is_lost_and_refuses_at_once() {
    let mut server = RedisServer::start();
    let [north, _] = two(&server).await;
    server.kill();
    limited(north.health().wait_for(|health| *health == Health::Lost)).await.expect("the node is there");
    let asked = Instant::now();
    for _ in 0..1_000 {
        let refused = north.publish("gone", Bytes::new()).await;
        assert!(matches!(refused, Err(BackplaneError::Unavailable(_))), "{refused:?}");
    }
    assert!(asked.elapsed() < SOON, "1,000 refusals took {:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_redis_comes_back_and_all_subscriptions_with_it() {
    let mut server = RedisServer::start();
    let [north, south] = two(&server).await;
    let (_north, mut taken_north) = hear(&north, "room").await;
    let (_south, mut taken_south) = hear(&south, "room").await;
    for round in 0..2 {
        server.kill();
        degraded(&north).await;
        let refused = timeout(SOON, north.publish("room", Bytes::from_static(b"lost"))).await.expect("it fails soon");
        assert!(refused.is_err(), "{refused:?}");
        degraded(&south).await;
        server.restart();
        healthy(&north).await;
        healthy(&south).await;
        assert_eq!(publish(&north, "room", format!("from north {round}")).await, Some(1));
        assert_eq!(publish(&south, "room", format!("from south {round}")).await, Some(1));
        assert_eq!(next(&mut taken_south).await, format!("from north {round}"));
        assert_eq!(next(&mut taken_north).await, format!("from south {round}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_after_an_outage_reaches_all_nodes_that_come_back() {
    let mut server = RedisServer::start();
    let [north, south] = two(&server).await;
    let (_south, mut taken) = hear(&south, "room").await;
    // Takes long to subscribe again.
    let _others: Vec<_> = (0..20_000).map(|number| south.subscribe(&format!("{number}"), Arc::new(|_| {}))).collect();
    publish(&north, "room", "before").await;
    assert_eq!(next(&mut taken).await, "before");
    server.kill();
    degraded(&north).await;
    degraded(&south).await;
    server.restart();
    let accepted = async {
        loop {
            if north.publish("room", Bytes::from_static(b"accepted")).await.is_ok() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    limited(accepted).await;
    assert_eq!(next(&mut taken).await, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_is_noticed_and_found_again() {
    let server = RedisServer::start();
    let [north, south] = two(&server).await;
    let (_subscription, mut taken) = hear(&south, "room").await;
    server.freeze(true);
    let refused = timeout(SOON, north.publish("room", Bytes::from_static(b"perhaps"))).await.expect("it fails soon");
    assert!(refused.is_err(), "{refused:?}");
    degraded(&north).await;
    degraded(&south).await;
    let refused = timeout(SOON, north.publish("room", Bytes::from_static(b"never"))).await.expect("it fails soon");
    assert!(refused.is_err(), "{refused:?}");
    server.freeze(false);
    healthy(&north).await;
    healthy(&south).await;
    publish(&north, "room", "again").await;
    // What hung in the connection to Redis may arrive, though its sender was told that it may not have been sent.
    let first = next(&mut taken).await;
    let then = if first == "perhaps" { next(&mut taken).await } else { first };
    assert_eq!(then, "again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_redis_cuts_subscribes_again() {
    let server = RedisServer::start();
    let [north, south] = two(&server).await;
    let (take, mut taken) = tokio::sync::mpsc::unbounded_channel();
    let subscriptions: Vec<_> = (0..5_000)
        .map(|number| {
            let take = take.clone();
            south.subscribe(&format!("room {number}"), Arc::new(move |payload| drop(take.send(payload))))
        })
        .collect();
    for subscription in &subscriptions {
        limited(subscription.confirmed()).await.expect("every subscription is confirmed");
    }
    let mut healths = [north.health(), south.health()];
    healths.iter_mut().for_each(watch::Receiver::mark_unchanged);
    assert_eq!(server.command("CLIENT KILL TYPE pubsub").lines().next(), Some(":2"));
    for health in &mut healths {
        limited(health.changed()).await.expect("the node is there");
    }
    healthy(&north).await;
    healthy(&south).await;
    for number in [0, 499, 500, 4_999] {
        assert_eq!(publish(&north, &format!("room {number}"), number.to_string()).await, Some(1));
        assert_eq!(next(&mut taken).await, number.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_tries_a_few_times_a_second_only() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    let node = Redis::connect(&format!("redis://:secret@127.0.0.1:{port}")).expect("an address");
    let health = node.health();
    let ends = Instant::now() + Duration::from_secs(3);
    let mut tries = 0;
    while let Ok(accepted) = tokio::time::timeout_at(ends, listener.accept()).await {
        drop(accepted);
        tries += 1;
    }
    assert!((2..=20).contains(&tries), "{tries} tries in three seconds");
    let refused = node.publish("any", Bytes::new()).await.expect_err("nothing answers");
    assert!(!format!("{refused} {refused:?} {node:?}").contains("secret"), "{refused:?} {node:?}");
    assert_ne!(*health.borrow(), Health::Healthy);
}
