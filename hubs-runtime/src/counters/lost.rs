//! Why a message was not sent, as a hub counts it.

/// Why a message was not sent to a client, as its method allows. [`HubMetrics::lost_messages`](crate::HubMetrics) counts by
/// it.
///
/// ```
/// use hubs::LostMessages;
///
/// assert_eq!(LostMessages::ALL.map(LostMessages::as_str), ["dropped", "coalesced", "throttled"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LostMessages {
    /// The oldest ones, of methods with `drop_oldest`, while too much waited for the client.
    Dropped,
    /// Those that a newer one replaced, of methods with `latest` or `coalesce`.
    Coalesced,
    /// Those that a newer one replaced, of methods with `every`.
    Throttled,
}

impl LostMessages {
    /// All of them, for code that exports every counter.
    pub const ALL: [Self; 3] = [Self::Dropped, Self::Coalesced, Self::Throttled];

    /// The name in snake case, as a label for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Coalesced => "coalesced",
            Self::Throttled => "throttled",
        }
    }
}
