//! Group membership.

use std::sync::Arc;

use super::HubCore;
use crate::{
    ids::{ConnectionId, GroupName},
    invocation::SendError,
};

/// Adds connections to groups and removes them. A group exists as long as it has members.
///
/// ```
/// use hubs::{HubCallerContext, HubResult, NoClient, hub};
///
/// type Cx = HubCallerContext<NoClient>;
///
/// #[hub]
/// trait Rooms { async fn join(&self, cx: &Cx, room: String) -> HubResult<()>; }
///
/// struct Lobby;
///
/// impl Rooms for Lobby {
///     async fn join(&self, cx: &Cx, room: String) -> HubResult<()> {
///         Ok(cx.groups().add(cx.connection_id(), room).await?)
///     }
/// }
/// ```
///
/// Membership belongs to a connection and ends with it: a client that reconnects is a new connection and joins again.
/// Everything sent to a group after [`Groups::add`] has returned reaches the new member.
#[derive(Debug, Clone)]
pub struct Groups {
    core: Arc<HubCore>,
}

impl Groups {
    pub(crate) fn new(core: Arc<HubCore>) -> Self {
        Self { core }
    }

    /// Adds a connection to a group. Adding it twice, or adding an unknown connection, does nothing. Whether its user may be
    /// in the group is for the caller to know; [`HubCallerContext::join_authorized`](crate::HubCallerContext::join_authorized)
    /// checks it, and checks it again when the user's authentication changes.
    ///
    /// # Errors
    ///
    /// [`SendError::TooManyGroups`] and [`SendError::GroupNameTooLong`], by the options `maximum_groups_per_connection` and
    /// `maximum_group_name_length` of the hub. The groups that the connection is in stay.
    pub async fn add(&self, connection: impl Into<ConnectionId>, group: impl Into<GroupName>) -> Result<(), SendError> {
        let done = self.core.lifetime.add_to_group(&connection.into(), &group.into());
        done.await
    }

    /// As [`Groups::add`], and the connection gets the last messages that were sent to the group with durable methods first,
    /// `last` at most and as many as the log keeps (`HubOptions::durable_log_entries` and the options beside it). A
    /// connection whose client says how far it has read gets what it has missed instead. One of another node joins without
    /// them.
    ///
    /// # Errors
    ///
    /// As [`Groups::add`], and [`SendError::Backplane`] if the log cannot be read: the connection is in the group and gets
    /// no durable messages.
    pub async fn add_with_history(
        &self,
        connection: impl Into<ConnectionId>,
        group: impl Into<GroupName>,
        last: usize,
    ) -> Result<(), SendError> {
        let done = self.core.lifetime.add_with_history(&connection.into(), &group.into(), last);
        done.await
    }

    /// Removes a connection from a group. Removing one that is not a member does nothing.
    pub async fn remove(
        &self,
        connection: impl Into<ConnectionId>,
        group: impl Into<GroupName>,
    ) -> Result<(), SendError> {
        let (connection, group) = (connection.into(), group.into());
        let done = self.core.lifetime.remove_from_group(&connection, &group);
        self.core.guarded.forget(&connection, &group);
        done.await
    }
}
