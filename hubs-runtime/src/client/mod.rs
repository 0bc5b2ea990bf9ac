//! The calling end of a connection. It opens no sockets yet: whoever has an open transport can start on it, as the test
//! kit does. Must not know the server, hubs or groups.

mod connection;
mod handlers;
mod session;

pub use connection::{ConnectError, HubConnection};
