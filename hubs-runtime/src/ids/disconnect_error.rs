//! Why a connection ended with an error.

/// The error that `on_disconnected` gets when a connection ended with one. It gets `None` when the client closed the
/// connection or lost its network, when the hub aborted it, and at shutdown.
///
/// ```
/// use hubs::DisconnectError;
///
/// fn log(error: Option<&DisconnectError>) -> String {
///     match error {
///         None => "closed".to_owned(),
///         Some(DisconnectError::ClientTimeout) => "the client is gone".to_owned(),
///         Some(error) => error.to_string(),
///     }
/// }
/// assert_eq!(log(None), "closed");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisconnectError {
    /// The client sent nothing within `client_timeout_interval`.
    #[error("client hasn't sent a message/ping within the configured client time-out")]
    ClientTimeout,
    /// The client sent something that is not the hub protocol.
    #[error("the client broke the hub protocol: {0}")]
    Protocol(String),
    /// A message was larger than the receive limit, in bytes.
    #[error("the maximum message size of {0} bytes was exceeded")]
    MessageTooLarge(usize),
    /// The client read too slowly: too many bytes were queued for it, or none left for too long.
    #[error("the client is too slow: {0}")]
    SlowConsumer(String),
    /// The client closed the connection and gave this reason.
    #[error("the client closed the connection: {0}")]
    ClosedByClient(String),
    /// Something panicked outside of any call, such as a value of a method while it was dropped.
    #[error("the server failed: {0}")]
    Internal(String),
}
