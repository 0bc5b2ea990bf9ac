//! Calls in flight, the same on both ends. Must not know hubs or groups.

mod error;
mod pending;
mod permits;
#[cfg(feature = "server")]
mod rates;
mod streams;

pub use error::{InvokeError, SendError};
pub(crate) use pending::{PendingCalls, Unexpected};
pub(crate) use permits::Permits;
#[cfg(feature = "server")]
pub(crate) use rates::{CallCounts, CallRates};
pub use streams::StreamReader;
pub(crate) use streams::{IncomingStream, IncomingStreams, StreamEnd, StreamOpener, Taken};
