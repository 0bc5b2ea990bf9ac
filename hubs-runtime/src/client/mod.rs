//! The calling end of a connection: [`HubConnection`]. It negotiates, opens a transport (WebSockets, Server-Sent Events or
//! long polling), speaks JSON or MessagePack, and makes a connection again that is lost, to any SignalR server: one of this
//! crate or of ASP.NET Core.
//!
//! With a contract, [`HubConnectionBuilder::connect`] gives a [`HubClient`], whose methods are the hub's; without one,
//! [`HubConnectionBuilder::start`] gives a [`HubConnection`], which calls methods by name.
//!
//! The repository's guide `docs/rust-client.md` goes through all of it.

// Must not know the server, hubs or groups.

mod address;
mod arguments;
mod builder;
mod closed;
mod connection;
mod connector;
mod core;
mod dial;
mod error;
mod handlers;
mod handshake;
mod http;
mod log;
mod logs;
mod named;
mod negotiate;
mod outlet;
mod presence;
mod proxy;
mod renewal;
mod retry;
mod role;
mod session;
mod state;
#[cfg(feature = "client-tls")]
mod tls;
mod token;
mod transports;
mod typed;
mod untyped;

#[cfg(feature = "client-tls")]
pub use tokio_rustls::rustls;

pub use self::{
    arguments::{FromArguments, IntoArguments},
    builder::HubConnectionBuilder,
    closed::Closed,
    connection::HubConnection,
    connector::Destination,
    error::ConnectError,
    log::{LogEvent, LogScope},
    presence::GroupPresence,
    retry::{RetryContext, RetryPolicy},
    state::HubConnectionState,
    typed::HubClient,
    untyped::Upload,
};
