//! What became of a message of a durable method, as a hub counts it.

/// What became of a message of a method with `#[method(durable)]`.
/// [`HubMetrics::durable_messages`](crate::HubMetrics::durable_messages) counts by it.
///
/// ```
/// use hubs::DurableMessages;
///
/// assert_eq!(DurableMessages::ALL.map(DurableMessages::as_str), ["recorded", "failed", "replayed", "gap"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DurableMessages {
    /// It is in the log of a group or user.
    Recorded,
    /// It may not be in the log, and its sender was told so.
    Failed,
    /// It was sent to a client that had missed it, or that was given the history of a group.
    Replayed,
    /// Not a message: a client was told that it has missed some which are not kept any more.
    Gap,
}

impl DurableMessages {
    /// All of them, for code that exports every counter.
    pub const ALL: [Self; 4] = [Self::Recorded, Self::Failed, Self::Replayed, Self::Gap];

    /// The name in snake case, as a label for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Failed => "failed",
            Self::Replayed => "replayed",
            Self::Gap => "gap",
        }
    }
}
