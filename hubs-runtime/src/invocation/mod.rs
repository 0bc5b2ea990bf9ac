//! Calls in flight, the same on both ends. Must not know hubs or groups.

mod error;
mod pending;
mod permits;

pub use error::{InvokeError, SendError};
pub(crate) use pending::{PendingCall, PendingCalls, Unexpected};
pub(crate) use permits::Permits;
