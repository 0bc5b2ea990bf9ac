//! Why a backplane did not do what it was asked for. Never holds an address or a password.

use std::time::Duration;

/// Why the other nodes of a cluster could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackplaneError {
    /// There is no connection to the backplane.
    #[error("the backplane cannot be reached: {0}")]
    Unavailable(String),
    /// The backplane, or the node that was asked, did not answer in time.
    #[error("the backplane did not answer within {0:?}")]
    TimedOut(Duration),
    /// No node responds on this channel.
    #[error("no node responds")]
    NoResponder,
    /// More waits to be sent than may wait.
    #[error("too much waits to be sent to the backplane")]
    Overloaded,
    /// The backplane has refused the command.
    #[error("the backplane refused the command: {0}")]
    Refused(String),
}
