//! Which channels are sharded. Must not know connections.

/// How channels are subscribed to.
#[derive(Debug, Clone)]
pub(super) enum PubSub {
    /// One server: `SUBSCRIBE`.
    OneServer,
    /// A cluster, where `SUBSCRIBE` is for what other programs take part in. Channels that begin with this prefix are
    /// sharded, because only the number of their subscribers is known.
    Cluster { own: String },
    /// A cluster where all channels are sharded: `SSUBSCRIBE`.
    Sharded,
}

impl PubSub {
    pub(super) fn is_sharded(&self, channel: &str) -> bool {
        match self {
            Self::OneServer => false,
            Self::Cluster { own } => channel.starts_with(own),
            Self::Sharded => true,
        }
    }

    /// What `PUBSUB` counts the subscribers with. A server of a cluster knows its own only, and so all if they are sharded.
    pub(super) fn counted(&self, channel: &str) -> Option<&'static str> {
        match self {
            Self::OneServer => Some("NUMSUB"),
            _ => self.is_sharded(channel).then_some("SHARDNUMSUB"),
        }
    }

    /// The command that publishes on the channel.
    pub(super) fn publish(&self, channel: &str) -> &'static str {
        if self.is_sharded(channel) { "SPUBLISH" } else { "PUBLISH" }
    }
}
