//! What became of a message to or from other nodes, as a hub counts it.

/// What became of a message that a hub exchanges with other nodes of its cluster.
/// [`HubMetrics::backplane_messages`](crate::HubMetrics::backplane_messages) counts by it.
///
/// ```
/// use hubs::BackplaneMessages;
///
/// assert_eq!(BackplaneMessages::ALL.map(BackplaneMessages::as_str), ["published", "failed", "received", "dropped"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackplaneMessages {
    /// The backplane has taken it.
    Published,
    /// It may not have reached the other nodes, and its sender was told so.
    Failed,
    /// It came from another node.
    Received,
    /// It came from another node and could not be read.
    Dropped,
}

impl BackplaneMessages {
    /// All of them, for code that exports every counter.
    pub const ALL: [Self; 4] = [Self::Published, Self::Failed, Self::Received, Self::Dropped];

    /// The name in snake case, as a label for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Failed => "failed",
            Self::Received => "received",
            Self::Dropped => "dropped",
        }
    }
}
