//! Who is connected to one hub in this process, in which groups and as which user.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use parking_lot::RwLock;

use super::{Target, shard::Shard};
use crate::{
    connection::Peer,
    ids::{ConnectionId, GroupName},
};

/// A power of two, a few times the cores of a large machine.
pub(super) const SHARDS: usize = 16;

#[derive(Default)]
pub(super) struct Registry {
    shards: [RwLock<Shard>; SHARDS],
    hasher: RandomState,
    /// The slots of the protocols that any connection has ever spoken. Set before a connection becomes visible, so that
    /// a message encoded after a join is encoded for the new member too.
    protocols: AtomicU8,
}

impl Registry {
    pub(super) fn connect(&self, peer: Arc<Peer>) {
        self.protocols.fetch_or(1 << peer.protocol.slot(), Ordering::AcqRel);
        self.shard(&peer.id).write().connect(peer);
    }

    pub(super) fn disconnect(&self, peer: &Peer) {
        self.shard(&peer.id).write().disconnect(peer);
    }

    /// `false`: the connection is in `limit` other groups.
    pub(super) fn join(&self, id: &ConnectionId, group: &GroupName, limit: usize) -> bool {
        self.shard(id).write().join(id, group, limit)
    }

    pub(super) fn leave(&self, id: &ConnectionId, group: &GroupName) {
        self.shard(id).write().leave(id, group);
    }

    /// One bit for each protocol's slot.
    pub(super) fn protocols(&self) -> u8 {
        self.protocols.load(Ordering::Acquire)
    }

    pub(super) fn peer(&self, id: &ConnectionId) -> Option<Arc<Peer>> {
        self.shard(id).read().peer(id).cloned()
    }

    /// Visits every receiver, and calls `leave` with the number of each shard after its lock was released. Both get
    /// `state`.
    pub(super) fn visit<S>(
        &self,
        target: &Target,
        state: &mut S,
        visit: impl Fn(&mut S, &Arc<Peer>),
        leave: impl Fn(&mut S, usize),
    ) {
        if let Target::Connections(ids) = target {
            for id in ids {
                let index = self.shard_index(id);
                if let Some(peer) = self.shards[index].read().peer(id) {
                    visit(state, peer);
                }
                leave(state, index);
            }
            return;
        }
        for (index, shard) in self.shards.iter().enumerate() {
            shard.read().visit(target, |peer| visit(state, peer));
            leave(state, index);
        }
    }

    /// Visits every connection.
    pub(super) fn each(&self, mut visit: impl FnMut(&Arc<Peer>)) {
        self.shards.iter().for_each(|shard| shard.read().peers().for_each(&mut visit));
    }

    /// How many groups have members.
    pub(super) fn groups(&self) -> usize {
        let mut names = HashSet::new();
        for shard in &self.shards {
            names.extend(shard.read().groups().cloned());
        }
        names.len()
    }

    pub(super) fn shard_index(&self, id: &ConnectionId) -> usize {
        self.hasher.hash_one(id) as usize % SHARDS
    }

    fn shard(&self, id: &ConnectionId) -> &RwLock<Shard> {
        &self.shards[self.shard_index(id)]
    }
}
