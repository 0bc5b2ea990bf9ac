//! From an address to an open transport: negotiate, then the transports that both ends know, in the server's order, until
//! one opens.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    ConnectError,
    address::HubAddress,
    http::{Http, Requests},
    negotiate::{Negotiated, negotiate},
    renewal::Renewal,
    token::{Bearer, TokenProvider},
    transports::{events, polling, websocket},
};
use crate::{
    call::BoxFuture,
    ids::{ConnectionId, TransferFormat},
    transport::{Transport, TransportKind},
};

/// Opens transports to one hub.
pub(super) trait Dial: Send + Sync + 'static {
    /// Opens one, for a new connection.
    fn dial(self: Arc<Self>) -> BoxFuture<Result<Dialled, ConnectError>>;
}

/// An open transport, before the handshake.
pub(crate) struct Dialled {
    pub(super) transport: Box<dyn Transport>,
    /// The public id of the connection, where the client was told.
    pub(super) id: Option<ConnectionId>,
    /// How another socket is opened for the same connection, where it outlives its socket.
    pub(super) reopen: Option<Reopen>,
    /// What renews its token.
    pub(super) renewal: Option<Renewal>,
}

/// Opens another socket for a connection.
pub(super) type Reopen = Arc<dyn Fn() -> BoxFuture<Result<Box<dyn Transport>, ConnectError>> + Send + Sync>;

impl fmt::Debug for Dialled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialled").field("kind", &self.transport.kind()).field("id", &self.id).finish()
    }
}

/// A hub that is reached over the network.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) address: HubAddress,
    pub(super) http: Arc<Http>,
    pub(super) token: Option<TokenProvider>,
    /// What may be used, in any order.
    pub(super) transports: Vec<TransportKind>,
    pub(super) skip_negotiation: bool,
    /// Whether connections are to outlive their sockets.
    pub(super) stateful: bool,
    /// What the transport must carry.
    pub(super) format: TransferFormat,
    /// How long a transport may take to open.
    pub(super) limit: Duration,
}

impl Dial for Network {
    fn dial(self: Arc<Self>) -> BoxFuture<Result<Dialled, ConnectError>> {
        Box::pin(async move { if self.skip_negotiation { self.open_socket().await } else { open_any(self).await } })
    }
}

impl Network {
    /// The token, asked for each time.
    pub(super) async fn bearer(&self) -> Result<Bearer, ConnectError> {
        match &self.token {
            Some(provider) => provider.ask().await,
            None => Ok(Bearer::default()),
        }
    }

    /// A WebSocket without negotiating: the server makes the connection when it opens.
    async fn open_socket(&self) -> Result<Dialled, ConnectError> {
        if !self.transports.contains(&TransportKind::WebSockets) {
            let why = "only WebSockets can be used without negotiating, and they are not among the transports";
            return Err(ConnectError::Negotiation(why.to_owned()));
        }
        let requests = Requests { http: Arc::clone(&self.http), bearer: self.bearer().await? };
        let transport = self.in_time(websocket::open(&requests, self.address.connection(None))).await?;
        Ok(Dialled { transport: Box::new(transport), id: None, reopen: None, renewal: None })
    }

    async fn negotiate(&self) -> Result<Negotiated, ConnectError> {
        negotiate(&self.http.apart(), &self.address, self.bearer().await?, self.stateful).await
    }

    async fn in_time<T>(&self, opening: impl Future<Output = Result<T, ConnectError>>) -> Result<T, ConnectError> {
        let limit = self.limit;
        let why = || ConnectError::Request { what: "the transport", why: format!("it did not open within {limit:?}") };
        tokio::time::timeout(limit, opening).await.unwrap_or_else(|_| Err(why()))
    }
}

/// Negotiates, and opens the first transport that can be.
async fn open_any(network: Arc<Network>) -> Result<Dialled, ConnectError> {
    let negotiated = network.negotiate().await?;
    let usable = |(kind, formats): &(TransportKind, Vec<TransferFormat>)| {
        (network.transports.contains(kind) && formats.contains(&network.format)).then_some(*kind)
    };
    let kinds: Vec<_> = negotiated.transports.iter().filter_map(usable).collect();
    let mut fresh = Some(negotiated);
    let mut failed = Vec::new();
    for kind in kinds {
        // A token is good for one attempt.
        let negotiated = match fresh.take() {
            Some(negotiated) => negotiated,
            None => network.negotiate().await?,
        };
        let address = &negotiated.address;
        match network.in_time(open(kind, &negotiated)).await {
            Ok(transport) => {
                tracing::debug!(%address, connection = %negotiated.id, %kind, "transport is open");
                let id = Some(negotiated.id.clone());
                let stateful = negotiated.stateful && kind == TransportKind::WebSockets;
                let renewal = Renewal::of(&network, &negotiated);
                return Ok(Dialled { transport, id, reopen: stateful.then(|| reopener(network, negotiated)), renewal });
            }
            Err(error) => {
                tracing::debug!(%address, %kind, %error, "transport failed to open");
                failed.push((kind, error));
            }
        }
    }
    Err(ConnectError::NoTransport(failed))
}

/// Opens another WebSocket for a connection that was negotiated, with a fresh token of the application.
fn reopener(network: Arc<Network>, mut negotiated: Negotiated) -> Reopen {
    // The sockets that negotiated are not kept open for as long.
    negotiated.requests.http = network.http.apart();
    let negotiated = Arc::new(negotiated);
    Arc::new(move || {
        let (network, negotiated) = (Arc::clone(&network), Arc::clone(&negotiated));
        Box::pin(async move {
            let mut requests = negotiated.requests.clone();
            if !negotiated.redirected {
                requests.bearer = network.bearer().await?;
            }
            let uri = negotiated.address.connection(Some(&negotiated.token));
            let socket = network.in_time(websocket::open(&requests, uri)).await?;
            Ok(Box::new(socket) as Box<dyn Transport>)
        })
    })
}

async fn open(kind: TransportKind, negotiated: &Negotiated) -> Result<Box<dyn Transport>, ConnectError> {
    let uri = negotiated.address.connection(Some(&negotiated.token));
    let requests = &negotiated.requests;
    Ok(match kind {
        TransportKind::ServerSentEvents => Box::new(events::open(requests, uri).await?),
        TransportKind::LongPolling => Box::new(polling::open(requests, uri).await?),
        TransportKind::WebSockets | TransportKind::Memory => Box::new(websocket::open(requests, uri).await?),
    })
}

/// A transport that is open already: it can be used once.
pub(super) struct Opened(parking_lot::Mutex<Option<Dialled>>);

impl Opened {
    pub(super) fn new(transport: impl Transport, id: Option<ConnectionId>) -> Self {
        Self(parking_lot::Mutex::new(Some(Dialled { transport: Box::new(transport), id, reopen: None, renewal: None })))
    }
}

impl Dial for Opened {
    fn dial(self: Arc<Self>) -> BoxFuture<Result<Dialled, ConnectError>> {
        let opened = self.0.lock().take();
        Box::pin(std::future::ready(opened.ok_or(ConnectError::Closed)))
    }
}
