//! A Redis Cluster of three masters: with Pub/Sub as ASP.NET Core uses it, and sharded.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use hubs::backplane::{Backplane, Lease, LogLimits, Redis};
use hubs_tests::{RedisCluster, RedisServer};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{
    Apart, on,
    outages::{degraded, refusal},
    spec::{backplane_spec_shared, healthy, hear, limited, next, two},
};

fn classic<'a>(cluster: &'a RedisCluster, rule: &str) -> Apart<'a> {
    on(rule, || Redis::cluster(cluster.urls().iter().map(String::as_str)))
}

fn sharded<'a>(cluster: &'a RedisCluster, rule: &str) -> Apart<'a> {
    on(rule, || Ok(Redis::cluster(cluster.urls().iter().map(String::as_str))?.sharded_channels(true)))
}

mod classic_channels {
    use super::*;
    backplane_spec_shared!(RedisCluster::start(), classic);
}

mod sharded_channels {
    use super::*;
    backplane_spec_shared!(RedisCluster::start(), sharded);
}

const LIMITS: LogLimits = LogLimits { entries: 10, bytes: 1_000, age: Duration::from_secs(60) };

type Heard = UnboundedReceiver<Bytes>;

/// Both nodes publish, and hear each other.
async fn meet([north, south]: &[Arc<dyn Backplane>; 2], [north_heard, south_heard]: &mut [Heard; 2]) {
    for (from, heard, text) in [(north, south_heard, "from north"), (south, north_heard, "from south")] {
        // The other node may not have noticed yet that a slot has moved. Redis counts who hears it, if it is sharded.
        let reached = async { while !matches!(from.publish("room", Bytes::from(text)).await, Ok(Some(1) | None)) {} };
        limited(reached).await;
        assert_eq!(next(heard).await, text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_replica_takes_over_the_nodes_meet_there() {
    let mut cluster = RedisCluster::start();
    cluster.add_replicas();
    let kinds = [two(&classic(&cluster, "failover")).await, two(&sharded(&cluster, "failover")).await];
    let mut heard = Vec::new();
    for [north, south] in &kinds {
        heard.push([hear(north, "room").await, hear(south, "room").await]);
    }
    cluster.kill_master(cluster.slot("failover:room"));
    for node in kinds.iter().flatten() {
        degraded(node).await;
    }
    for (nodes, heard) in kinds.iter().zip(heard) {
        healthy(&nodes[0]).await;
        healthy(&nodes[1]).await;
        let [(_north, north), (_south, south)] = heard;
        meet(nodes, &mut [north, south]).await;
    }
}

/// Moves the slots of a channel, a lease and a log to other servers.
async fn move_slots(cluster: &RedisCluster, rule: &str, apart: &Apart<'_>) {
    let nodes = two(apart).await;
    let [north, south] = &nodes;
    let [(_north, north_heard), (_south, south_heard)] = [hear(north, "room").await, hear(south, "room").await];
    let mut heard = [north_heard, south_heard];
    meet(&nodes, &mut heard).await;
    let term = Duration::from_secs(60);
    assert_eq!(north.acquire("key", term).await, Ok(Lease::Acquired));
    north.append(rule, Bytes::from("one"), None, LIMITS).await.expect("the log is reached");
    for name in ["room".to_owned(), "hubs:lease:key".to_owned(), format!("hubs:{{log:{rule}}}")] {
        cluster.move_slot(cluster.slot(&format!("{rule}:{name}")));
    }
    assert_eq!(south.acquire("key", term).await, Ok(Lease::Held(north.node().to_owned())));
    let second = south.append(rule, Bytes::from("two"), None, LIMITS).await.expect("the log is reached");
    assert_eq!(second.position.number, 2);
    meet(&nodes, &mut heard).await;
    healthy(north).await;
    healthy(south).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_move_with_their_channels_leases_and_logs() {
    let cluster = RedisCluster::start();
    move_slots(&cluster, "classic", &classic(&cluster, "classic")).await;
    move_slots(&cluster, "sharded", &sharded(&cluster, "sharded")).await;
}

/// A server that gives a slot away sends what the crate takes for a reply: without care a free lease looks held.
#[tokio::test(flavor = "multi_thread")]
async fn no_command_gets_the_reply_of_another_while_a_slot_moves() {
    let cluster = RedisCluster::start();
    let [north, _south] = two(&sharded(&cluster, "step")).await;
    let server = cluster.master("step:room");
    let mut keys = (0..).map(|number| format!("key-{number}"));
    let mut key = || keys.find(|key| cluster.master(&format!("step:hubs:lease:{key}")) == server).expect("a key");
    let (held, free) = (key(), key());
    assert_eq!(north.acquire(&held, Duration::from_secs(60)).await, Ok(Lease::Acquired));
    let (_room, _taken) = hear(&north, "room").await;
    let asking = tokio::spawn({
        let (north, mut health) = (Arc::clone(&north), north.health());
        async move {
            health.mark_unchanged();
            while !health.has_changed().expect("the node is there") {
                let asked = (0..100).map(|_| async { tokio::join!(north.holder(&held), north.holder(&free)) });
                for (held, free) in join_all(asked).await {
                    assert!(held.is_err() || held == Ok(Some(north.node().to_owned())), "{held:?}");
                    assert!(free.is_err() || free == Ok(None), "{free:?}");
                }
            }
        }
    });
    cluster.move_slot(cluster.slot("step:room"));
    limited(asking).await.expect("every reply is right, or an error");
    healthy(&north).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_cluster_is_named_in_the_error() {
    let server = RedisServer::start();
    let refused = refusal(Redis::cluster([server.url().as_str()]).expect("an address")).await.to_string();
    assert!(refused.contains("cluster"), "{refused}");
}
