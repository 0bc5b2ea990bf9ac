//! What becomes of a message to a client that does not keep up.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::LazyLock,
    time::Duration,
};

/// What becomes of a message to a client that does not keep up: set for each method of a client interface, as in
/// `#[method(latest)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It arrives, or the client is closed as too slow.
    Must,
    /// A newer call takes the place of one that waits.
    Latest,
    /// A newer call takes the place of one that waits and has the same key: the value of this parameter, or of a field
    /// of it.
    Coalesce(&'static str),
    /// Above [`HubOptions::transport_max_buffer_size`](crate::HubOptions), the oldest calls that wait are dropped.
    DropOldest,
    /// At most one call in this time; in between, a newer call takes the place of the one that waits.
    Every(Duration),
    /// It is kept in the log of the group or user that it is sent to, so that a client that comes back gets it.
    Durable,
}

/// How one message may be lost. A message without it must arrive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loss {
    pub(crate) delivery: Delivery,
    /// The same for messages that replace each other. Never zero.
    pub(crate) tag: u64,
    /// Name of the method on the wire.
    pub(crate) method: &'static str,
}

/// Clients choose many of the keys, so the hash is keyed anew in each process.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl Loss {
    /// A call of `method` with this key. `None` for a message that is not lost.
    pub(crate) fn new<K: Hash + ?Sized>(method: &'static str, delivery: Delivery, key: &K) -> Option<Self> {
        let tag = || HASHER.hash_one((method, key)) | 1;
        (!matches!(delivery, Delivery::Must | Delivery::Durable)).then(|| Self { delivery, tag: tag(), method })
    }
}
