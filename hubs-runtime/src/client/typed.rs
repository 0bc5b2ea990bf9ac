//! [`HubClient`]: a connection whose hub is known at compile time.

use std::{fmt, marker::PhantomData, ops::Deref, time::Duration};

use super::HubConnection;
use crate::call::{HubInterface, Many, Single};

/// A client of the hub `C`. [`HubConnectionBuilder::connect`](super::HubConnectionBuilder::connect) makes one.
///
/// It dereferences to the hub's proxy, so that the hub's methods are called on it: `chat.say(..).await?`. Where a method of
/// the hub has the name of one of this type, call it on [`HubClient::hub`].
pub struct HubClient<C: HubInterface> {
    connection: HubConnection,
    proxy: C::Proxy<Single>,
    hub: PhantomData<fn() -> C>,
}

impl<C: HubInterface> HubClient<C> {
    pub(super) fn new(connection: HubConnection) -> Self {
        Self { proxy: connection.hub::<C>(), connection, hub: PhantomData }
    }

    /// Calls the hub.
    pub fn hub(&self) -> &C::Proxy<Single> {
        &self.proxy
    }

    /// Calls the hub, and waits for an answer no longer than `limit`: then the call fails with
    /// [`InvokeError::TimedOut`](crate::InvokeError::TimedOut), and the hub is told where its method can be cancelled.
    pub fn within(&self, limit: Duration) -> C::Proxy<Single> {
        self.connection.proxy::<C, _>(Some(limit))
    }

    /// Calls methods of the hub that return nothing, and does not wait for them: `Ok` means that the call is queued.
    pub fn without_waiting(&self) -> C::Proxy<Many> {
        self.connection.proxy::<C, _>(None)
    }

    /// The connection: its state and its end.
    pub fn connection(&self) -> &HubConnection {
        &self.connection
    }
}

impl<C: HubInterface> Deref for HubClient<C> {
    type Target = C::Proxy<Single>;

    fn deref(&self) -> &Self::Target {
        &self.proxy
    }
}

impl<C: HubInterface> Clone for HubClient<C> {
    fn clone(&self) -> Self {
        Self::new(self.connection.clone())
    }
}

impl<C: HubInterface> fmt::Debug for HubClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubClient").field("connection", &self.connection).finish_non_exhaustive()
    }
}
