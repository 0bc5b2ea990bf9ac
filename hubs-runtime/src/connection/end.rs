//! How a connection ends.

use crate::{counters::CloseReason, ids::DisconnectError};

/// Why a session stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The peer closed its transport or dropped off.
    Gone,
    /// The peer sent a Close message, with its reason if it gave one.
    ClosedByPeer { error: Option<String>, allow_reconnect: bool },
    /// This end was told to abort the connection.
    Aborted,
    /// This end is shutting down.
    Shutdown,
    /// The user's authentication has ended.
    Expired,
    /// Something went wrong.
    Failed(DisconnectError),
    /// The hub's `on_connected` did not accept the connection; the text is what the peer may know of it.
    Refused(String),
}

impl End {
    /// What `on_disconnected` is told.
    pub(crate) fn error(&self) -> Option<DisconnectError> {
        match self {
            Self::Failed(error) => Some(error.clone()),
            Self::ClosedByPeer { error: Some(text), .. } => Some(DisconnectError::ClosedByClient(text.clone())),
            _ => None,
        }
    }

    /// As what it is counted.
    pub(crate) fn reason(&self) -> CloseReason {
        match self {
            Self::Gone | Self::ClosedByPeer { .. } => CloseReason::ClosedByClient,
            Self::Aborted => CloseReason::Aborted,
            Self::Shutdown => CloseReason::Shutdown,
            Self::Expired => CloseReason::AuthenticationExpired,
            Self::Refused(_) => CloseReason::Rejected,
            Self::Failed(error) => match error {
                DisconnectError::ClientTimeout => CloseReason::TimedOut,
                DisconnectError::MessageTooLarge(_) => CloseReason::TooLarge,
                DisconnectError::SlowConsumer(_) => CloseReason::TooSlow,
                DisconnectError::Protocol(_) => CloseReason::ProtocolError,
                DisconnectError::ClosedByClient(_) => CloseReason::ClosedByClient,
                DisconnectError::Internal(_) => CloseReason::ServerError,
            },
        }
    }

    /// Whether what is queued may be dropped: its reader does not read.
    pub(crate) fn drops_queue(&self) -> bool {
        matches!(self, Self::Failed(DisconnectError::SlowConsumer(_)) | Self::Gone)
    }
}
