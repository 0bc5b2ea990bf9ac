//! Durable messages on a replica that was promoted although it lacked the last ones. Their numbers are given to others.

use hubs::{
    HubOptions,
    backplane::Redis,
    client::{LogEvent, LogScope},
};
use hubs_tests::RedisServer;

use crate::{
    durable::{Guest, Node, recovered, texts},
    hub::within,
    network::Network,
};

/// A node, and the network behind which it finds Redis.
struct Site {
    node: Node,
    redis: Network,
}

impl Site {
    async fn start(name: &str, redis: &RedisServer) -> Self {
        let network = Network::to(address(redis)).await;
        let url = format!("redis://{}/0", network.address);
        let backplane = Redis::connect(&url).and_then(|node| node.node_name(name)).expect("an address");
        Self { node: Node::start(Some(backplane), HubOptions::default()), redis: network }
    }

    /// From now on the node finds this Redis, or none.
    fn find(&self, redis: Option<&RedisServer>) {
        self.redis.lead_to(redis.map(address));
        self.redis.cut();
    }
}

fn address(redis: &RedisServer) -> std::net::SocketAddr {
    ([127, 0, 0, 1], redis.port()).into()
}

fn field(redis: &RedisServer, name: &str) -> String {
    let info = redis.command("INFO replication");
    let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.unwrap_or_default().to_owned()
}

/// Waits until the replica has all that the master has now.
async fn replicated(master: &RedisServer, replica: &RedisServer) {
    let wanted: u64 = field(master, "master_repl_offset").parse().expect("a number");
    within(async {
        while field(replica, "master_link_status") != "up"
            || field(replica, "slave_repl_offset").parse().is_ok_and(|has: u64| has < wanted)
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn diverged() -> LogEvent {
    LogEvent::Gap { scope: LogScope::Group("red".into()), reason: "diverged".into() }
}

async fn say(guest: &Guest, texts: &[String]) {
    for text in texts {
        within(guest.room.say("red".into(), text.clone())).await.expect("said");
    }
}

fn other(from: u32, to: u32) -> Vec<String> {
    (from..=to).map(|number| format!("other {number}")).collect()
}

/// RELIABILITY 58: five messages are recorded, of which the promoted replica has three. Before the node of the readers finds
/// the replica, `recorded` others are recorded in the place of the two that are lost, and after them.
async fn fails_over(recorded: u32) {
    let mut master = RedisServer::start();
    master.command("CONFIG SET repl-diskless-sync-delay 0");
    let replica = RedisServer::start();
    replica.command(&format!("REPLICAOF 127.0.0.1 {}", master.port()));
    let [north, south] = [Site::start("north", &master).await, Site::start("south", &master).await];
    let speaker = Guest::come(&south.node, "speaker").await;
    let mut stays = Guest::come(&north.node, "stays").await;
    let mut away = Guest::come(&north.node, "away").await;
    let mut behind = Guest::come(&north.node, "behind").await;
    for guest in [&stays, &away, &behind] {
        within(guest.room.join("red".into())).await.expect("joined");
    }
    say(&speaker, &texts(1, 3)).await;
    assert_eq!(behind.until("3").await, texts(1, 3));
    behind.leave().await;
    replicated(&master, &replica).await;
    replica.command("REPLICAOF NO ONE");
    say(&speaker, &texts(4, 5)).await;
    for guest in [&mut stays, &mut away] {
        assert_eq!(guest.until("5").await, texts(1, 5));
    }
    away.leave().await;

    for site in [&north, &south] {
        site.find(None);
    }
    master.kill();
    // A node that has not known the other two waits for neither.
    let west = Site::start("west", &replica).await;
    let speaker = Guest::come(&west.node, "another speaker").await;
    say(&speaker, &other(4, 3 + recorded)).await;
    for site in [&north, &south] {
        site.find(Some(&replica));
    }

    // A reader that has stayed, and one that comes back to another node, know messages that are gone: both learn it, and what
    // has their numbers is neither taken for them nor given out in part.
    assert_eq!(stays.event().await, diverged());
    away.come_back(&west.node).await;
    within(away.room.join("red".into())).await.expect("joined again");
    assert_eq!(away.event().await, diverged());
    // One that has seen none of those misses nothing.
    behind.come_back(&west.node).await;
    within(behind.room.join("red".into())).await.expect("joined again");
    assert_eq!(behind.event().await, recovered("red", recorded.into()));
    // Also those that get a number which a reader has seen are new.
    let next = other(4 + recorded, 8 + recorded);
    say(&speaker, &next).await;
    let last = next.last().expect("there are five");
    assert_eq!(stays.until(last).await, next);
    assert_eq!(away.until(last).await, next);
    assert_eq!(behind.until(last).await, other(4, 8 + recorded));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_replica_that_ends_before_what_a_reader_has_seen() {
    fails_over(0).await;
    fails_over(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_replica_that_ends_with_another_message_of_the_same_number() {
    fails_over(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_replica_that_goes_on_after_another_message_of_the_same_number() {
    fails_over(3).await;
}
