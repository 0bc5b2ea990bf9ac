//! The calling end of a connection. It opens no sockets yet: it starts on a transport that is open, as the test kit does.
//! Must not know the server, hubs or groups.

mod closed;
mod connection;
mod handlers;
mod handshake;
mod outlet;
mod role;

pub use closed::Closed;
pub use connection::{ConnectError, HubConnection};
