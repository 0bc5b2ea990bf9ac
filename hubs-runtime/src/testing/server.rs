//! Hubs without a network.

use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Recorded, Recorder, RecordingClient, TestClient};
use crate::{
    Hubs,
    call::{Dispatch, HubInterface},
    client::{ConnectError, HubConnection},
    hub::Principal,
    ids::ConnectionId,
    server::serve_in_process,
    transport::memory,
};

/// The hubs of an application, reachable from this process only.
#[derive(Debug)]
pub struct TestServer {
    hubs: Hubs,
}

impl TestServer {
    /// Serves `hubs`.
    pub fn new(hubs: Hubs) -> Self {
        Self { hubs }
    }

    /// The hubs, for their contexts and metrics.
    pub fn hubs(&self) -> &Hubs {
        &self.hubs
    }

    /// Connects a client whose methods are `client`, an implementation of the hub's client interface (`()` where it
    /// has none).
    pub async fn connect<C, H>(&self, contract: C, client: H) -> Result<TestClient<C>, ConnectError>
    where
        C: HubInterface,
        C::Client: Dispatch<H, Context = ()>,
        H: Send + Sync + 'static,
    {
        self.client().connect(contract, client).await
    }

    /// Connects a client that records what the hub calls on it.
    ///
    /// # Errors
    /// As [`TestServer::connect`].
    pub async fn record<C>(&self, contract: C) -> Result<RecordingClient<C>, ConnectError>
    where
        C: HubInterface<Client: Recorded>,
    {
        self.client().record(contract).await
    }

    /// Connects with a request of one's own.
    pub fn client(&self) -> Connect<'_> {
        Connect { server: self, request: http::Request::new(()) }
    }
}

/// A connection about to be made.
#[derive(Debug)]
pub struct Connect<'a> {
    server: &'a TestServer,
    request: http::Request<()>,
}

impl Connect<'_> {
    /// As this user.
    #[must_use]
    pub fn user(mut self, user: Principal) -> Self {
        self.request.extensions_mut().insert(user);
        self
    }

    /// With this request: its headers, query and extensions are what the hub sees.
    #[must_use]
    pub fn request(mut self, request: http::Request<()>) -> Self {
        self.request = request;
        self
    }

    /// Connects a client that records what the hub calls on it; see [`TestServer::record`].
    ///
    /// # Errors
    /// As [`Connect::connect`].
    pub async fn record<C>(self, contract: C) -> Result<RecordingClient<C>, ConnectError>
    where
        C: HubInterface<Client: Recorded>,
    {
        let recorder = Recorder::default();
        let client = self.connect(contract, recorder.clone()).await?;
        Ok(RecordingClient::new(client, recorder))
    }

    /// Connects; see [`TestServer::connect`].
    pub async fn connect<C, H>(self, _contract: C, client: H) -> Result<TestClient<C>, ConnectError>
    where
        C: HubInterface,
        C::Client: Dispatch<H, Context = ()>,
        H: Send + Sync + 'static,
    {
        let (near, far) = memory::pair(memory::DEFAULT_CAPACITY);
        let id = next_id();
        let runtime = Arc::clone(self.server.hubs.runtime::<C>());
        serve_in_process(runtime, id.clone(), self.request.into_parts().0, far);
        let connection = HubConnection::start::<C::Client, _, _>(near, client).await?;
        Ok(TestClient { connection, id, hub: PhantomData })
    }
}

/// Names a connection; of a test it need not be a secret.
fn next_id() -> ConnectionId {
    static LAST: AtomicU64 = AtomicU64::new(0);
    ConnectionId::new(format!("test-{}", LAST.fetch_add(1, Ordering::Relaxed) + 1))
}
