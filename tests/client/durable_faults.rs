//! Durable messages on a node that is told nothing, or that cannot read a log at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use hubs::{
    HubOptions,
    backplane::{
        Appended, Backplane, BackplaneError, Health, Lease, LogEntry, LogKey, LogLimits, LogPosition, LogRead,
        MemoryBackplane, MemoryCluster, Pending, Receive, Respond, Subscription,
    },
};
use tokio::sync::watch;

use crate::{
    durable::{Guest, Node, recovered, texts},
    hub::within,
};

/// A node that is told of no entry of a log, and whose next reads of a log may fail.
#[derive(Debug, Clone)]
struct Deaf {
    node: MemoryBackplane,
    failing_reads: Arc<AtomicU32>,
}

impl Backplane for Deaf {
    fn node(&self) -> &str {
        self.node.node()
    }

    fn publish(&self, channel: &str, payload: Bytes) -> Pending<Option<usize>> {
        self.node.publish(channel, payload)
    }

    fn subscribe(&self, channel: &str, receive: Receive) -> Subscription {
        let receive = if channel.contains(":log:") { Arc::new(drop) } else { receive };
        self.node.subscribe(channel, receive)
    }

    fn subscribers(&self, channel: &str) -> Pending<Option<usize>> {
        self.node.subscribers(channel)
    }

    fn request(&self, channel: &str, payload: Bytes, limit: Duration) -> Pending<Bytes> {
        self.node.request(channel, payload, limit)
    }

    fn respond(&self, channel: &str, respond: Respond) -> Subscription {
        self.node.respond(channel, respond)
    }

    fn acquire(&self, key: &str, term: Duration) -> Pending<Lease> {
        self.node.acquire(key, term)
    }

    fn renew(&self, keys: Vec<String>, term: Duration) -> Pending<Vec<bool>> {
        self.node.renew(keys, term)
    }

    fn release(&self, key: &str) -> Pending<()> {
        self.node.release(key)
    }

    fn holder(&self, key: &str) -> Pending<Option<String>> {
        self.node.holder(key)
    }

    fn append(&self, log: &str, entry: Bytes, key: Option<LogKey<'_>>, limits: LogLimits) -> Pending<Appended> {
        self.node.append(log, entry, key, limits)
    }

    fn end(&self, log: &str, limits: LogLimits) -> Pending<LogPosition> {
        self.node.end(log, limits)
    }

    fn read(&self, log: &str, after: LogPosition, count: usize) -> Pending<LogRead> {
        let fails = self.failing_reads.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1));
        if fails.is_ok() {
            return Box::pin(std::future::ready(Err(BackplaneError::TimedOut(Duration::ZERO))));
        }
        self.node.read(log, after, count)
    }

    fn latest(&self, log: &str, count: usize) -> Pending<Vec<LogEntry>> {
        self.node.latest(log, count)
    }

    fn health(&self) -> watch::Receiver<Health> {
        self.node.health()
    }
}

/// A guest that has read three messages on another node and goes away, and a node that knows nothing of them although one
/// of its connections reads the same log.
async fn away() -> (Node, Deaf, Node, Guest, [Guest; 2]) {
    let cluster = MemoryCluster::new();
    let deaf = Deaf { node: cluster.node("north"), failing_reads: Arc::default() };
    let north = Node::start(Some(deaf.clone()), HubOptions::default());
    let south = Node::start(Some(cluster.node("south")), HubOptions::default());
    let stays = Guest::come(&north, "stays").await;
    let speaker = Guest::come(&south, "speaker").await;
    let mut guest = Guest::come(&south, "guest").await;
    for client in [&stays, &guest] {
        within(client.room.join("red".into())).await.expect("joined");
    }
    for text in texts(1, 3) {
        within(speaker.room.say("red".into(), text)).await.expect("said");
    }
    assert_eq!(guest.until("3").await, texts(1, 3));
    guest.leave().await;
    (north, deaf, south, guest, [stays, speaker])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_ahead_of_its_node_gets_nothing_twice() {
    let (north, _deaf, _south, mut guest, [mut stays, _speaker]) = away().await;
    guest.come_back(&north).await;
    within(guest.room.join("red".into())).await.expect("joined again");
    within(stays.room.say("red".into(), "4".into())).await.expect("said");
    assert_eq!(guest.until("4").await, ["4"]);
    assert_eq!(guest.event().await, recovered("red", 0));
    assert_eq!(stays.until("4").await, texts(1, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_log_could_not_be_read_says_where_it_is_when_it_joins_again() {
    let (north, deaf, _south, mut guest, [_stays, speaker]) = away().await;
    within(speaker.room.say("red".into(), "4".into())).await.expect("said");
    guest.come_back(&north).await;
    deaf.failing_reads.store(1, Ordering::Release);
    within(guest.room.join("red".into())).await.expect_err("the log could not be read");
    within(guest.room.join("red".into())).await.expect("joined again");
    within(speaker.room.say("red".into(), "5".into())).await.expect("said");
    within(guest.room.say("red".into(), "6".into())).await.expect("said");
    assert_eq!(guest.until("6").await, texts(4, 6));
    assert_eq!(guest.event().await, recovered("red", 1));
}
