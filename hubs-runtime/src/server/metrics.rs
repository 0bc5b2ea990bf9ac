//! What a hub counts of itself.

use std::sync::Arc;

use crate::{clients::HubCore, counters::CloseReason};

/// The counters of one hub, read when asked for. Cheap to clone.
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
        self.core.lifetime.connections()
    }

    /// Groups that have members.
    pub fn groups(&self) -> usize {
        self.core.lifetime.groups()
    }

    /// Calls of the server that wait for a client's answer.
    pub fn pending_client_results(&self) -> usize {
        self.core.pending.len()
    }

    /// Bytes that wait to be sent, over all connections.
    pub fn queued_bytes(&self) -> usize {
        self.core.lifetime.queued_bytes()
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

    /// Calls refused before the hub's method started, since the start: no such method, an id in use, too many at once.
    pub fn refused_calls(&self) -> u64 {
        self.core.counters.refused_calls()
    }
}
