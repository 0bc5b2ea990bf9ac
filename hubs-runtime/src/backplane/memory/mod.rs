//! A cluster in one process: its nodes reach each other through memory. For tests, and for programs that have one node.

mod leases;
mod logs;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{sync::watch, time::timeout};

use self::{leases::Leases, logs::Logs};
use super::{
    Appended, Backplane, BackplaneError, Health, Lease, LogEntry, LogKey, LogLimits, LogPosition, LogRead, Pending,
    Receive, Respond, Subscription,
};

/// A cluster in one process. Cheap to clone: clones are the same cluster.
///
/// ```
/// use hubs::backplane::{Backplane, MemoryCluster};
///
/// let cluster = MemoryCluster::new();
/// let [north, south] = ["north", "south"].map(|name| cluster.node(name));
/// assert_eq!((north.node(), south.node()), ("north", "south"));
/// ```
#[derive(Clone, Default)]
pub struct MemoryCluster {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    last: AtomicU64,
    channels: Mutex<HashMap<String, Vec<Subscriber>>>,
    leases: Mutex<Leases>,
    logs: Mutex<Logs>,
}

#[derive(Clone)]
struct Subscriber {
    number: u64,
    node: Arc<Node>,
    takes: Takes,
}

#[derive(Clone)]
enum Takes {
    Payloads(Receive),
    Requests(Respond),
}

struct Node {
    name: String,
    health: watch::Sender<Health>,
}

impl Node {
    fn reached(&self) -> Result<(), BackplaneError> {
        match *self.health.borrow() {
            Health::Healthy => Ok(()),
            _ => Err(BackplaneError::Unavailable("the node is cut off".to_owned())),
        }
    }
}

impl MemoryCluster {
    /// A cluster without nodes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new node of this name.
    #[must_use]
    pub fn node(&self, name: &str) -> MemoryBackplane {
        let node = Node { name: name.to_owned(), health: watch::Sender::new(Health::Healthy) };
        MemoryBackplane { shared: Arc::clone(&self.shared), node: Arc::new(node) }
    }
}

impl fmt::Debug for MemoryCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCluster").field("channels", &self.shared.channels.lock().len()).finish_non_exhaustive()
    }
}

/// One node of a [`MemoryCluster`]. Cheap to clone: clones are the same node.
#[derive(Clone)]
pub struct MemoryBackplane {
    shared: Arc<Shared>,
    node: Arc<Node>,
}

impl MemoryBackplane {
    /// Cuts the node off from the others, or lets it reach them again. Other than [`Health::Healthy`], it reaches no node
    /// and no node reaches it.
    pub fn set_health(&self, health: Health) {
        self.node.health.send_replace(health);
    }

    /// Subscribes, and unsubscribes when the subscription is dropped.
    fn add(&self, channel: &str, takes: Takes) -> Subscription {
        let number = self.shared.last.fetch_add(1, Ordering::Relaxed);
        let subscriber = Subscriber { number, node: Arc::clone(&self.node), takes };
        self.shared.channels.lock().entry(channel.to_owned()).or_default().push(subscriber);
        let node = Arc::clone(&self.node);
        let (shared, channel) = (Arc::clone(&self.shared), channel.to_owned());
        Subscription::new(move || std::future::ready(node.reached()), move || shared.remove(&channel, number))
    }

    /// Resolves to what `act` gives, if this node reaches the others.
    fn here<T: Send + 'static>(&self, act: impl FnOnce(&Shared, &str) -> T) -> Pending<T> {
        let done = self.node.reached().map(|()| act(&self.shared, &self.node.name));
        Box::pin(std::future::ready(done))
    }
}

impl Shared {
    fn remove(&self, channel: &str, number: u64) {
        let mut channels = self.channels.lock();
        let Some(subscribers) = channels.get_mut(channel) else { return };
        let at = subscribers.iter().position(|subscriber| subscriber.number == number);
        let removed = at.map(|at| subscribers.remove(at));
        if subscribers.is_empty() {
            channels.remove(channel);
        }
        drop(channels);
        // What it holds may end other subscriptions.
        drop(removed);
    }

    /// The subscribers of a channel that can be reached.
    fn subscribers(&self, channel: &str) -> Vec<Subscriber> {
        let channels = self.channels.lock();
        let all = channels.get(channel).into_iter().flatten();
        all.filter(|subscriber| subscriber.node.reached().is_ok()).cloned().collect()
    }

    /// The names of the nodes that take payloads of a channel.
    fn nodes(&self, channel: &str) -> BTreeSet<String> {
        let takes = |subscriber: &Subscriber| matches!(subscriber.takes, Takes::Payloads(_));
        let subscribers = self.subscribers(channel).into_iter().filter(takes);
        subscribers.map(|subscriber| subscriber.node.name.clone()).collect()
    }

    /// Returns how many other nodes got it.
    fn publish(&self, from: &str, channel: &str, payload: &Bytes) -> usize {
        let mut nodes = BTreeSet::new();
        for Subscriber { node, takes, .. } in self.subscribers(channel) {
            let Takes::Payloads(receive) = takes else { continue };
            if node.name == from {
                continue;
            }
            receive(payload.clone());
            nodes.insert(node.name.clone());
        }
        nodes.len()
    }

    fn responder(&self, channel: &str) -> Option<Respond> {
        self.subscribers(channel).into_iter().find_map(|subscriber| match subscriber.takes {
            Takes::Requests(respond) => Some(respond),
            Takes::Payloads(_) => None,
        })
    }
}

impl Backplane for MemoryBackplane {
    fn node(&self) -> &str {
        &self.node.name
    }

    fn publish(&self, channel: &str, payload: Bytes) -> Pending<Option<usize>> {
        self.here(|shared, node| Some(shared.publish(node, channel, &payload)))
    }

    fn subscribe(&self, channel: &str, receive: Receive) -> Subscription {
        self.add(channel, Takes::Payloads(receive))
    }

    fn subscribers(&self, channel: &str) -> Pending<Option<usize>> {
        self.here(|shared, _| Some(shared.nodes(channel).len()))
    }

    fn request(&self, channel: &str, payload: Bytes, limit: Duration) -> Pending<Bytes> {
        let found = self.here(|shared, _| shared.responder(channel));
        Box::pin(async move {
            let respond = found.await?.ok_or(BackplaneError::NoResponder)?;
            timeout(limit, respond(payload)).await.map_err(|_| BackplaneError::TimedOut(limit))
        })
    }

    fn respond(&self, channel: &str, respond: Respond) -> Subscription {
        self.add(channel, Takes::Requests(respond))
    }

    fn acquire(&self, key: &str, term: Duration) -> Pending<Lease> {
        self.here(|shared, node| shared.leases.lock().acquire(key, node, term))
    }

    fn renew(&self, keys: Vec<String>, term: Duration) -> Pending<Vec<bool>> {
        self.here(|shared, node| {
            let mut leases = shared.leases.lock();
            keys.iter().map(|key| leases.renew(key, node, term)).collect()
        })
    }

    fn release(&self, key: &str) -> Pending<()> {
        self.here(|shared, node| shared.leases.lock().release(key, node))
    }

    fn holder(&self, key: &str) -> Pending<Option<String>> {
        self.here(|shared, _| shared.leases.lock().holder(key))
    }

    fn append(&self, log: &str, entry: Bytes, key: Option<LogKey<'_>>, limits: LogLimits) -> Pending<Appended> {
        self.here(|shared, _| shared.logs.lock().append(log, entry, key, limits))
    }

    fn end(&self, log: &str, limits: LogLimits) -> Pending<LogPosition> {
        self.here(|shared, _| shared.logs.lock().end(log, limits))
    }

    fn read(&self, log: &str, after: LogPosition, count: usize) -> Pending<LogRead> {
        self.here(|shared, _| shared.logs.lock().read(log, after, count))
    }

    fn latest(&self, log: &str, count: usize) -> Pending<Vec<LogEntry>> {
        self.here(|shared, _| shared.logs.lock().latest(log, count))
    }

    fn health(&self) -> watch::Receiver<Health> {
        self.node.health.subscribe()
    }
}

impl fmt::Debug for MemoryBackplane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBackplane").field("node", &self.node.name).finish_non_exhaustive()
    }
}
