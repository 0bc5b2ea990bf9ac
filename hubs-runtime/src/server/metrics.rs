//! The counters of a hub.

use std::sync::Arc;

use crate::{
    clients::HubCore,
    counters::{BackplaneMessages, CloseReason, DurableMessages, LostMessages},
};

/// The counters of one hub, read when they are asked for. Cheap to clone. [`Hubs::metrics`](crate::Hubs::metrics) makes
/// one. Needs feature `server`, which is on by default.
///
/// ```
/// # use hubs::{HubCallerContext, HubResult, Hubs, NoClient, hub};
/// # type Cx = HubCallerContext<NoClient>;
/// # #[hub] trait ChatHub { async fn say(&self, cx: &Cx) -> HubResult<()>; }
/// # struct Chat;
/// # impl ChatHub for Chat { async fn say(&self, _: &Cx) -> HubResult<()> { Ok(()) } }
/// use hubs::CloseReason;
///
/// let hubs = Hubs::new().map("/chat", ChatHubContract, Chat);
/// let metrics = hubs.metrics::<ChatHubContract>();
/// // In the handler of a `/metrics` route:
/// for reason in CloseReason::ALL {
///     println!("hub_closes{{reason=\"{reason}\"}} {}", metrics.closes(reason));
/// }
/// assert_eq!(metrics.connections(), 0);
/// ```
#[derive(Debug, Clone)]
pub struct HubMetrics {
    core: Arc<HubCore>,
}

impl HubMetrics {
    pub(crate) fn of(core: Arc<HubCore>) -> Self {
        Self { core }
    }

    /// Connections that have passed their handshake and not ended.
    pub fn connections(&self) -> usize {
        self.core.connections.count()
    }

    /// Readers of the hub's feed.
    pub fn feed_readers(&self) -> usize {
        self.core.readers.as_ref().map_or(0, |readers| readers.connections.count())
    }

    /// Groups that have members.
    pub fn groups(&self) -> usize {
        self.core.connections.groups()
    }

    /// Connections of this process that are shown as members of groups with [`Presence`](crate::Presence), once for each
    /// group.
    pub fn presence_members(&self) -> usize {
        self.core.connections.tracked().unwrap_or_default()
    }

    /// Calls of the server that wait for a client's answer.
    pub fn pending_client_results(&self) -> usize {
        self.core.pending.len()
    }

    /// Bytes queued and not yet written, over all connections.
    pub fn queued_bytes(&self) -> usize {
        self.core.connections.queued_bytes()
    }

    /// Connections that have lost their socket and wait for their client, with stateful reconnect.
    pub fn parked_connections(&self) -> usize {
        self.core.parking.waiting().0
    }

    /// Bytes kept for the connections that wait for their client.
    pub fn parked_bytes(&self) -> usize {
        self.core.parking.waiting().1
    }

    /// Connections that have gone on over another socket, since the start.
    pub fn resumed_connections(&self) -> u64 {
        self.core.parking.totals().0
    }

    /// Connections that waited for their client and were closed because there were too many, or too many bytes were kept
    /// for them, since the start.
    pub fn evicted_connections(&self) -> u64 {
        self.core.parking.totals().1
    }

    /// Streams of methods with `#[method(resumable)]` that are kept: those that are read, and those that wait for their
    /// client.
    pub fn resumable_streams(&self) -> usize {
        self.core.resumable.count()
    }

    /// Connections found to read too slowly, since the start. Each of them is closed and then counted by
    /// [`HubMetrics::closes`] too, as [`CloseReason::TooSlow`].
    pub fn slow_consumers(&self) -> u64 {
        self.core.counters.slow_consumers()
    }

    /// Connections closed or refused for this reason, since the start.
    pub fn closes(&self, reason: CloseReason) -> u64 {
        self.core.counters.closes(reason)
    }

    /// Messages that were not sent to a client, as the policy of their method allows, since the start. One message to ten
    /// clients counts for each client that missed it.
    pub fn lost_messages(&self, kind: LostMessages) -> u64 {
        self.core.counters.lost(kind)
    }

    /// Messages to and from other nodes of the cluster, since the start.
    pub fn backplane_messages(&self, kind: BackplaneMessages) -> u64 {
        self.core.counters.backplane_messages(kind)
    }

    /// Messages of durable methods, since the start.
    pub fn durable_messages(&self, kind: DurableMessages) -> u64 {
        self.core.counters.durable_messages(kind)
    }

    /// Calls refused before the hub's method started, since the start: no such method, an id in use, too many at once.
    pub fn refused_calls(&self) -> u64 {
        self.core.counters.refused_calls()
    }

    /// Connections that were not added to a group, since the start: they were in as many as they may, or its name was too
    /// long.
    pub fn refused_joins(&self) -> u64 {
        self.core.counters.refused_joins()
    }
}
