//! How well a node reaches the others.

/// How well this node reaches the other nodes of its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Health {
    /// It is connected, and every subscription is confirmed.
    Healthy,
    /// It is connecting or subscribing, and was healthy, or was started, a short time ago: messages of other nodes may be
    /// lost.
    Degraded,
    /// It has not been healthy for a while.
    Lost,
}
