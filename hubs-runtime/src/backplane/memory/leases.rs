//! Who holds what, and until when.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::Lease;

/// The leases of a cluster in one process.
#[derive(Debug, Default)]
pub(super) struct Leases {
    held: HashMap<String, Held>,
}

#[derive(Debug)]
struct Held {
    node: String,
    until: Instant,
}

impl Leases {
    /// Gives the lease to `node`, unless another one holds it.
    pub(super) fn acquire(&mut self, key: &str, node: &str, term: Duration) -> Lease {
        match self.holder(key) {
            Some(holder) if holder != node => Lease::Held(holder),
            _ => {
                self.held.insert(key.to_owned(), Held { node: node.to_owned(), until: Instant::now() + term });
                Lease::Acquired
            }
        }
    }

    /// Prolongs the lease, if `node` holds it.
    pub(super) fn renew(&mut self, key: &str, node: &str, term: Duration) -> bool {
        let is_held = self.holder(key).is_some_and(|holder| holder == node);
        if let Some(held) = self.held.get_mut(key).filter(|_| is_held) {
            held.until = Instant::now() + term;
        }
        is_held
    }

    /// Gives the lease back, if `node` holds it.
    pub(super) fn release(&mut self, key: &str, node: &str) {
        if self.held.get(key).is_some_and(|held| held.node == node) {
            self.held.remove(key);
        }
    }

    /// The node that holds the lease. Forgets a lease that has ended.
    pub(super) fn holder(&mut self, key: &str) -> Option<String> {
        let held = self.held.get(key)?;
        if held.until > Instant::now() {
            return Some(held.node.clone());
        }
        self.held.remove(key);
        None
    }
}
