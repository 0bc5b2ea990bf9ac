//! Why a connection has ended, as its client sees it.

use std::sync::OnceLock;

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

impl From<&End> for Closed {
    fn from(end: &End) -> Self {
        match end {
            End::ClosedByPeer { error, allow_reconnect } => {
                Self::Server { error: error.clone(), allow_reconnect: *allow_reconnect }
            }
            End::Gone | End::Lost => Self::Lost,
            End::Failed(error) => Self::Failed(error.clone()),
            End::Aborted | End::Shutdown | End::Expired | End::Refused(_) => Self::Stopped,
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

    pub(super) fn get(&self) -> Option<&Closed> {
        self.reason.get()
    }

    pub(super) async fn wait(&self) -> Closed {
        self.ended.cancelled().await;
        self.reason.get().cloned().unwrap_or(Closed::Lost)
    }
}
