//! What a proxy fails with. Never a [`HubError`](crate::HubError): a peer's text that passes through `?` in a hub
//! method is masked like any other error.

use std::time::Duration;

use crate::{ids::ConnectionId, protocol::EncodeError};

/// Why a message could not be sent. Sending to nobody is no error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// An argument could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The connection of this proxy is closed.
    #[error("the connection is closed")]
    Closed,
}

/// Why a call gave no result.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The call could not be sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The peer answered with this error.
    #[error("{0}")]
    Remote(String),
    /// There is no such connection.
    #[error("Connection '{0}' does not exist.")]
    NoSuchConnection(ConnectionId),
    /// The connection ended before the answer came.
    #[error("Connection '{0}' disconnected.")]
    Disconnected(ConnectionId),
    /// No answer came in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is not of the expected type.
    #[error("the result is not of the expected type: {0}")]
    Result(String),
    /// A client cannot be asked while its `on_connected` runs: nothing it sends is read yet.
    #[error("Client results inside OnConnectedAsync Hub methods are not allowed.")]
    DuringConnect,
}
