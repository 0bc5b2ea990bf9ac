#![doc = include_str!("../README.md")]

// The macros name this crate by `::hubs`, also in its own tests and examples.
extern crate self as hubs;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod call;
#[cfg(feature = "client")]
pub mod client;
mod clients;
mod connection;
pub mod contract;
mod export;
mod hub;
mod ids;
mod invocation;
mod lifetime;
pub mod protocol;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;

pub use call::{
    Addressing, Answers, HubInterface, HubOutput, HubParam, HubStream, Interface, Many, NoClient, NoClientProxy,
    Single, UploadStream,
};
pub use clients::{CallerClients, Clients, Groups, HubContext};
pub use contract::HubType;
pub use export::export_contract_if_asked;
pub use hub::{HubCallerContext, Items, Principal};
pub use hubs_macros::{client_interface, hub, hub_type};
pub use ids::{
    Bytes, ConnectionId, ConnectionToken, DisconnectError, GroupName, HubError, HubResult, InvocationId,
    TransferFormat, UserId,
};
pub use invocation::{InvokeError, SendError};
#[cfg(feature = "server")]
pub use server::{HubMetrics, HubOptions, Hubs};
