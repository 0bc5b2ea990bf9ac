//! A typed client in the test's own process.

use std::{fmt, marker::PhantomData};

use crate::{
    call::{HubInterface, Single},
    client::HubConnection,
    ids::ConnectionId,
};

/// A client of hub `C`.
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

    /// The name of this connection, as the hub sees it.
    pub fn connection_id(&self) -> &ConnectionId {
        &self.id
    }

    /// Says goodbye and waits for the end.
    pub async fn stop(&self) {
        self.connection.stop().await;
    }

    /// Drops the connection without a word.
    pub async fn drop_off(&self) {
        self.connection.drop_off().await;
    }

    /// Resolves when the connection has ended, whoever ended it.
    pub async fn closed(&self) {
        self.connection.closed().await;
    }
}

impl<C> fmt::Debug for TestClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient").field("id", &self.id).finish_non_exhaustive()
    }
}
