//! Typed real-time hubs.

// The macros name this crate by `::hubs`, also in its own tests and examples.
extern crate self as hubs;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod call;
pub mod contract;
mod export;
mod ids;
mod invocation;
mod protocol;
#[cfg(feature = "server")]
mod server;
mod transport;

pub use call::{Addressing, Answers, HubInterface, HubOutput, HubParam, Interface, Many, NoClient, Single};
pub use contract::HubType;
pub use export::export_contract_if_asked;
pub use ids::{
    ConnectionId, ConnectionToken, DisconnectError, GroupName, HubError, HubResult, InvocationId, TransferFormat,
    UserId,
};
pub use invocation::{InvokeError, SendError};
#[cfg(feature = "server")]
pub use server::HubOptions;
pub use transport::{CloseCode, Transport, TransportError, TransportKind};
