//! Which connection serves which channel and key, and how well their servers are reached: one connection, or one to each
//! master of a Redis Cluster. Must not know requests, leases or logs.

mod follow;
mod health;
mod slots;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use bytes::Bytes;
use parking_lot::RwLock;
use redis::{Cmd, Value};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};
use tokio_util::task::AbortOnDropHandle;

use self::slots::slot;
use super::{
    BackplaneError, Health, Pending, Receive,
    channels::Channels,
    connect::{Address, Servers, Settings},
    link::{Link, Signals, is_moved},
    peers::Peers,
    pub_sub::PubSub,
    queue::Queue,
};

/// How long a command waits that came while its slot moved.
const MOVES: Duration = Duration::from_millis(50);

/// The connections of a node.
pub(super) struct Links {
    /// Where a cluster is asked who serves what; empty where there is one server.
    seeds: Vec<Address>,
    common: Common,
    signals: Arc<Signals>,
    table: RwLock<Table>,
}

/// What a node connects to.
#[derive(Clone)]
pub(super) enum Target {
    /// One server at a time.
    Server(Servers),
    /// The masters of a cluster, of which some servers are known.
    Cluster(Vec<Address>),
}

/// What all connections of a node have in common.
pub(super) struct Common {
    pub(super) settings: Settings,
    pub(super) pub_sub: PubSub,
    pub(super) prefix: String,
    pub(super) command_timeout: Duration,
    pub(super) lost_after: Duration,
}

struct Table {
    /// Serves everything where there is one server. In a cluster, what no server serves waits here.
    other: Kept,
    /// The connections to the masters of a cluster, by host and port.
    masters: HashMap<(String, u16), Kept>,
    /// Who serves each range of slots, by its last slot.
    slots: BTreeMap<u16, (u16, Arc<Link>)>,
}

struct Kept {
    link: Arc<Link>,
    _task: Option<AbortOnDropHandle<()>>,
}

impl Table {
    fn of(&self, name: &str) -> &Arc<Link> {
        if self.slots.is_empty() {
            return &self.other.link;
        }
        let slot = slot(name);
        match self.slots.range(slot..).next() {
            Some((_, (first, link))) if *first <= slot => link,
            _ => &self.other.link,
        }
    }

    fn links(&self) -> impl Iterator<Item = &Arc<Link>> {
        self.masters.values().chain([&self.other]).map(|kept| &kept.link)
    }
}

impl Kept {
    fn new(link: Link) -> Self {
        Self { link: Arc::new(link), _task: None }
    }

    fn running(link: Link, servers: Servers) -> Self {
        let link = Arc::new(link);
        let kept = Arc::clone(&link);
        let task = tokio::spawn(async move { kept.run(&servers).await });
        Self { link, _task: Some(AbortOnDropHandle::new(task)) }
    }
}

impl Links {
    /// Starts the connection to one server. Those to the masters of a cluster start with [`Links::run`].
    pub(super) fn new(target: Target, common: Common) -> Self {
        let health = watch::Sender::new(Health::Degraded);
        let signals = Arc::new(Signals { health, up: Notify::new(), stale: Notify::new() });
        let link = link(&common, &signals);
        let (other, seeds) = match target {
            Target::Server(servers) => (Kept::running(link, servers), Vec::new()),
            Target::Cluster(seeds) => (Kept::new(link), seeds),
        };
        let table = RwLock::new(Table { other, masters: HashMap::new(), slots: BTreeMap::new() });
        Self { seeds, common, signals, table }
    }

    /// Keeps what the connections serve, and says how well they are, for ever.
    pub(super) async fn run(&self) {
        tokio::join!(self.follow(), self.rise(), self.lose(), self.report());
    }

    pub(super) fn is_cluster(&self) -> bool {
        !self.seeds.is_empty()
    }

    pub(super) fn health(&self) -> watch::Receiver<Health> {
        self.signals.health.subscribe()
    }

    /// Publishes. It is queued at once.
    pub(super) fn publish(&self, channel: String, payload: Bytes) -> Pending<Value> {
        let mut cmd = redis::cmd(self.common.pub_sub.publish(&channel));
        cmd.arg(&channel).arg(&payload[..]);
        let table = self.table.read();
        table.of(&channel).queue.push(channel, cmd, Some(payload))
    }

    /// The command of `PUBSUB` that counts the subscribers of the channel. `None` where Redis does not know how many there are.
    pub(super) fn counted(&self, channel: &str) -> Option<&'static str> {
        self.common.pub_sub.counted(channel)
    }

    /// Sends a command whose keys are all in the slot of this one. It is queued at once.
    pub(super) fn command(self: &Arc<Self>, key: String, cmd: Cmd) -> Pending<Value> {
        if !self.is_cluster() {
            return self.push(key, cmd);
        }
        let (links, ends) = (Arc::clone(self), Instant::now() + self.common.command_timeout);
        let first = self.push(key.clone(), cmd.clone());
        Box::pin(async move {
            let mut reply = first.await;
            while reply.as_ref().is_err_and(is_moved) && Instant::now() + MOVES < ends {
                sleep(MOVES).await;
                reply = links.push(key.clone(), cmd.clone()).await;
            }
            reply
        })
    }

    fn push(&self, key: String, cmd: Cmd) -> Pending<Value> {
        let table = self.table.read();
        table.of(&key).queue.push(key, cmd, None)
    }

    /// Adds a receiver: its number, and whether the channel is confirmed.
    pub(super) fn subscribe(&self, channel: &str, receive: Receive) -> (u64, watch::Receiver<bool>) {
        self.table.read().of(channel).channels.add(channel, receive)
    }

    /// Removes a receiver.
    pub(super) fn unsubscribe(&self, channel: &str, number: u64) {
        let link = Arc::clone(self.table.read().of(channel));
        link.channels.remove(channel, number);
    }

    /// Until when a subscription to the channel may wait, and with what it fails then.
    ///
    /// # Errors
    ///
    /// There was no connection for a while.
    pub(super) fn until(&self, channel: &str) -> Result<(Instant, BackplaneError), BackplaneError> {
        self.table.read().of(channel).queue.until()
    }
}

fn link(common: &Common, signals: &Arc<Signals>) -> Link {
    Link {
        settings: common.settings.clone(),
        pub_sub: common.pub_sub.clone(),
        queue: Queue::new(common.command_timeout),
        channels: Arc::new(Channels::default()),
        is_up: AtomicBool::new(false),
        signals: Arc::clone(signals),
        peers: matches!(common.pub_sub, PubSub::OneServer).then(|| Arc::new(Peers::new(&common.prefix))),
    }
}
