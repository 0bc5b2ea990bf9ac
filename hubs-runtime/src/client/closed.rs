//! Why a connection has ended, as its client sees it.

use std::{fmt, sync::OnceLock};

use tokio_util::sync::CancellationToken;

use crate::{connection::End, ids::DisconnectError};

/// Why a client's connection has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closed {
    /// This end closed it.
    Stopped,
    /// The server closed it.
    Server {
        /// What went wrong, if anything did.
        error: Option<String>,
        /// Whether the client may connect again by itself.
        allow_reconnect: bool,
    },
    /// The transport ended without a Close message.
    Lost,
    /// This end had to give the connection up.
    Failed(DisconnectError),
}

impl Closed {
    /// Whether the connection may be made again by itself, as in SignalR: not where either end closed it on purpose.
    pub fn allows_reconnect(&self) -> bool {
        match self {
            Self::Stopped => false,
            Self::Server { allow_reconnect, .. } => *allow_reconnect,
            Self::Lost | Self::Failed(_) => true,
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("this end closed the connection"),
            Self::Server { error: Some(error), .. } => write!(f, "the server closed the connection: {error}"),
            Self::Server { error: None, .. } => f.write_str("the server closed the connection"),
            Self::Lost => f.write_str("the connection was lost"),
            Self::Failed(DisconnectError::ClientTimeout) => f.write_str("the server sent nothing for too long"),
            Self::Failed(error) => write!(f, "the connection was given up: {error}"),
        }
    }
}

impl From<&End> for Closed {
    fn from(end: &End) -> Self {
        match end {
            End::ClosedByPeer { error, allow_reconnect } => {
                Self::Server { error: error.clone(), allow_reconnect: *allow_reconnect }
            }
            End::Gone | End::Lost => Self::Lost,
            End::Failed(error) => Self::Failed(error.clone()),
            End::Aborted | End::Shutdown | End::BackplaneLost | End::Expired | End::Refused(_) => Self::Stopped,
        }
    }
}

/// The reason, once the connection has ended.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    reason: OnceLock<Closed>,
    ended: CancellationToken,
}

impl Outcome {
    pub(super) fn set(&self, end: &End) {
        self.reason.get_or_init(|| end.into());
        self.ended.cancel();
    }

    pub(super) async fn wait(&self) -> Closed {
        self.ended.cancelled().await;
        self.reason.get().cloned().unwrap_or(Closed::Lost)
    }
}
