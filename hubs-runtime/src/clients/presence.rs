//! Who is in a group.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::HubCore;
use crate::{
    call::PresenceMeta,
    ids::{ConnectionId, GroupName, Present},
    invocation::SendError,
    lifetime::{self, Seen},
};

/// Shows who is in a group: each member with what it shows of itself, on all nodes. It comes from
/// [`HubCallerContext::presence`](crate::HubCallerContext::presence) and [`HubContext::presence`](crate::HubContext::presence),
/// for hubs whose client interface names the type: `#[client_interface(presence = Member)]`. Cheap to clone. Needs feature
/// `server`.
///
/// ```
/// use hubs::{HubCallerContext, HubResult, client_interface, hub, hub_type};
///
/// #[hub_type]
/// #[derive(Clone)]
/// struct Member { name: String, typing: bool }
///
/// #[client_interface(presence = Member)]
/// trait RoomClient { async fn said(&self, text: String) -> HubResult<()>; }
/// type Cx = HubCallerContext<RoomClientContract>;
///
/// #[hub(client = RoomClient)]
/// trait RoomHub { async fn join(&self, cx: &Cx, room: String, name: String) -> HubResult<()>; }
///
/// struct Rooms;
///
/// impl RoomHub for Rooms {
///     async fn join(&self, cx: &Cx, room: String, name: String) -> HubResult<()> {
///         cx.groups().add(cx.connection_id(), &room).await?;
///         cx.presence().track(cx.connection_id(), room, Member { name, typing: false })?;
///         Ok(())
///     }
/// }
/// ```
///
/// A connection that is tracked in a group, or watches it, is sent all members first and then what changes, as calls of
/// `hubs:presence`; generated TypeScript reads them. Changes are collected for 100 ms. A member has left when its last
/// connection has been gone for `HubOptions::presence_leave_delay`, on all nodes: a page that is loaded again does not leave.
/// The members of a node that was killed leave within 15 s. Groups with more members than `HubOptions::presence_list_limit`
/// are sent as a number.
///
/// It ends with the connection, and when the connection is removed from the group of the same name: a client that reconnects
/// is a new connection, and is tracked again by the method that it joins with. All of it is called inside of a Tokio runtime,
/// as hub methods and the handlers of axum are. Whether a connection may see or join a group
/// is for the caller to know, as with [`Groups::add`](crate::Groups::add).
pub struct Presence<M> {
    core: Arc<HubCore>,
    member: PhantomData<fn() -> M>,
}

impl<M: PresenceMeta> Presence<M> {
    pub(crate) fn new(core: Arc<HubCore>) -> Self {
        Self { core, member: PhantomData }
    }

    /// Shows a connection as a member of a group. Its key is the user id of the connection, or the connection id where there
    /// is no user: several connections of one user are one member, which shows what the newest of them does. Tracking a
    /// connection again changes what it shows. The connection sees the members, too.
    ///
    /// It does nothing for a connection that is not on this node. It does not wait: the other nodes are told within 100 ms.
    ///
    /// # Errors
    ///
    /// [`SendError::MemberTooLarge`], by the option `presence_member_size` of the hub; [`SendError::MemberKeyTooLong`], above
    /// 256 bytes; [`SendError::TooManyGroups`] and [`SendError::GroupNameTooLong`], by the options for groups. What was shown
    /// before stays.
    pub fn track(
        &self,
        connection: impl Into<ConnectionId>,
        group: impl Into<GroupName>,
        member: M,
    ) -> Result<(), SendError> {
        self.enter(&connection.into(), &group.into(), None, member)
    }

    /// As [`Presence::track`], with a key of the application's choice: connections with the same key are one member.
    ///
    /// # Errors
    ///
    /// As [`Presence::track`].
    pub fn track_as(
        &self,
        connection: impl Into<ConnectionId>,
        group: impl Into<GroupName>,
        key: impl Into<String>,
        member: M,
    ) -> Result<(), SendError> {
        self.enter(&connection.into(), &group.into(), Some(key.into()), member)
    }

    /// Lets a connection see who is in a group without being shown. If it was shown, it is shown no more.
    ///
    /// # Errors
    ///
    /// [`SendError::TooManyGroups`] and [`SendError::GroupNameTooLong`].
    pub fn watch(&self, connection: impl Into<ConnectionId>, group: impl Into<GroupName>) -> Result<(), SendError> {
        self.inner().map_or(Ok(()), |inner| inner.watch(&connection.into(), &group.into()))
    }

    /// A connection is neither shown in a group nor sees who is in it any more.
    pub fn untrack(&self, connection: impl Into<ConnectionId>, group: impl Into<GroupName>) {
        if let Some(inner) = self.inner() {
            inner.untrack(&connection.into(), &group.into());
        }
    }

    /// The members of a group on all nodes, in the order in which they have joined. On a node that has not
    /// followed the group it asks the other nodes first, and waits for them up to 2 s; members of nodes that do not answer
    /// by then are missing.
    pub async fn list(&self, group: impl Into<GroupName>) -> Vec<Present<M>> {
        let Some(inner) = self.inner() else { return Vec::new() };
        let present = |seen: Seen<'_, M>| Present::new(seen.key.to_owned(), seen.meta.clone(), seen.connections);
        inner.read(&group.into(), |members| members.into_iter().map(present).collect()).await
    }

    /// How many members a group has on all nodes; waits as [`Presence::list`] does.
    pub async fn count(&self, group: impl Into<GroupName>) -> usize {
        match self.inner() {
            Some(inner) => inner.count(&group.into()).await,
            None => 0,
        }
    }

    fn enter(
        &self,
        connection: &ConnectionId,
        group: &GroupName,
        key: Option<String>,
        member: M,
    ) -> Result<(), SendError> {
        self.inner().map_or(Ok(()), |inner| inner.track(connection, group, key, member))
    }

    fn inner(&self) -> Option<Arc<lifetime::Presence<M>>> {
        self.core.presence()
    }
}

impl<M> Clone for Presence<M> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), member: PhantomData }
    }
}

impl<M> fmt::Debug for Presence<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("hub", &self.core).finish()
    }
}
