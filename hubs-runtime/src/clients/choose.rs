//! The selectors: SignalR's `Clients`, with the types of the client interface.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use super::{
    Asking, HubCore,
    outlet::{ConnectionOutlet, TargetOutlet},
};
use crate::{
    call::{Interface, Many, Outlet, Proxy, Single},
    connection::Peer,
    ids::{ConnectionId, GroupName, UserId},
    lifetime::Target,
};

/// Chooses which clients to call. Every method gives a proxy of the client interface `C`.
///
/// Sending never waits for a client: `Ok` means queued. Sending to nobody is no error.
pub struct Clients<C> {
    core: Arc<HubCore>,
    asking: Asking,
    interface: PhantomData<fn() -> C>,
}

impl<C: Interface> Clients<C> {
    pub(crate) fn new(core: Arc<HubCore>, asking: Asking) -> Self {
        Self { core, asking, interface: PhantomData }
    }

    fn many(&self, target: Target) -> C::Proxy<Many> {
        let outlet: Arc<dyn Outlet> = Arc::new(TargetOutlet { core: Arc::clone(&self.core), target });
        Proxy::new(outlet).into()
    }

    fn single(&self, id: ConnectionId, own: Option<Arc<Peer>>) -> C::Proxy<Single> {
        let (core, asking) = (Arc::clone(&self.core), self.asking.clone());
        let outlet: Arc<dyn Outlet> = Arc::new(ConnectionOutlet { core, id, asking, own });
        Proxy::new(outlet).into()
    }

    /// Everybody connected to this hub.
    pub fn all(&self) -> C::Proxy<Many> {
        self.many(Target::All { except: Vec::new() })
    }

    /// Everybody but these connections.
    pub fn all_except<I: Into<ConnectionId>>(&self, except: impl IntoIterator<Item = I>) -> C::Proxy<Many> {
        self.many(Target::All { except: except.into_iter().map(Into::into).collect() })
    }

    /// One connection, which may be asked for a value.
    pub fn client(&self, id: impl Into<ConnectionId>) -> C::Proxy<Single> {
        let id = id.into();
        let own = match &self.asking {
            Asking::Call { caller, .. } if caller.id == id => Some(Arc::clone(caller)),
            _ => None,
        };
        self.single(id, own)
    }

    /// These connections.
    pub fn clients<I: Into<ConnectionId>>(&self, ids: impl IntoIterator<Item = I>) -> C::Proxy<Many> {
        self.many(Target::Connections(ids.into_iter().map(Into::into).collect()))
    }

    /// The members of a group.
    pub fn group(&self, name: impl Into<GroupName>) -> C::Proxy<Many> {
        self.groups([name])
    }

    /// The members of these groups. A member of two of them is called twice.
    pub fn groups<N: Into<GroupName>>(&self, names: impl IntoIterator<Item = N>) -> C::Proxy<Many> {
        self.many(Target::Groups { names: names.into_iter().map(Into::into).collect(), except: Vec::new() })
    }

    /// The members of a group but for these connections.
    pub fn group_except<I: Into<ConnectionId>>(
        &self,
        name: impl Into<GroupName>,
        except: impl IntoIterator<Item = I>,
    ) -> C::Proxy<Many> {
        let except = except.into_iter().map(Into::into).collect();
        self.many(Target::Groups { names: vec![name.into()], except })
    }

    /// All connections of a user.
    pub fn user(&self, id: impl Into<UserId>) -> C::Proxy<Many> {
        self.users([id])
    }

    /// All connections of these users.
    pub fn users<I: Into<UserId>>(&self, ids: impl IntoIterator<Item = I>) -> C::Proxy<Many> {
        self.many(Target::Users(ids.into_iter().map(Into::into).collect()))
    }
}

impl<C> Clone for Clients<C> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), asking: self.asking.clone(), interface: PhantomData }
    }
}

impl<C> fmt::Debug for Clients<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("hub", &self.core).finish_non_exhaustive()
    }
}

/// [`Clients`] as a hub method sees them: with its caller.
pub struct CallerClients<C> {
    clients: Clients<C>,
    caller: Arc<Peer>,
}

impl<C: Interface> CallerClients<C> {
    pub(crate) fn new(clients: Clients<C>, caller: Arc<Peer>) -> Self {
        Self { clients, caller }
    }

    /// The client that made this call; it may be asked for a value. A push to it waits while more than 64 KiB are
    /// queued for it.
    pub fn caller(&self) -> C::Proxy<Single> {
        self.clients.single(self.caller.id.clone(), Some(Arc::clone(&self.caller)))
    }

    /// Everybody but the caller.
    pub fn others(&self) -> C::Proxy<Many> {
        self.clients.all_except([&self.caller.id])
    }

    /// The members of a group but for the caller.
    pub fn others_in_group(&self, name: impl Into<GroupName>) -> C::Proxy<Many> {
        self.clients.group_except(name, [&self.caller.id])
    }
}

impl<C> Deref for CallerClients<C> {
    type Target = Clients<C>;

    fn deref(&self) -> &Clients<C> {
        &self.clients
    }
}

impl<C> Clone for CallerClients<C> {
    fn clone(&self) -> Self {
        Self { clients: self.clients.clone(), caller: Arc::clone(&self.caller) }
    }
}

impl<C> fmt::Debug for CallerClients<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerClients").field("caller", &self.caller.id).finish_non_exhaustive()
    }
}
