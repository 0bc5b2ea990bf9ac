//! Who is connected, in which group, as which user; and delivery to them. Must not know proxies, methods or axum.
//!
//! | File | What it owns |
//! |---|---|
//! | `registry`, `shard` | who is connected where |
//! | `connections` | delivery to the connections of this process |
//! | `clock` | keep-alive and time-outs |
//! | `flushers` | the tasks that write for many connections |
//! | `held_back` | messages that are sent at most so often |
//! | `background` | the runtime that clock and flushers run on |
//! | `limits` | how many connections there may be |
//! | `local` | the manager for one process |
//! | `clustered` | the manager for a process of a cluster |
//! | `durable` | the manager of a hub whose messages are kept in logs |
//! | `presence` | who is in a group, and what they show |
//! | `publishing` | the manager of a hub that has a feed |
//! | `readers` | the readers of a feed, and what is kept for those that come back |
//! | `following` | what readers of a feed get from other processes |
//! | `result_id` | the ids of client results |

mod background;
mod clock;
#[cfg(feature = "server")]
mod clustered;
mod connections;
#[cfg(all(test, feature = "server"))]
mod dice;
#[cfg(feature = "server")]
pub(crate) mod durable;
mod flushers;
#[cfg(feature = "server")]
mod following;
mod held_back;
mod limits;
mod local;
#[cfg(feature = "server")]
mod presence;
#[cfg(feature = "server")]
mod publishing;
#[cfg(feature = "server")]
mod readers;
mod registry;
mod result_id;
mod shard;
#[cfg(test)]
mod spec;
mod target;

use std::{future::Ready, sync::Arc};

use futures_util::future::{BoxFuture, Either};

pub(crate) use background::Background;
#[cfg(feature = "server")]
pub(crate) use clustered::{Cluster, ClusteredLifetimeManager};
pub(crate) use connections::{GroupLimits, LocalConnections};
#[cfg(feature = "server")]
pub(crate) use durable::{Claims, Durability, DurableLifetimeManager};
#[cfg(feature = "server")]
pub(crate) use following::Following;
pub(crate) use limits::{ConnectionCounts, ConnectionLimits, Counted, TooMany};
pub(crate) use local::LocalLifetimeManager;
#[cfg(feature = "server")]
pub(crate) use presence::{Meta, Presence, Seen, Settings as PresenceSettings};
#[cfg(feature = "server")]
pub(crate) use publishing::Publishing;
#[cfg(feature = "server")]
pub(crate) use readers::{HistoryLimits, Readers};
pub(crate) use target::Target;

use crate::{
    connection::Peer,
    ids::{ConnectionId, GroupName},
    invocation::{SendError, Unexpected},
    protocol::{CompletionResult, EncodedMessage, Headers},
};

/// What a manager returns: a result that is there already, or one that another process has to give.
pub(crate) type Answer<T> = Either<Ready<Result<T, SendError>>, BoxFuture<'static, Result<T, SendError>>>;

/// Delivers to the connections of one hub and keeps its groups. A hub has one as `Arc<dyn HubLifetimeManager>`: the
/// local one for a single process, or one that speaks to other processes. Every manager must pass `lifetime_spec!`.
///
/// Messages come encoded: the caller asks for the protocols first and encodes for them.
pub(crate) trait HubLifetimeManager: Send + Sync + 'static {
    /// From now on the peer receives what is sent to it by this process, and once the answer is there, by any other. An
    /// error: what others send may not reach it yet.
    fn connect(&self, peer: Arc<Peer>) -> Answer<()>;
    /// The peer receives nothing more and is in no group.
    fn disconnect(&self, peer: &Peer);
    /// The protocols that a message to many connections must be encoded for: one bit for each protocol's slot.
    fn protocols(&self) -> u8;
    /// The same for a message that is kept in a log.
    fn log_protocols(&self) -> u8 {
        self.protocols()
    }
    /// The same for a message to one connection. None if there is certainly no such connection.
    fn protocols_of(&self, id: &ConnectionId) -> u8;
    /// Delivers `message` to all of `target`. It never waits for a socket. The connections of this process have it in
    /// their queues when this returns; the answer may take longer.
    fn send(&self, target: &Target, message: &EncodedMessage) -> Answer<()>;
    /// Delivers `message` to one connection; `false` if there is no such connection.
    fn send_to(&self, id: &ConnectionId, message: &EncodedMessage) -> Answer<bool>;
    /// Delivers a call that waits for a result, which has this id, to one connection. `false` if there is no such connection.
    fn ask(&self, id: &ConnectionId, _result_id: &str, message: &EncodedMessage) -> Answer<bool> {
        self.send_to(id, message)
    }
    /// Adds a connection to a group, within [`GroupLimits`]. An unknown connection is no error. Once the answer is there,
    /// messages to the group reach the connection.
    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()>;
    /// The same. A connection that has read nothing of the group's log gets the last messages of it first.
    fn add_with_history(&self, id: &ConnectionId, group: &GroupName, _last: usize) -> Answer<()> {
        self.add_to_group(id, group)
    }
    /// A client says how far it has read the logs of its groups and of its user.
    #[cfg(feature = "server")]
    fn resume(&self, _id: &ConnectionId, _claims: Claims) {}
    /// Removes a connection from a group. A connection that is not in it is no error.
    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()>;
    /// The invocation id under which a client is asked for the result of call `number`. A manager that speaks to other
    /// processes names its own process in it.
    fn result_id(&self, number: u64) -> String {
        result_id::write(number)
    }
    /// The number of the call that a client answers with this id; `None` if no call of this process has it.
    fn result_number(&self, id: &str) -> Option<u64> {
        result_id::read(id)
    }
    /// Gives a client's answer to the process that asked.
    fn forward_answer(
        &self,
        _id: &str,
        _peer: &Peer,
        _result: &CompletionResult<'_>,
        _headers: Headers<'_>,
    ) -> Result<(), Unexpected> {
        Err(Unexpected::Unknown)
    }
    /// Whether other processes wait for an answer of this connection.
    fn owes_answers(&self, _id: &ConnectionId) -> bool {
        false
    }
    /// Has what other processes send to all, to these groups and to this user reach the readers of the feed here.
    #[cfg(feature = "server")]
    fn follow(&self, _user: Option<&crate::ids::UserId>, _groups: &[GroupName]) -> Following {
        Following::default()
    }
    /// The client has gone, and answers nothing any more.
    fn client_gone(&self, _id: &ConnectionId) {}
}

/// An answer that is there already.
fn done<T>(value: T) -> Answer<T> {
    Either::Left(std::future::ready(Ok(value)))
}
