//! A master that Sentinels watch over, and that a replica replaces.

use std::sync::Arc;

use bytes::Bytes;
use hubs::backplane::{Backplane, BackplaneError, Redis};
use hubs_tests::{RedisSentinels, RedisServer};

use crate::{
    Apart, Cluster, on,
    outages::{SOON, degraded, refusal},
    spec::{backplane_spec_shared, healthy, hear, next, publish, two},
};

fn connect<'a>(servers: &'a RedisSentinels, rule: &str) -> Apart<'a> {
    on(rule, || {
        let urls = servers.urls();
        Redis::sentinel(urls.iter().map(String::as_str), servers.name())
    })
}

backplane_spec_shared!(RedisSentinels::start(), connect);

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failover_the_nodes_meet_on_the_new_master() {
    let mut servers = RedisSentinels::start();
    let [north, south] = two(&connect(&servers, "failover")).await;
    let (_north, mut taken_north) = hear(&north, "room").await;
    let (_south, mut taken_south) = hear(&south, "room").await;
    servers.master().kill();
    degraded(&north).await;
    let refused = tokio::time::timeout(SOON, north.publish("room", Bytes::from_static(b"lost"))).await;
    let refused = refused.expect("it fails soon");
    assert!(matches!(refused, Err(BackplaneError::Unavailable(_))), "{refused:?}");
    degraded(&south).await;
    healthy(&north).await;
    healthy(&south).await;
    assert_eq!(publish(&north, "room", "from north").await, Some(1));
    assert_eq!(publish(&south, "room", "from south").await, Some(1));
    assert_eq!(next(&mut taken_south).await, "from north");
    assert_eq!(next(&mut taken_north).await, "from south");
    // The old master comes back, and a Sentinel tells it that it is a replica now: no node goes back to it.
    servers.master().restart();
    let late = connect(&servers, "failover").node("late");
    healthy(&late).await;
    assert_eq!(publish(&late, "room", "from late").await, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_no_sentinel_knows_is_named_in_the_error() {
    let servers = RedisSentinels::start();
    let urls = servers.urls();
    // One that does not run changes nothing.
    let urls = [RedisServer::stopped().url()].into_iter().chain(urls).collect::<Vec<_>>();
    let node = Redis::sentinel(urls.iter().map(String::as_str), "redis://:secret@other").expect("addresses");
    let refused = refusal(node).await.to_string();
    assert!(refused.contains("no Sentinel knows"), "{refused}");
    let node: Arc<dyn Backplane> =
        Arc::new(Redis::sentinel(urls.iter().map(String::as_str), servers.name()).expect("addresses"));
    healthy(&node).await;
}
