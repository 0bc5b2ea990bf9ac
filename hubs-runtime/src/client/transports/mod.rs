//! The calling ends of the transports: pipes of hub bytes over WebSockets, Server-Sent Events and long polling. Must not
//! know what a hub message is.

pub(super) mod events;
pub(super) mod polling;
mod posting;
pub(super) mod websocket;
