//! Hubs without a network.

use std::{
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{Recorded, Recorder, RecordingClient, TestClient};
#[cfg(feature = "messagepack")]
use crate::protocol::MessagePackHubProtocol;
use crate::{
    Hubs,
    call::{Dispatch, HubInterface},
    client::{ConnectError, HubConnection},
    hub::Principal,
    ids::ConnectionId,
    protocol::{HubProtocol, JsonHubProtocol, dotnet_form},
    server::serve_in_process,
    transport::memory,
};

/// The hubs of an application, without a network: clients connect over memory. The module's page has an example.
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

    /// Starts to connect a client as a user, with a request of its own, or to a hub by its name.
    ///
    /// ```
    /// # use hubs::{HubCallerContext, HubResult, Hubs, NoClient, Principal, hub, testing::TestServer};
    /// # type Cx = HubCallerContext<NoClient>;
    /// # #[hub] trait Who { async fn am_i(&self, cx: &Cx) -> HubResult<Option<String>>; }
    /// # struct Knows;
    /// # impl Who for Knows {
    /// #     async fn am_i(&self, cx: &Cx) -> HubResult<Option<String>> { Ok(cx.user_id().map(ToString::to_string)) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = TestServer::new(Hubs::new().map("/who", WhoContract, Knows));
    /// let ann = server.client().user(Principal::new("ann")).connect(WhoContract, ()).await?;
    /// assert_eq!(ann.hub().am_i().await?.as_deref(), Some("ann"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn client(&self) -> TestClientBuilder<'_> {
        TestClientBuilder { server: self, hub: None, request: http::Request::new(()), protocol: &JsonHubProtocol }
    }
}

/// A client that is about to connect. [`TestServer::client`] makes one.
#[derive(Debug)]
pub struct TestClientBuilder<'a> {
    server: &'a TestServer,
    /// The name of the hub, if it is not the contract's.
    hub: Option<String>,
    request: http::Request<()>,
    protocol: &'static dyn HubProtocol,
}

impl TestClientBuilder<'_> {
    /// Connects as this user.
    #[must_use]
    pub fn user(mut self, user: Principal) -> Self {
        self.request.extensions_mut().insert(user);
        self
    }

    /// Connects to the hub that [`Hubs::map_named`] gave this name.
    #[must_use]
    pub fn hub(mut self, name: &str) -> Self {
        self.hub = Some(name.to_owned());
        self
    }

    /// Connects with this request: its headers, query and extensions are what the hub sees.
    #[must_use]
    pub fn request(mut self, request: http::Request<()>) -> Self {
        self.request = request;
        self
    }

    /// Speaks MessagePack in place of JSON: in .NET's form where the hub has `dotnet_messagepack`.
    #[cfg(feature = "messagepack")]
    #[must_use]
    pub fn messagepack(mut self) -> Self {
        self.protocol = &const { MessagePackHubProtocol::new() };
        self
    }

    /// Connects a client that records what the hub calls on it; see [`TestServer::record`].
    ///
    /// # Errors
    /// As [`TestClientBuilder::connect`].
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
        let runtime = self.server.hubs.runtime::<C>(self.hub.as_deref());
        let dotnet = runtime.options.dotnet_messagepack;
        let protocol = if dotnet { dotnet_form(self.protocol) } else { self.protocol };
        serve_in_process(runtime, id.clone(), self.request.into_parts().0, far)
            .await
            .map_err(|refused| ConnectError::Refused(refused.to_owned()))?;
        let connection = HubConnection::over::<C::Client, _, _>(near, id.clone(), protocol, client).await?;
        Ok(TestClient { connection, id, hub: PhantomData })
    }
}

/// The id of a connection. In a test it need not be hard to guess.
fn next_id() -> ConnectionId {
    static LAST: AtomicU64 = AtomicU64::new(0);
    ConnectionId::new(format!("test-{}", LAST.fetch_add(1, Ordering::Relaxed) + 1))
}
