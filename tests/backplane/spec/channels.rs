//! Who gets what is published.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;

use super::{healthy, hear, limited, next, publish, two};
use crate::Cluster;

pub(crate) async fn payloads_arrive_in_the_order_of_the_calls(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (_subscription, mut taken) = hear(&south, "order").await;
    let published: Vec<_> = (0..5_000).map(|number| north.publish("order", Bytes::from(format!("{number}")))).collect();
    for published in join_all(published).await {
        assert!(matches!(published, Ok(Some(1) | None)), "{published:?}");
    }
    for number in 0..5_000 {
        assert_eq!(next(&mut taken).await, number.to_string());
    }
}

pub(crate) async fn a_node_does_not_get_what_it_publishes(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (_north, mut taken_north) = hear(&north, "echo").await;
    let (_south, mut taken_south) = hear(&south, "echo").await;
    let published: Vec<_> = (0..100).map(|_| north.publish("echo", Bytes::from_static(b"own"))).collect();
    for published in join_all(published).await {
        assert!(matches!(published, Ok(Some(1) | None)), "{published:?}");
    }
    publish(&south, "echo", "other").await;
    assert_eq!(next(&mut taken_north).await, "other");
    for _ in 0..100 {
        assert_eq!(next(&mut taken_south).await, "own");
    }
}

pub(crate) async fn equal_payloads_of_two_nodes_arrive_once_each(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (_north, mut taken_north) = hear(&north, "equal").await;
    let (_south, mut taken_south) = hear(&south, "equal").await;
    let calls = (0..200).flat_map(|_| [&north, &south]).map(|node| publish(node, "equal", "same"));
    join_all(calls).await;
    publish(&north, "equal", "end").await;
    publish(&south, "equal", "end").await;
    for taken in [&mut taken_north, &mut taken_south] {
        for _ in 0..200 {
            assert_eq!(next(taken).await, "same");
        }
        assert_eq!(next(taken).await, "end");
    }
}

pub(crate) async fn all_subscriptions_of_a_channel_get_a_payload(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let east = cluster.node("east");
    healthy(&east).await;
    let (_first, mut taken_first) = hear(&south, "all").await;
    let (_second, mut taken_second) = hear(&south, "all").await;
    let (_third, mut taken_third) = hear(&east, "all").await;
    assert!(matches!(publish(&north, "all", "here").await, Some(2) | None));
    for taken in [&mut taken_first, &mut taken_second, &mut taken_third] {
        assert_eq!(next(taken).await, "here");
    }
}

pub(crate) async fn nothing_arrives_on_other_channels(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (_subscription, mut taken) = hear(&south, "one").await;
    for other in ["One", "one:", "on", "*", "o?e", ""] {
        assert!(matches!(publish(&north, other, "wrong").await, Some(0) | None), "{other}");
    }
    publish(&north, "one", "right").await;
    assert_eq!(next(&mut taken).await, "right");
}

pub(crate) async fn a_dropped_subscription_gets_nothing(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (kept, mut taken) = hear(&south, "drop").await;
    let (dropped, mut ended) = hear(&south, "drop").await;
    drop(dropped);
    publish(&north, "drop", "kept").await;
    assert_eq!(next(&mut taken).await, "kept");
    assert_eq!(ended.recv().await, None, "its receiver is dropped");
    drop(kept);
    // It may take a moment until the other nodes know.
    while publish(&north, "drop", "late").await.is_some_and(|nodes| nodes > 0) {}
}

pub(crate) async fn a_channel_can_be_subscribed_to_again(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    for round in 0..50 {
        let (subscription, mut taken) = hear(&south, "again").await;
        publish(&north, "again", round.to_string()).await;
        assert_eq!(next(&mut taken).await, round.to_string());
        drop(subscription);
    }
}

pub(crate) async fn subscribed_nodes_are_counted(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let counted = async |expected: usize| {
        let counted = limited(north.subscribers("counted")).await.expect("counted");
        // `None` where it cannot be known.
        assert!(counted.is_none_or(|nodes| nodes == expected), "{counted:?} for {expected}");
    };
    counted(0).await;
    let (own, _taken) = hear(&north, "counted").await;
    let (_first, _taken) = hear(&south, "counted").await;
    let (second, _taken) = hear(&south, "counted").await;
    counted(2).await;
    drop((own, second));
    // What a node does next comes behind the end of its subscription.
    publish(&north, "other", "").await;
    counted(1).await;
}

pub(crate) async fn any_bytes_arrive_as_they_are(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (_subscription, mut taken) = hear(&south, "bytes").await;
    let every: Vec<u8> = (0..=255).chain([0, 13, 10, 0x1e]).collect();
    for payload in [every, Vec::new(), b"\r\n".to_vec()] {
        publish(&north, "bytes", payload.clone()).await;
        assert_eq!(taken.recv().await, Some(Bytes::from(payload)));
    }
}

pub(crate) async fn five_megabytes_arrive(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (_subscription, mut taken) = hear(&south, "large").await;
    let payload: Bytes = (0..5 << 20).map(|at: u32| (at % 251) as u8).collect();
    publish(&north, "large", payload.clone()).await;
    publish(&north, "large", "small").await;
    assert!(taken.recv().await == Some(payload));
    assert_eq!(next(&mut taken).await, "small");
}

pub(crate) async fn five_thousand_channels_are_kept_apart(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let (take, mut taken) = tokio::sync::mpsc::unbounded_channel();
    let subscriptions: Vec<_> = (0..5_000)
        .map(|number| {
            let take = take.clone();
            south.subscribe(&format!("room {number}"), Arc::new(move |payload| drop(take.send((number, payload)))))
        })
        .collect();
    for subscription in &subscriptions {
        subscription.confirmed().await.expect("every subscription is confirmed");
    }
    for number in [0, 499, 500, 501, 4_999] {
        publish(&north, &format!("room {number}"), number.to_string()).await;
        assert_eq!(taken.recv().await, Some((number, Bytes::from(number.to_string()))));
    }
}
