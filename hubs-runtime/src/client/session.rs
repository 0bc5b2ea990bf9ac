//! One connection over one transport, from the handshake to its end. [`Core`](super::core::Core) makes one after the other.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, interval, sleep, timeout};

use super::{
    ConnectError,
    dial::{Dialled, Reopen},
    handlers::Handlers,
    handshake::shake_hands,
    logs::ClientLogs,
    presence::OnPresence,
    role::{ClientRole, Shared},
};
use crate::{
    connection::{Handover, Inbox, Intervals, OutboxLimits, Peer, ReplayLimits},
    engine::{Connection, Engine, Resumption, Rules, Side, Texts},
    ids::ConnectionId,
    invocation::{Permits, StreamOpener},
    protocol::{HubProtocol, Outgoing, Payload},
    transport::Transport,
};

/// What the server is told first of the logs that this client reads.
const RESUME: &str = "hubs:resume";

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

/// What a connection keeps to send it again, as the official clients do.
const REPLAY: ReplayLimits = ReplayLimits { bytes: 100_000, messages: 10_000 };

/// How long a connection waits for another socket. ASP.NET Core keeps it for half of that.
const AWAY: Duration = Duration::from_secs(30);

/// How long to wait before another socket is tried for the second time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

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
    logs: Option<Arc<ClientLogs>>,
    on_presence: Option<OnPresence>,
) -> Result<Arc<Shared>, ConnectError> {
    let Dialled { mut transport, id, reopen, renewal } = dialled;
    let mut inbox = Inbox::default();
    let shaking = shake_hands(speech.protocol, reopen.is_some(), &mut transport, &mut inbox);
    timeout(speech.handshake_timeout, shaking).await.map_err(|_| ConnectError::TimedOut)??;
    let name = id.clone().unwrap_or_else(|| ConnectionId::new("server"));
    let peer = Arc::new(Peer::new(name, None, speech.protocol, QUEUE));
    let opener = StreamOpener::new(Arc::clone(&peer), STREAMS, STREAM_ITEMS);
    let resumed = logs.as_ref().map(|logs| logs.logs.lock().connected(id.as_ref()));
    let shared = Arc::new(Shared::new(Arc::clone(&peer), opener.clone(), id, logs, on_presence));
    let role = ClientRole::new(Arc::clone(&shared), handlers);
    let permits = Arc::new(Permits::new(PARALLEL_CALLS));
    if reopen.is_some() {
        peer.outbox.keep_replay(REPLAY, true);
    }
    if let Some((positions, earlier)) = resumed {
        let arguments: [&dyn Payload; 2] = [&positions, &earlier];
        let message = Outgoing::Invocation { id: None, target: RESUME, arguments: &arguments };
        // Texts and numbers alone: they can be written.
        let _ = peer.encode(&message);
    }
    // As the official clients do: after the first ping the server expects one in every interval.
    peer.encode_uncounted(&Outgoing::Ping);
    peer.arm();
    tokio::spawn(tick(Arc::downgrade(&peer), speech.intervals()));
    if let Some(renewal) = renewal {
        tokio::spawn(renewal.run(peer.ended.clone()));
    }
    let engine = Engine::new(role, rules(), peer, permits, opener, inbox);
    match reopen {
        None => tokio::spawn(Connection::new(engine, transport).serve()),
        Some(reopen) => {
            let handover = Arc::<Handover>::default();
            handover.open();
            tokio::spawn(replace_sockets(Arc::clone(&shared), Arc::clone(&handover), reopen));
            let resumption = Resumption { handover, parking: None, timeout: AWAY, unacknowledged: REPLAY.bytes };
            tokio::spawn(Connection::new(engine.resumable(resumption), transport).serve_resumable())
        }
    };
    Ok(shared)
}

/// Opens another socket each time one is lost, until the connection has ended.
async fn replace_sockets(session: Arc<Shared>, handover: Arc<Handover>, reopen: Reopen) {
    let mut losses = session.losses.subscribe();
    let mut replaced = 0;
    loop {
        let another = async {
            // A socket that is lost before it is seen to have taken over is one more loss.
            replaced = losses.wait_for(|losses| losses.count > replaced).await.map_or(replaced, |losses| losses.count);
            another_socket(&reopen).await
        };
        let socket = tokio::select! {
            () = session.peer.ended.cancelled() => return,
            socket = another => socket,
        };
        match socket.map(|socket| handover.offer(socket)) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::debug!(connection = %session.peer.id, %error, "the connection cannot be taken up again");
                return handover.close();
            }
        }
    }
}

/// Tries at once, and again while the network is away. A server that answers no has forgotten the connection.
async fn another_socket(reopen: &Reopen) -> Result<Box<dyn Transport>, ConnectError> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match reopen().await {
            Ok(socket) => return Ok(socket),
            Err(error) => error,
        };
        let answered = matches!(error, ConnectError::Status { .. } | ConnectError::AccessToken(_));
        if answered || started.elapsed() + pause >= AWAY {
            return Err(error);
        }
        sleep(pause).await;
        pause *= 2;
    }
}

fn rules() -> Rules {
    Rules {
        texts: Texts { side: Side::Client, detailed: false },
        message_size: None,
        streams: usize::MAX,
        calls: usize::MAX,
        name_length: usize::MAX,
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
