//! The words every other room speaks: newtypes for what is otherwise a bare string, and the errors user code sees.
//!
//! This room knows nothing of the others.

mod bytes;
mod delivery;
mod disconnect_error;
mod hub_error;
mod names;
mod present;
mod rate;
mod shrink;
mod stream_error;
mod text;
mod thread_buffer;

pub use self::bytes::Bytes;
pub use delivery::Delivery;
pub(crate) use delivery::Loss;
pub use disconnect_error::DisconnectError;
pub use hub_error::{HubError, HubResult};
pub use names::{ConnectionId, GroupName, TransferFormat, UserId};
pub(crate) use names::{ConnectionToken, InvocationId};
pub use present::Present;
pub use rate::RateLimit;
pub(crate) use shrink::ShrinkSpare;
pub use stream_error::StreamError;
pub use text::{Text, TextValue};
pub(crate) use thread_buffer::ThreadBuffer;
