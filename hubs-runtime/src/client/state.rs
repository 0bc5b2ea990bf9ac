//! What a connection is doing, and why.

use std::sync::Arc;

use super::{Closed, ConnectError};
use crate::ids::ConnectionId;

/// What a connection is doing, and why.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum HubConnectionState {
    /// It is being made for the first time.
    Connecting,
    /// Calls are answered.
    Connected {
        /// The id of the connection, as the hub sees it. `None` if it was not negotiated.
        id: Option<ConnectionId>,
    },
    /// Its socket was lost, and the same connection is taken up over another one: calls wait for it, and none is lost. Only
    /// with [`stateful_reconnect`](super::HubConnectionBuilder::stateful_reconnect).
    Resuming {
        /// The id of the connection.
        id: Option<ConnectionId>,
    },
    /// It was lost and is being made again, under another id. Calls fail at once: none is sent.
    Reconnecting {
        /// Why it was lost.
        reason: Closed,
        /// Which attempt is being made or waited for: 1 for the first.
        attempt: u32,
        /// Why the last attempt failed.
        error: Option<Arc<ConnectError>>,
    },
    /// It has ended, and is not made again.
    Disconnected {
        /// Why it ended.
        reason: Closed,
        /// Why the last attempt to make it again failed, if there was one.
        error: Option<Arc<ConnectError>>,
    },
}

impl HubConnectionState {
    /// Whether calls are answered.
    pub fn is_connected(&self) -> bool {
        matches!(self, Self::Connected { .. })
    }

    /// Whether the connection has ended for good.
    pub fn is_disconnected(&self) -> bool {
        matches!(self, Self::Disconnected { .. })
    }
}
