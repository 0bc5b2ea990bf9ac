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
    protocol::SendKey,
};

/// Chooses which clients to call. Every selector returns a proxy of the client interface `C`.
///
/// ```
/// use hubs::{HubContext, HubResult, client_interface, hub};
///
/// #[client_interface]
/// trait NewsClient {
///     async fn headline(&self, text: String) -> HubResult<()>;
///     async fn confirm(&self, question: String) -> HubResult<bool>;
/// }
/// # type Cx = hubs::HubCallerContext<NewsClientContract>;
/// # #[hub(client = NewsClient)]
/// # trait NewsHub { async fn ping(&self, cx: &Cx) -> HubResult<()>; }
///
/// async fn publish(context: &HubContext<NewsHubContract>, editor: &str) -> HubResult<()> {
///     let clients = context.clients();
///     if clients.client(editor).confirm("Publish?".into()).await? {
///         clients.group("sports").headline("4:2".into()).await?;
///         clients.user("ann").headline("A friend has scored".into()).await?;
///     }
///     Ok(())
/// }
/// # let _ = publish;
/// ```
///
/// Sending does not wait for a client: `Ok` means that the message is queued. Sending to a group without members or to an
/// unknown connection is no error. [`Clients::with_backpressure`] waits for room in the queues.
///
/// A proxy for one connection ([`Clients::client`]) can also ask for a value; it fails with
/// [`InvokeError`](crate::InvokeError). Dropping such a future gives the answer up.
pub struct Clients<C> {
    core: Arc<HubCore>,
    asking: Asking,
    /// The connection on whose behalf this sends: what it sends to itself waits for room.
    own: Option<Arc<Peer>>,
    /// Whether every send waits for room.
    waits: bool,
    /// Names what is recorded, so that it is recorded once.
    key: Option<Arc<SendKey>>,
    interface: PhantomData<fn() -> C>,
}

impl<C: Interface> Clients<C> {
    pub(crate) fn new(core: Arc<HubCore>, asking: Asking, own: Option<Arc<Peer>>, key: Option<Arc<SendKey>>) -> Self {
        Self { core, asking, own, waits: false, key, interface: PhantomData }
    }

    fn many(&self, target: Target) -> C::Proxy<Many> {
        let outlet = TargetOutlet { core: Arc::clone(&self.core), target, waits: self.waits, key: self.key.clone() };
        let outlet: Arc<dyn Outlet> = Arc::new(outlet);
        Proxy::new(outlet).into()
    }

    fn single(&self, id: ConnectionId) -> C::Proxy<Single> {
        let waits_for = match &self.own {
            Some(own) if own.id == id => Some(Arc::clone(own)),
            _ if self.waits => self.core.connections.peer(&id),
            _ => None,
        };
        let (core, asking) = (Arc::clone(&self.core), self.asking.clone());
        let outlet: Arc<dyn Outlet> = Arc::new(ConnectionOutlet { core, id, asking, waits_for });
        Proxy::new(outlet).into()
    }

    /// The same clients, with back-pressure: a send resolves when every receiver of this process has room in its queue
    /// (less than [`HubOptions::transport_max_buffer_size`](crate::HubOptions) bytes), and only then queues its message.
    /// Such a message to [`Clients::client`] never makes a client too slow, however large it is.
    ///
    /// Use it where a background task sends more than clients may be able to read, such as an export or a replay. A
    /// client that reads nothing holds the sender up until the hub closes it, after `transport_send_timeout`. Dropping the
    /// future before it resolves sends nothing.
    ///
    /// ```
    /// # use hubs::{HubContext, HubResult, InvokeError, client_interface, hub};
    /// # #[client_interface]
    /// # trait ReportClient { async fn row(&self, row: String) -> HubResult<()>; }
    /// # pub type Cx = hubs::HubCallerContext<ReportClientContract>;
    /// # #[hub(client = ReportClient)]
    /// # trait ReportHub {}
    /// async fn export(context: HubContext<ReportHubContract>, id: String, rows: Vec<String>) -> Result<(), InvokeError> {
    ///     let client = context.clients().with_backpressure().client(id);
    ///     for row in rows {
    ///         client.row(row).await?; // waits while the client is behind
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn with_backpressure(&self) -> Self {
        Self { waits: true, ..self.clone() }
    }

    /// The same clients, whose durable messages are recorded once for each `key`: who does not know whether a message was
    /// recorded sends it again with the same key. The log knows a key for as long as it keeps an entry
    /// (`HubOptions::durable_log_age`). Several messages that one such value sends to the same group are told apart by their
    /// order. Take a key of your own, such as the id of an order.
    ///
    /// ```
    /// # use hubs::{HubContext, HubResult, SendError, client_interface, hub};
    /// # #[client_interface]
    /// # trait ShopClient { #[method(durable)] async fn paid(&self, order: u64) -> HubResult<()>; }
    /// # pub type Cx = hubs::HubCallerContext<ShopClientContract>;
    /// # #[hub(client = ShopClient)]
    /// # trait ShopHub {}
    /// async fn paid(context: &HubContext<ShopHubContract>, order: u64) -> Result<(), SendError> {
    ///     context.clients().with_key(format!("paid-{order}")).group("cashiers").paid(order).await
    /// }
    /// # let _ = paid;
    /// ```
    #[must_use]
    pub fn with_key(&self, key: impl Into<String>) -> Self {
        Self { key: Some(Arc::new(SendKey::new(key.into()))), ..self.clone() }
    }

    /// Bytes that are queued for a connection and not yet written; `None` if this process has no such connection.
    pub fn queued_bytes(&self, id: impl Into<ConnectionId>) -> Option<usize> {
        self.core.connections.peer(&id.into()).map(|peer| peer.outbox.waiting())
    }

    /// All connections of this hub.
    pub fn all(&self) -> C::Proxy<Many> {
        self.many(Target::All { except: Vec::new() })
    }

    /// All connections except these.
    pub fn all_except<I: Into<ConnectionId>>(&self, except: impl IntoIterator<Item = I>) -> C::Proxy<Many> {
        self.many(Target::All { except: except.into_iter().map(Into::into).collect() })
    }

    /// One connection, which may be asked for a value.
    pub fn client(&self, id: impl Into<ConnectionId>) -> C::Proxy<Single> {
        self.single(id.into())
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

    /// The members of a group except these connections.
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
        let (core, asking, own) = (Arc::clone(&self.core), self.asking.clone(), self.own.clone());
        Self { core, asking, own, waits: self.waits, key: self.key.clone(), interface: PhantomData }
    }
}

impl<C> fmt::Debug for Clients<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("hub", &self.core).finish_non_exhaustive()
    }
}

/// [`Clients`] as a hub method sees them: with its caller. Every selector of [`Clients`] is there too.
///
/// ```
/// use hubs::{HubCallerContext, HubResult, client_interface, hub};
///
/// #[client_interface]
/// trait ChatClient { async fn receive(&self, text: String) -> HubResult<()>; }
/// type Cx = HubCallerContext<ChatClientContract>;
///
/// #[hub(client = ChatClient)]
/// trait ChatHub { async fn say(&self, cx: &Cx, room: String, text: String) -> HubResult<()>; }
///
/// struct Chat;
///
/// impl ChatHub for Chat {
///     async fn say(&self, cx: &Cx, room: String, text: String) -> HubResult<()> {
///         cx.clients().caller().receive("sent".into()).await?;
///         Ok(cx.clients().others_in_group(room).receive(text).await?)
///     }
/// }
/// ```
pub struct CallerClients<C> {
    clients: Clients<C>,
    caller: Arc<Peer>,
}

impl<C: Interface> CallerClients<C> {
    pub(crate) fn new(core: Arc<HubCore>, asking: Asking, caller: Arc<Peer>, key: Option<Arc<SendKey>>) -> Self {
        Self { clients: Clients::new(core, asking, Some(Arc::clone(&caller)), key), caller }
    }

    /// The client that made this call; it may be asked for a value.
    ///
    /// A send to it waits while its queue has no room (`HubOptions::transport_max_buffer_size`), before the message is
    /// queued. It never makes the client too slow. The same holds for [`Clients::client`] with the caller's id.
    pub fn caller(&self) -> C::Proxy<Single> {
        self.clients.single(self.caller.id.clone())
    }

    /// All connections except the caller.
    pub fn others(&self) -> C::Proxy<Many> {
        self.clients.all_except([&self.caller.id])
    }

    /// The members of a group except the caller.
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
