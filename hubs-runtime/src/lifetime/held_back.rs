//! The messages that are held back, over all connections of a hub, by the time at which each is due.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::LocalConnections;
use crate::connection::Peer;

#[derive(Debug, Default)]
pub(super) struct HeldBack {
    state: Mutex<State>,
    /// Something is due earlier than before, or the hub is gone.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// By the time, and by a number that tells those of one time apart.
    due: BTreeMap<(Instant, u64), (Weak<Peer>, u64)>,
    number: u64,
    stopped: bool,
}

impl HeldBack {
    /// Holds back a message of `peer` with this tag.
    pub(super) fn add(&self, until: Instant, peer: &Arc<Peer>, tag: u64) {
        let mut state = self.state.lock();
        state.number += 1;
        let key = (until, state.number);
        state.due.insert(key, (Arc::downgrade(peer), tag));
        let is_first = state.due.first_key_value().is_some_and(|(first, _)| *first == key);
        drop(state);
        if is_first {
            self.changed.notify_one();
        }
    }

    /// The next message that is due.
    pub(super) fn due(&self, now: Instant) -> Option<(Weak<Peer>, u64)> {
        let mut state = self.state.lock();
        let first = state.due.first_entry().filter(|first| first.key().0 <= now)?;
        Some(first.remove())
    }

    pub(super) fn stop(&self) {
        self.state.lock().stopped = true;
        self.changed.notify_one();
    }

    fn next(&self) -> Option<Instant> {
        self.state.lock().due.first_key_value().map(|((time, _), _)| *time)
    }

    fn is_stopped(&self) -> bool {
        self.state.lock().stopped
    }
}

/// Sends what is due, until the hub is dropped.
pub(super) async fn run(held_back: Arc<HeldBack>, connections: Weak<LocalConnections>) {
    while !held_back.is_stopped() {
        match held_back.next() {
            None => held_back.changed.notified().await,
            Some(time) => tokio::select! {
                () = held_back.changed.notified() => {}
                () = sleep_until(time) => {
                    let Some(connections) = connections.upgrade() else { return };
                    connections.release(Instant::now());
                }
            },
        }
    }
}
