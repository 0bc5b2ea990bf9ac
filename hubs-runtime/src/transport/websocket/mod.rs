//! WebSockets, the accepting end, over any socket. Owns the rules of RFC 6455 as SignalR uses them: what kind of message
//! carries received bytes does not matter, every batch leaves as one message. Must not know what a hub message is.

mod decoder;
#[cfg(test)]
mod direct_tests;
#[cfg(test)]
pub(crate) mod echo;
mod empty;
mod head;
mod input;
mod mask;
mod outgoing;
mod sink;
mod socket;
#[cfg(test)]
mod tests;
mod utf8;
mod writer;

pub(crate) use self::socket::{IoWebSocket, TcpWebSocket, accept_key};
#[cfg(test)]
pub(crate) use self::{socket::WebSocket, writer::WriteIo};
