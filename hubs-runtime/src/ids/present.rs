//! A member of a group, as others see it.

use serde::{Deserialize, Serialize};

/// A member of a group, over all nodes: `#[client_interface(presence = M)]` names the type of what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Present<M> {
    /// Names the member in its group: its user id, its connection id where it has none, or what the hub has chosen.
    pub key: String,
    /// What the newest of its connections shows.
    pub meta: M,
    /// How many connections it has; after the last one has ended, and before the member has left, how many it had.
    pub connections: u32,
}

impl<M> Present<M> {
    #[cfg(feature = "server")]
    pub(crate) fn new(key: String, meta: M, connections: u32) -> Self {
        Self { key, meta, connections }
    }
}
