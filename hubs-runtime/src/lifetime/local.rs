//! The connections of this process.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

use futures_util::future::BoxFuture;
use parking_lot::RwLock;
use tokio::time::Instant;

use super::{HubLifetimeManager, Target, shard::Shard};
use crate::{
    connection::{Intervals, Peer},
    ids::{ConnectionId, GroupName},
    invocation::SendError,
    protocol::{EncodedMessage, Outgoing},
};

/// A power of two, a few times the cores of a large machine.
const SHARDS: usize = 16;

#[derive(Default)]
pub(crate) struct LocalLifetimeManager {
    shards: [RwLock<Shard>; SHARDS],
    hasher: RandomState,
    /// The slots of the protocols that any connection has ever spoken. Set before a connection becomes visible, so that
    /// whoever sends after a join encodes for it.
    protocols: AtomicU8,
    slow_consumers: AtomicU64,
}

impl LocalLifetimeManager {
    fn shard(&self, id: &ConnectionId) -> &RwLock<Shard> {
        let hash = self.hasher.hash_one(id);
        &self.shards[hash as usize % SHARDS]
    }

    /// Encodes before any lock is taken: it runs user code.
    fn encode(&self, message: &Outgoing<'_>) -> Result<EncodedMessage, SendError> {
        Ok(EncodedMessage::new(message, self.protocols.load(Ordering::Acquire))?)
    }

    fn deliver(&self, peer: &Peer, message: &EncodedMessage) {
        // Without bytes for its protocol the peer has connected after the send began.
        if let Some(bytes) = message.get(peer.protocol)
            && peer.outbox.push(bytes)
        {
            self.slow_consumers.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn send_now(&self, target: &Target, message: &Outgoing<'_>) -> Result<(), SendError> {
        let encoded = self.encode(message)?;
        if let Target::Connections(ids) = target {
            for id in ids {
                if let Some(peer) = self.shard(id).read().peer(id) {
                    self.deliver(peer, &encoded);
                }
            }
            return Ok(());
        }
        for shard in &self.shards {
            shard.read().visit(target, |peer| self.deliver(peer, &encoded));
        }
        Ok(())
    }

    /// Looks at the clocks of all connections.
    pub(crate) fn tick(&self, now: Instant, intervals: &Intervals) {
        for shard in &self.shards {
            let slow = shard.read().peers().filter(|peer| peer.tick(now, intervals)).count();
            self.slow_consumers.fetch_add(slow as u64, Ordering::Relaxed);
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

    /// How many connections have been closed because they read too slowly.
    pub(crate) fn slow_consumers(&self) -> u64 {
        self.slow_consumers.load(Ordering::Relaxed)
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

impl HubLifetimeManager for LocalLifetimeManager {
    fn connect(&self, peer: Arc<Peer>) {
        self.protocols.fetch_or(1 << peer.protocol.slot(), Ordering::AcqRel);
        self.shard(&peer.id).write().connect(peer);
    }

    fn disconnect(&self, peer: &Peer) {
        self.shard(&peer.id).write().disconnect(peer);
    }

    fn send(&self, target: &Target, message: &Outgoing<'_>) -> BoxFuture<'static, Result<(), SendError>> {
        done(self.send_now(target, message))
    }

    fn send_to(&self, id: &ConnectionId, message: &Outgoing<'_>) -> Result<bool, SendError> {
        let Some(peer) = self.shard(id).read().peer(id).cloned() else { return Ok(false) };
        let encoded = EncodedMessage::new(message, 1 << peer.protocol.slot())?;
        self.deliver(&peer, &encoded);
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
