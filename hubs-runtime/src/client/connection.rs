//! [`HubConnection`]: a client's connection to one hub.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::watch;

use super::{
    Closed, ConnectError, HubConnectionBuilder, HubConnectionState, RetryPolicy,
    core::{Alive, Core, Plan},
    dial::Opened,
    handlers::{Handlers as _, TypedHandlers},
    outlet::HubOutlet,
    session::Speech,
};
use crate::{
    call::{Addressing, Dispatch, Interface, Outlet, Proxy, Single},
    connection::End,
    ids::ConnectionId,
    protocol::HubProtocol,
    transport::Transport,
};

/// A client's connection to one hub, over all reconnects. Cheap to clone; it ends with [`HubConnection::stop`] or when the
/// last clone, the last proxy and the last call that waits for its answer are gone.
#[derive(Clone)]
pub struct HubConnection {
    pub(super) alive: Arc<Alive>,
}

impl HubConnection {
    /// Starts to connect to the hub at `url`: `http`, `https`, `ws` or `wss`. A wrong address is told when it connects.
    pub fn builder(url: &str) -> HubConnectionBuilder {
        HubConnectionBuilder::new(url)
    }

    pub(super) fn of(alive: Arc<Alive>) -> Self {
        Self { alive }
    }

    /// Shakes hands over an open transport and serves `client` on it, an implementation of the client interface `C`. It is
    /// not made again when it is lost.
    #[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "only the test kit opens transports itself"))]
    pub(crate) async fn over<C, H, T>(
        transport: T,
        id: ConnectionId,
        protocol: &'static dyn HubProtocol,
        client: H,
    ) -> Result<Self, ConnectError>
    where
        C: Dispatch<H, Context = ()>,
        H: Send + Sync + 'static,
        T: Transport,
    {
        let handlers = Arc::new(TypedHandlers::<H, C>::new(client));
        let plan = Plan {
            dial: Arc::new(Opened::new(transport, Some(id))),
            logs: handlers.are_durable().then(Arc::default),
            on_presence: None,
            handlers,
            speech: Speech::of(protocol),
            retry: RetryPolicy::never(),
            retry_first: false,
            reconnected: None,
        };
        Core::start(plan).await.map(Self::of)
    }

    /// Calls the hub `C`. The proxy lives through reconnects; it is the handle that keeps the connection open, as this one.
    pub fn hub<C: Interface>(&self) -> C::Proxy<Single> {
        self.proxy::<C, _>(None)
    }

    pub(super) fn proxy<C: Interface, S: Addressing>(&self, deadline: Option<Duration>) -> C::Proxy<S> {
        Proxy::new(self.outlet(deadline)).into()
    }

    pub(super) fn outlet(&self, deadline: Option<Duration>) -> Arc<dyn Outlet> {
        Arc::new(HubOutlet { alive: Arc::clone(&self.alive), deadline })
    }

    /// The id of the connection that is there now, as the hub sees it. `None` while there is none, or where it was not
    /// negotiated.
    pub fn id(&self) -> Option<ConnectionId> {
        self.alive.0.live().and_then(|session| session.id.clone())
    }

    /// What the connection is doing.
    pub fn state(&self) -> HubConnectionState {
        self.alive.0.watch().borrow().clone()
    }

    /// What the connection is doing, from now on. Only the latest state is kept for a reader that is slow.
    pub fn states(&self) -> watch::Receiver<HubConnectionState> {
        self.alive.0.watch()
    }

    /// Resolves when the connection has ended for good, with the reason. A connection that is lost and made again has not.
    pub async fn closed(&self) -> Closed {
        self.alive.0.closed().await
    }

    /// Closes the connection and waits for its end. The reason is another one where the connection had ended before.
    pub async fn stop(&self) -> Closed {
        self.alive.0.stop();
        self.closed().await
    }

    /// Drops the connection without a Close message, as a client does that loses its network. It is made again like any
    /// other that is lost.
    pub async fn disconnect_abruptly(&self) {
        if let Some(session) = self.alive.0.live() {
            session.peer.outbox.end(End::Gone);
            session.outcome.wait().await;
        }
    }
}

impl fmt::Debug for HubConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubConnection").field("state", &self.state()).finish_non_exhaustive()
    }
}
