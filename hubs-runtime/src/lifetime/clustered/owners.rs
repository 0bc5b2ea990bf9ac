//! Ends questions to clients whose node has died: no node is subscribed to such a client any more.

use std::{
    collections::HashSet,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::Shared;
use crate::ids::ConnectionId;

/// How often it is looked whether the nodes still run. A client that twice has none is gone: a node that connects again
/// is not subscribed for a moment.
const INTERVAL: Duration = Duration::from_secs(5);

/// Whether a task looks.
#[derive(Debug, Default)]
pub(super) struct Owners {
    is_watched: AtomicBool,
}

impl Shared {
    /// Looks after the nodes of asked clients until none is asked.
    pub(super) fn watch_owners(self: &Arc<Self>) {
        if !self.owners.is_watched.swap(true, Ordering::SeqCst) {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }

    /// The clients of other nodes that are asked.
    fn asked_elsewhere(&self) -> Vec<ConnectionId> {
        let asked = self.pending.asked();
        asked.into_iter().filter(|id| !self.members.contains(id)).collect()
    }

    /// Those of them that no node is subscribed to.
    async fn without_node(&self, asked: Vec<ConnectionId>) -> HashSet<ConnectionId> {
        let mut without = HashSet::new();
        for id in asked {
            let subscribers = self.cluster.backplane.subscribers(&self.channels.connection(&id)).await;
            if matches!(subscribers, Ok(Some(0))) {
                without.insert(id);
            }
        }
        without
    }
}

async fn watch(shared: Weak<Shared>) {
    let mut before = HashSet::new();
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(shared) = shared.upgrade() else { return };
        let asked = shared.asked_elsewhere();
        if asked.is_empty() {
            shared.owners.is_watched.store(false, Ordering::SeqCst);
            // A question may have been asked in between.
            if shared.asked_elsewhere().is_empty() || shared.owners.is_watched.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        let without = shared.without_node(asked).await;
        for id in without.intersection(&before) {
            shared.pending.disconnected(id);
        }
        before = without;
    }
}
