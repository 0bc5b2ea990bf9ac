//! Which connections a message is for.

use crate::ids::{ConnectionId, GroupName, UserId};

/// A choice of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// All connections except these.
    All { except: Vec<ConnectionId> },
    /// These connections.
    Connections(Vec<ConnectionId>),
    /// The members of these groups except these connections. A member of two gets the message twice, as in SignalR.
    Groups { names: Vec<GroupName>, except: Vec<ConnectionId> },
    /// All connections of these users.
    Users(Vec<UserId>),
}
