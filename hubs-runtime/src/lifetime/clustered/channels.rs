//! The names of the channels of one hub: those of ASP.NET Core's package for Redis.

use crate::ids::{ConnectionId, GroupName, UserId};

/// Makes the names of a hub's channels.
#[derive(Debug, Clone)]
pub(crate) struct Channels {
    hub: String,
}

impl Channels {
    /// For the hub of this name, which all nodes must give it: that of an ASP.NET Core node is the full name of its class.
    pub(crate) fn new(hub: &str) -> Self {
        Self { hub: hub.to_owned() }
    }

    pub(crate) fn all(&self) -> String {
        format!("{}:all", self.hub)
    }

    pub(crate) fn connection(&self, id: &ConnectionId) -> String {
        format!("{}:connection:{}", self.hub, id.as_str())
    }

    pub(crate) fn group(&self, name: &GroupName) -> String {
        format!("{}:group:{}", self.hub, name.as_str())
    }

    pub(crate) fn user(&self, id: &UserId) -> String {
        format!("{}:user:{}", self.hub, id.as_str())
    }

    /// Where nodes ask each other to add connections to groups, and to remove them.
    pub(crate) fn group_commands(&self) -> String {
        format!("{}:internal:groups", self.hub)
    }

    /// Where a node learns that such a command was done.
    pub(crate) fn acks(&self, node: &str) -> String {
        format!("{}:internal:ack:{node}", self.hub)
    }

    /// Where a node gets the answers of clients that it has asked.
    pub(crate) fn returns(&self, node: &str) -> String {
        format!("{}:internal:return:{node}", self.hub)
    }
}
