//! A typed client in the process of the test.

use std::{fmt, marker::PhantomData};

use crate::{
    call::{HubInterface, Single},
    client::HubConnection,
    ids::ConnectionId,
};

/// A connected client of hub `C`. [`TestServer::connect`](super::TestServer::connect) makes one. It disconnects when it
/// is dropped.
pub struct TestClient<C> {
    pub(super) connection: HubConnection,
    pub(super) id: ConnectionId,
    pub(super) hub: PhantomData<fn() -> C>,
}

impl<C: HubInterface> TestClient<C> {
    /// Calls the hub.
    pub fn hub(&self) -> C::Proxy<Single> {
        self.connection.hub::<C>()
    }

    /// The connection, for calls by name and for its state.
    pub fn connection(&self) -> &HubConnection {
        &self.connection
    }

    /// The id of this connection, as the hub sees it.
    pub fn connection_id(&self) -> &ConnectionId {
        &self.id
    }

    /// Closes the connection gracefully and waits until it has ended.
    pub async fn stop(&self) {
        self.connection.stop().await;
    }

    /// Drops the connection without a Close message, as a client that loses its network does.
    pub async fn disconnect_abruptly(&self) {
        self.connection.disconnect_abruptly().await;
    }

    /// Resolves when the connection has ended, whichever end closed it.
    pub async fn closed(&self) {
        self.connection.closed().await;
    }
}

impl<C> fmt::Debug for TestClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient").field("id", &self.id).finish_non_exhaustive()
    }
}
