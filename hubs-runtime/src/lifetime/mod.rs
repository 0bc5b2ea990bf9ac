//! Who is connected, in which group, as which user; and sending to them. Must not know proxies, methods or axum.

mod local;
mod shard;
mod target;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub(crate) use local::LocalLifetimeManager;
pub(crate) use target::Target;

use crate::{
    connection::Peer,
    ids::{ConnectionId, GroupName},
    invocation::SendError,
    protocol::Outgoing,
};

/// Keeps the connections of one hub and delivers to them. One for this process alone today; the same trait is the place
/// for one that speaks to other processes.
pub(crate) trait HubLifetimeManager: Send + Sync + 'static {
    /// From here on the peer receives what is sent to it.
    fn connect(&self, peer: Arc<Peer>);
    /// The peer receives nothing more and is in no group.
    fn disconnect(&self, peer: &Peer);
    /// Encodes `message` now, once for each protocol, and delivers it to all of `target`. Never waits for a socket.
    fn send(&self, target: &Target, message: &Outgoing<'_>) -> BoxFuture<'static, Result<(), SendError>>;
    /// Sends `message` to one connection; `false` if there is none of that name.
    fn send_to(&self, id: &ConnectionId, message: &Outgoing<'_>) -> Result<bool, SendError>;
    /// Puts a connection into a group. A connection that is not there is no error.
    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> BoxFuture<'static, Result<(), SendError>>;
    /// Takes a connection out of a group. One that is not in it is no error.
    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> BoxFuture<'static, Result<(), SendError>>;
}
