//! How a connection ends.

use crate::{counters::CloseReason, ids::DisconnectError};

/// Why a session stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The peer closed its transport or dropped off.
    Gone,
    /// The socket was lost, and another may take over.
    Lost,
    /// The peer sent a Close message, with its reason if it gave one.
    ClosedByPeer { error: Option<String>, allow_reconnect: bool },
    /// This end was told to abort the connection.
    Aborted,
    /// This end is shutting down.
    Shutdown,
    /// This end does not reach the other nodes of its cluster.
    BackplaneLost,
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
            Self::Gone | Self::Lost | Self::ClosedByPeer { .. } => CloseReason::ClosedByClient,
            Self::Aborted => CloseReason::Aborted,
            Self::Shutdown => CloseReason::Shutdown,
            Self::BackplaneLost => CloseReason::BackplaneLost,
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
        matches!(self, Self::Failed(DisconnectError::SlowConsumer(_)) | Self::Gone | Self::Lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow() -> DisconnectError {
        DisconnectError::SlowConsumer("it has read nothing".to_owned())
    }

    #[test]
    fn only_a_reader_that_does_not_read_loses_what_is_queued() {
        let closed = End::ClosedByPeer { error: None, allow_reconnect: false };
        let timed_out = End::Failed(DisconnectError::ClientTimeout);
        for end in [closed, timed_out, End::Aborted, End::Shutdown, End::Expired, End::Refused("no".to_owned())] {
            assert!(!end.drops_queue(), "{end:?}");
        }
        assert!(End::Gone.drops_queue() && End::Failed(slow()).drops_queue());
    }

    #[test]
    fn the_hub_is_told_of_failures_and_of_errors_of_the_client() {
        let closed =
            |error: Option<&str>| End::ClosedByPeer { error: error.map(str::to_owned), allow_reconnect: false }.error();
        assert_eq!(closed(Some("why")), Some(DisconnectError::ClosedByClient("why".to_owned())));
        assert_eq!(End::Failed(slow()).error(), Some(slow()));
        for clean in [closed(None), End::Gone.error(), End::Aborted.error(), End::Shutdown.error()] {
            assert_eq!(clean, None);
        }
    }
}
