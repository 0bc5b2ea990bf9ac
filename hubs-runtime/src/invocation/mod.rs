//! Calls in flight, the same on both ends. Must not know hubs or groups.

mod error;
mod pending;
mod permits;
mod streams;

pub use error::{InvokeError, SendError};
pub(crate) use pending::{PendingCalls, Unexpected};
pub(crate) use permits::Permits;
pub use streams::StreamReader;
pub(crate) use streams::{IncomingStream, IncomingStreams, StreamEnd, StreamOpener, Taken};
