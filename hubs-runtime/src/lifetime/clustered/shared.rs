//! Subscriptions that several connections share: those of groups and users. The last one to leave ends it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

use crate::{backplane::Subscription, ids::ShrinkSpare};

/// Subscriptions by their key.
#[derive(Debug)]
pub(super) struct SharedSubscriptions<K> {
    live: Mutex<HashMap<K, Weak<Subscription>>>,
}

impl<K> Default for SharedSubscriptions<K> {
    fn default() -> Self {
        Self { live: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash> SharedSubscriptions<K> {
    /// The subscription of `key`: that of the others, or a new one.
    pub(super) fn get(&self, key: &K, subscribe: impl FnOnce() -> Subscription) -> Arc<Subscription> {
        let mut live = self.live.lock();
        if let Some(subscription) = live.get(key).and_then(Weak::upgrade) {
            return subscription;
        }
        let subscription = Arc::new(subscribe());
        live.insert(key.clone(), Arc::downgrade(&subscription));
        subscription
    }

    /// One has left: ends the subscription if it was the last.
    pub(super) fn leave(&self, key: &K, subscription: Arc<Subscription>) {
        drop(subscription);
        let mut live = self.live.lock();
        if live.get(key).is_some_and(|subscription| subscription.strong_count() == 0) {
            live.remove(key);
            live.shrink_spare();
        }
    }
}
