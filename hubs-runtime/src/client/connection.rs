//! [`HubConnection`]: a client's connection to one hub.

use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, interval};

use super::{
    Closed,
    handlers::{Handlers, TypedHandlers},
    handshake::shake_hands,
    outlet::{Alive, HubOutlet},
    role::{ClientRole, Shared},
};
use crate::{
    call::{Dispatch, Interface, Outlet, Proxy, Single},
    connection::{End, Inbox, Intervals, OutboxLimits, Peer},
    engine::{Connection, Engine, Rules, Side, Texts},
    ids::ConnectionId,
    invocation::{Permits, StreamOpener},
    protocol::{JsonHubProtocol, Outgoing},
    transport::Transport,
};

/// How long the server may take to answer the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long the server may take to close its side.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The clocks of the official clients.
const INTERVALS: Intervals = Intervals {
    keep_alive: Duration::from_secs(15),
    client_timeout: Duration::from_secs(30),
    send_timeout: Duration::from_secs(10),
    slow_consumer_grace: Duration::from_secs(1),
};

/// What a client queues for a server that does not read.
const QUEUE: OutboxLimits = OutboxLimits::DEFAULT;

/// How many bytes of streams wait for their readers before the connection is not read any more.
const STREAMS: usize = 256 * 1024;

/// How many items of each stream still fit then.
const STREAM_ITEMS: usize = 10;

/// How many calls of the server run at once. Further ones wait in their order, and with them the server.
const PARALLEL_CALLS: usize = 1_000;

/// Why a connection did not come about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server refused the handshake, with this text.
    #[error("server refused the handshake: {0}")]
    Refused(String),
    /// The transport ended or failed first.
    #[error("the connection was closed before the handshake could complete")]
    Closed,
    /// The server did not answer in time.
    #[error("no answer to the handshake in time")]
    TimedOut,
}

/// A client's connection to one hub. Cheap to clone; it ends with [`HubConnection::stop`] or when the last clone, the
/// last proxy and the last call that waits for its answer are gone.
#[derive(Clone)]
pub struct HubConnection {
    shared: Arc<Alive>,
}

impl HubConnection {
    /// Shakes hands over an open transport and serves `client` on it, an implementation of the client interface `C`.
    ///
    /// # Errors
    ///
    /// If the server refuses the handshake, does not answer within 15 s, or the transport ends before.
    pub async fn start<C, H, T>(mut transport: T, client: H) -> Result<Self, ConnectError>
    where
        C: Dispatch<H, Context = ()>,
        H: Send + Sync + 'static,
        T: Transport,
    {
        let protocol = &JsonHubProtocol;
        let mut inbox = Inbox::default();
        let shaking = shake_hands(protocol, &mut transport, &mut inbox);
        tokio::time::timeout(HANDSHAKE_TIMEOUT, shaking).await.map_err(|_| ConnectError::TimedOut)??;
        let peer = Arc::new(Peer::new(ConnectionId::new("server"), None, protocol, QUEUE));
        let opener = StreamOpener::new(Arc::clone(&peer), STREAMS, STREAM_ITEMS);
        let shared = Arc::new(Shared::new(Arc::clone(&peer), opener.clone()));
        let handlers: Arc<dyn Handlers> = Arc::new(TypedHandlers::<H, C>::new(client));
        let role = ClientRole::new(Arc::clone(&shared), handlers);
        let permits = Arc::new(Permits::new(PARALLEL_CALLS));
        // As the official clients do: after the first ping the server expects one in every interval.
        peer.encode_uncounted(&Outgoing::Ping);
        peer.arm();
        tokio::spawn(tick(Arc::downgrade(&peer)));
        let engine = Engine::new(role, rules(), peer, permits, opener, inbox);
        tokio::spawn(Connection::new(engine, transport).serve());
        Ok(Self { shared: Arc::new(Alive(shared)) })
    }

    /// Calls the hub `C`.
    pub fn hub<C: Interface>(&self) -> C::Proxy<Single> {
        let outlet: Arc<dyn Outlet> = Arc::new(HubOutlet { shared: Arc::clone(&self.shared) });
        Proxy::new(outlet).into()
    }

    /// Resolves when the connection has ended, with the reason.
    pub async fn closed(&self) -> Closed {
        self.shared.0.outcome.wait().await
    }

    /// Closes the connection and waits for its end. The reason is another one where the connection had ended before.
    pub async fn stop(&self) -> Closed {
        self.shared.0.peer.outbox.end(End::Aborted);
        self.closed().await
    }

    /// Drops the connection without a Close message, as a client does that loses its network.
    pub async fn disconnect_abruptly(&self) {
        self.shared.0.peer.outbox.end(End::Gone);
        self.closed().await;
    }
}

fn rules() -> Rules {
    Rules {
        texts: Texts { side: Side::Client, detailed: false },
        message_size: None,
        streams: usize::MAX,
        calls: usize::MAX,
        close_timeout: CLOSE_TIMEOUT,
    }
}

/// The clock of one connection, until it has ended.
async fn tick(peer: Weak<Peer>) {
    let mut ticks = interval(INTERVALS.tick());
    loop {
        ticks.tick().await;
        let Some(peer) = peer.upgrade() else { return };
        if peer.ended.is_cancelled() {
            return;
        }
        peer.tick(Instant::now(), &INTERVALS);
    }
}

impl fmt::Debug for HubConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubConnection").field("ended", &self.shared.0.outcome.get()).finish_non_exhaustive()
    }
}
