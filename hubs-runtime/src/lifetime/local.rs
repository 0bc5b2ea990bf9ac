//! The connections of this process.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, Ordering},
    },
};

use futures_util::future::BoxFuture;
use parking_lot::RwLock;
use tokio::{runtime::Handle, time::Instant};

use super::{HubLifetimeManager, Target, shard::Shard};
use crate::{
    connection::{Flusher, Intervals, Peer, Pushed},
    counters::Counters,
    ids::{ConnectionId, GroupName},
    invocation::SendError,
    protocol::{EncodedMessage, Outgoing},
};

/// A power of two, a few times the cores of a large machine.
const SHARDS: usize = 16;

pub(crate) struct LocalLifetimeManager {
    shards: [RwLock<Shard>; SHARDS],
    hasher: RandomState,
    /// The slots of the protocols that any connection has ever spoken. Set before a connection becomes visible, so that
    /// whoever sends after a join encodes for it.
    protocols: AtomicU8,
    counters: Arc<Counters>,
    flushers: OnceLock<Vec<Arc<Flusher>>>,
}

impl LocalLifetimeManager {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self {
            shards: Default::default(),
            hasher: RandomState::new(),
            protocols: AtomicU8::new(0),
            counters,
            flushers: OnceLock::new(),
        }
    }

    fn shard(&self, id: &ConnectionId) -> &RwLock<Shard> {
        &self.shards[self.shard_index(id)]
    }

    fn shard_index(&self, id: &ConnectionId) -> usize {
        self.hasher.hash_one(id) as usize % SHARDS
    }

    /// Encodes before any lock is taken: it runs user code.
    fn encode(&self, message: &Outgoing<'_>) -> Result<EncodedMessage, SendError> {
        Ok(EncodedMessage::new(message, self.protocols.load(Ordering::Acquire))?)
    }

    /// Puts the message into the peer's outbox, and the peer into `unwatched` if a flusher has to write it. Whether the
    /// sender should let its receivers catch up.
    fn deliver(&self, peer: &Arc<Peer>, message: &EncodedMessage, unwatched: &mut Vec<Arc<Peer>>) -> bool {
        // Without bytes for its protocol the peer has connected after the send began.
        let Some(bytes) = message.get(peer.protocol) else { return false };
        match peer.push(bytes) {
            Pushed::Done => return false,
            Pushed::Unwatched => unwatched.push(Arc::clone(peer)),
            Pushed::Crowded => return true,
            Pushed::Overflowed => {
                self.counters.slow_consumers_found(1);
            }
        }
        false
    }

    /// Who writes for the connections of a shard.
    fn flush(&self, shard: usize, unwatched: &mut Vec<Arc<Peer>>) {
        if let Some(flushers) = self.flushers.get() {
            flushers[shard % flushers.len()].add(unwatched);
        }
        // Without flushers, which start with the first socket, sessions write.
        unwatched.drain(..).for_each(|peer| peer.outbox.wake());
    }

    /// Starts the tasks that write for many connections, one for each thread of the runtime. They end with this.
    pub(crate) fn start_flushers(&self) {
        let count = Handle::current().metrics().num_workers().clamp(1, SHARDS);
        let flushers: Vec<Arc<Flusher>> = (0..count).map(|_| Arc::default()).collect();
        if self.flushers.set(flushers.clone()).is_ok() {
            flushers.into_iter().for_each(|flusher| drop(tokio::spawn(flusher.run())));
        }
    }

    /// Whether the sender should let its receivers catch up.
    fn send_now(&self, target: &Target, message: &Outgoing<'_>) -> Result<bool, SendError> {
        let encoded = self.encode(message)?;
        let mut unwatched = Vec::new();
        let mut crowded = false;
        if let Target::Connections(ids) = target {
            for id in ids {
                let index = self.shard_index(id);
                if let Some(peer) = self.shards[index].read().peer(id) {
                    crowded |= self.deliver(peer, &encoded, &mut unwatched);
                }
                self.flush(index, &mut unwatched);
            }
            return Ok(crowded);
        }
        for (index, shard) in self.shards.iter().enumerate() {
            shard.read().visit(target, |peer| crowded |= self.deliver(peer, &encoded, &mut unwatched));
            self.flush(index, &mut unwatched);
        }
        Ok(crowded)
    }

    /// Looks at the clocks of all connections.
    pub(crate) fn tick(&self, now: Instant, intervals: &Intervals) {
        for shard in &self.shards {
            let slow = shard.read().peers().filter(|peer| peer.tick(now, intervals)).count();
            self.counters.slow_consumers_found(slow as u64);
        }
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().peers().count()).sum()
    }

    /// How many groups have members.
    pub(crate) fn groups(&self) -> usize {
        let mut names = HashSet::new();
        for shard in &self.shards {
            names.extend(shard.read().groups().cloned());
        }
        names.len()
    }

    /// How many bytes wait to be sent, over all connections.
    pub(crate) fn queued_bytes(&self) -> usize {
        let queued = |shard: &RwLock<Shard>| shard.read().peers().map(|peer| peer.outbox.waiting()).sum::<usize>();
        self.shards.iter().map(queued).sum()
    }
}

/// A push never waits for its receivers, but it counts against the task's budget, so that a loop of pushes lets others
/// run.
fn done<T: Send + 'static>(result: T) -> BoxFuture<'static, T> {
    Box::pin(async move {
        tokio::task::coop::consume_budget().await;
        result
    })
}

impl Drop for LocalLifetimeManager {
    fn drop(&mut self) {
        self.flushers.get().into_iter().flatten().for_each(|flusher| flusher.stop());
    }
}

impl HubLifetimeManager for LocalLifetimeManager {
    fn connect(&self, peer: Arc<Peer>) {
        self.protocols.fetch_or(1 << peer.protocol.slot(), Ordering::AcqRel);
        self.shard(&peer.id).write().connect(peer);
    }

    fn disconnect(&self, peer: &Peer) {
        self.shard(&peer.id).write().disconnect(peer);
    }

    fn send(&self, target: &Target, message: &Outgoing<'_>) -> BoxFuture<'static, Result<(), SendError>> {
        let sent = self.send_now(target, message);
        Box::pin(async move {
            tokio::task::coop::consume_budget().await;
            let crowded = sent?;
            if crowded {
                // The flushers run before the next message is queued.
                tokio::task::yield_now().await;
            }
            Ok(())
        })
    }

    fn send_to(&self, id: &ConnectionId, message: &Outgoing<'_>) -> Result<bool, SendError> {
        let index = self.shard_index(id);
        let Some(peer) = self.shards[index].read().peer(id).cloned() else { return Ok(false) };
        let encoded = EncodedMessage::new(message, 1 << peer.protocol.slot())?;
        let mut unwatched = Vec::new();
        self.deliver(&peer, &encoded, &mut unwatched);
        self.flush(index, &mut unwatched);
        Ok(true)
    }

    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> BoxFuture<'static, Result<(), SendError>> {
        self.shard(id).write().join(id, group);
        done(Ok(()))
    }

    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> BoxFuture<'static, Result<(), SendError>> {
        self.shard(id).write().leave(id, group);
        done(Ok(()))
    }
}
