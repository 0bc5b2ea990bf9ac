//! Why a connection ended, when it did not end in peace.

/// What `on_disconnected` is told when a connection ended with an error. A peer that closed, dropped off or was
/// aborted is no error: then the hook gets `None`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisconnectError {
    /// The client sent nothing for longer than the client time-out.
    #[error("client hasn't sent a message/ping within the configured client time-out")]
    ClientTimeout,
    /// What the client sent is not the hub protocol.
    #[error("the client broke the hub protocol: {0}")]
    Protocol(String),
    /// One message was larger than the receive limit, in bytes.
    #[error("the maximum message size of {0} bytes was exceeded")]
    MessageTooLarge(usize),
    /// The client did not read what was queued for it: too many bytes waiting, or no progress for too long.
    #[error("the client is too slow: {0}")]
    SlowConsumer(String),
    /// The client closed the connection and said why.
    #[error("the client closed the connection: {0}")]
    ClosedByClient(String),
    /// Something panicked outside of any call: what a method held, when it was dropped.
    #[error("the server failed: {0}")]
    Internal(String),
}
