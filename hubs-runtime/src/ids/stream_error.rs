//! Why a stream that comes in ended before its end.

/// Why a stream that comes in ended before its end.
///
/// Passed on with `?`, the text of [`StreamError::BadItem`] reaches the caller, as in SignalR. The other texts do not: the
/// peer wrote one of them, and the caller of [`StreamError::Disconnected`] has left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The peer ended the stream with this error.
    #[error("{0}")]
    Failed(String),
    /// An item is not of the stream's type. The field says what is wrong with it.
    #[error("Failed to bind Stream message.")]
    BadItem(String),
    /// The connection ended before the stream.
    #[error("The underlying connection was closed.")]
    Disconnected,
}
