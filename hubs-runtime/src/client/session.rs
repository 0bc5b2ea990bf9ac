//! One connection over one transport, from the handshake to its end. [`Core`](super::core::Core) makes one after the other.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, interval, timeout};

use super::{
    ConnectError,
    dial::Dialled,
    handlers::Handlers,
    handshake::shake_hands,
    role::{ClientRole, Shared},
};
use crate::{
    connection::{Inbox, Intervals, OutboxLimits, Peer},
    engine::{Connection, Engine, Rules, Side, Texts},
    ids::ConnectionId,
    invocation::{Permits, StreamOpener},
    protocol::{HubProtocol, Outgoing},
};

/// How long the server may take to close its side.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// What a client queues for a server that does not read.
const QUEUE: OutboxLimits = OutboxLimits::DEFAULT;

/// How many bytes of streams wait for their readers before the connection is not read any more.
const STREAMS: usize = 256 * 1024;

/// How many items of each stream still fit then.
const STREAM_ITEMS: usize = 10;

/// How many calls of the server run at once. Further ones wait in their order, and with them the server.
const PARALLEL_CALLS: usize = 1_000;

/// How connections speak.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speech {
    pub(super) protocol: &'static dyn HubProtocol,
    /// How long the server may take to answer the handshake.
    pub(super) handshake_timeout: Duration,
    /// After how long without a message the server is gone.
    pub(super) server_timeout: Duration,
    /// How often the server is pinged.
    pub(super) keep_alive: Duration,
}

impl Speech {
    /// With the times of the official clients.
    pub(super) fn of(protocol: &'static dyn HubProtocol) -> Self {
        Self {
            protocol,
            handshake_timeout: Duration::from_secs(15),
            server_timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(15),
        }
    }

    fn intervals(&self) -> Intervals {
        Intervals {
            keep_alive: self.keep_alive,
            client_timeout: self.server_timeout,
            send_timeout: Duration::from_secs(10),
            slow_consumer_grace: Duration::from_secs(1),
        }
    }
}

/// Shakes hands over an open transport, and serves it in a task of its own until it has ended.
pub(super) async fn open(
    dialled: Dialled,
    speech: Speech,
    handlers: Arc<dyn Handlers>,
) -> Result<Arc<Shared>, ConnectError> {
    let Dialled { mut transport, id } = dialled;
    let mut inbox = Inbox::default();
    let shaking = shake_hands(speech.protocol, &mut transport, &mut inbox);
    timeout(speech.handshake_timeout, shaking).await.map_err(|_| ConnectError::TimedOut)??;
    let name = id.clone().unwrap_or_else(|| ConnectionId::new("server"));
    let peer = Arc::new(Peer::new(name, None, speech.protocol, QUEUE));
    let opener = StreamOpener::new(Arc::clone(&peer), STREAMS, STREAM_ITEMS);
    let shared = Arc::new(Shared::new(Arc::clone(&peer), opener.clone(), id));
    let role = ClientRole::new(Arc::clone(&shared), handlers);
    let permits = Arc::new(Permits::new(PARALLEL_CALLS));
    // As the official clients do: after the first ping the server expects one in every interval.
    peer.encode_uncounted(&Outgoing::Ping);
    peer.arm();
    tokio::spawn(tick(Arc::downgrade(&peer), speech.intervals()));
    let engine = Engine::new(role, rules(), peer, permits, opener, inbox);
    tokio::spawn(Connection::new(engine, transport).serve());
    Ok(shared)
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
async fn tick(peer: Weak<Peer>, intervals: Intervals) {
    let mut ticks = interval(intervals.tick());
    loop {
        ticks.tick().await;
        let Some(peer) = peer.upgrade() else { return };
        if peer.ended.is_cancelled() {
            return;
        }
        peer.tick(Instant::now(), &intervals);
    }
}
