//! Calls in flight, the same on both ends. Must not know hubs or groups.

mod error;

pub use error::{InvokeError, SendError};
