//! Group membership.

use std::sync::Arc;

use super::HubCore;
use crate::{
    ids::{ConnectionId, GroupName},
    invocation::SendError,
    lifetime::HubLifetimeManager,
};

/// Puts connections into groups and takes them out.
///
/// Membership belongs to a connection and ends with it: a client that reconnects is a new connection and joins anew.
/// Whatever is sent to a group after [`Groups::add`] has returned reaches the new member.
#[derive(Debug, Clone)]
pub struct Groups {
    core: Arc<HubCore>,
}

impl Groups {
    pub(crate) fn new(core: Arc<HubCore>) -> Self {
        Self { core }
    }

    /// Puts a connection into a group. Adding it twice, or one that is not connected, does nothing.
    pub async fn add(&self, connection: impl Into<ConnectionId>, group: impl Into<GroupName>) -> Result<(), SendError> {
        let done = self.core.lifetime.add_to_group(&connection.into(), &group.into());
        done.await
    }

    /// Takes a connection out of a group. One that is not in it does nothing.
    pub async fn remove(
        &self,
        connection: impl Into<ConnectionId>,
        group: impl Into<GroupName>,
    ) -> Result<(), SendError> {
        let done = self.core.lifetime.remove_from_group(&connection.into(), &group.into());
        done.await
    }
}
