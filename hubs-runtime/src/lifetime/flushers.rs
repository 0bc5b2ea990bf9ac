//! The tasks that write to the sockets of many connections.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::registry::SHARDS;
use crate::connection::{Flusher, Peer};

/// One flusher for each thread of the runtime. They end when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Flushers {
    flushers: [Arc<Flusher>; SHARDS],
    /// How many of them have a task.
    active: AtomicUsize,
}

impl Flushers {
    /// Has the connections of a shard written to, and leaves `peers` empty. Without tasks their sessions write.
    pub(super) fn add(&self, shard: usize, peers: &mut Vec<Arc<Peer>>) {
        if !peers.is_empty() {
            let active = self.active.load(Ordering::Acquire).max(1);
            self.flushers[shard % active].add(peers);
        }
    }

    /// The tasks to be spawned on a runtime with so many threads.
    pub(super) fn tasks(&self, threads: usize) -> impl Iterator<Item = impl Future<Output = ()> + Send + use<>> {
        let active = threads.clamp(1, SHARDS);
        self.active.store(active, Ordering::Release);
        self.flushers[..active].iter().map(|flusher| Arc::clone(flusher).run())
    }
}

impl Drop for Flushers {
    fn drop(&mut self) {
        self.flushers.iter().for_each(|flusher| flusher.stop());
    }
}
