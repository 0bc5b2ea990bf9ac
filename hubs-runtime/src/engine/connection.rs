//! A connection: the engine, which does not know its transport, and the pipe it is given for each poll.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;

use super::{
    Role, Side, Texts,
    calls::Calls,
    ending::Ending,
    fence::{Panic, caught},
    parked::Parked,
    resuming::Resuming,
};
use crate::{
    call::BoxFuture,
    connection::{End, Inbox, Peer, Pipe},
    ids::{DisconnectError, HubResult},
    invocation::{IncomingStreams, Permits, StreamOpener},
    transport::Transport,
};

/// The limits and the texts of one end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) texts: Texts,
    /// Largest message, in bytes.
    pub(crate) message_size: Option<usize>,
    /// How many calls stream at once, in either direction.
    pub(crate) streams: usize,
    /// How many calls run or wait for an answer of the peer at once. Further ones are refused.
    pub(crate) calls: usize,
    /// How long the names of methods, calls and streams may be, in bytes.
    pub(crate) name_length: usize,
    pub(crate) close_timeout: Duration,
}

/// The state of one end of a connection, whatever carries its bytes.
pub(crate) struct Engine<R> {
    pub(super) role: R,
    pub(super) rules: Rules,
    pub(super) peer: Arc<Peer>,
    pub(super) inbox: Inbox,
    /// What came in and has to wait for its turn.
    pub(super) parked: Parked,
    /// The hook that runs before any call starts.
    pub(super) connecting: Option<BoxFuture<Result<HubResult<()>, Panic>>>,
    /// Whether that hook has returned `Ok`.
    pub(super) connected: bool,
    pub(super) calls: Calls,
    /// The streams that the peer sends.
    pub(super) incoming: IncomingStreams,
    pub(super) opener: StreamOpener,
    /// The end that came in, while what came before it still waits.
    pub(super) ending: Option<Box<Ending>>,
    /// The connection is over; its calls run on.
    pub(super) left: bool,
    /// Whether callers of this end were given answers, and are likely to call again.
    pub(super) answered: bool,
    /// Whether the task waits for what wakes it.
    pub(super) rests: bool,
    /// How much may be handled before other tasks get their turn.
    pub(super) budget: usize,
    /// Of a connection that may outlive its socket.
    pub(super) resuming: Option<Box<Resuming>>,
}

impl<R: Role> Engine<R> {
    pub(crate) fn new(
        role: R,
        rules: Rules,
        peer: Arc<Peer>,
        permits: Arc<Permits>,
        opener: StreamOpener,
        inbox: Inbox,
    ) -> Self {
        Self {
            role,
            rules,
            peer,
            inbox,
            parked: Parked::default(),
            connecting: None,
            connected: false,
            calls: Calls::new(permits),
            incoming: IncomingStreams::default(),
            opener,
            ending: None,
            left: false,
            answered: false,
            rests: false,
            budget: 0,
            resuming: None,
        }
    }
}

/// One end of a live connection.
pub(crate) struct Connection<R, T> {
    pub(super) engine: Engine<R>,
    pub(super) pipe: Pipe<T>,
}

impl<R: Role, T: Transport> Connection<R, T> {
    pub(crate) fn new(engine: Engine<R>, transport: T) -> Box<Self> {
        let pipe = Pipe::new(transport, Arc::clone(&engine.peer));
        Box::new(Self { engine, pipe })
    }

    /// Serves the connection until it has ended.
    pub(crate) async fn serve(mut self: Box<Self>) {
        // However it ends, it ends in order: otherwise its groups and hooks would never learn of it.
        let end = match AssertUnwindSafe(self.run()).catch_unwind().await {
            Ok(end) => end,
            Err(payload) => self.engine.panicked(Panic::new(&*payload)),
        };
        Box::pin(self.finish(end)).await;
    }

    /// Starts the first hook.
    pub(super) fn begin(&mut self) {
        let engine = &mut self.engine;
        engine.connecting = engine.role.connect().map(caught);
        engine.connected = engine.connecting.is_none();
    }

    async fn run(&mut self) -> End {
        self.begin();
        let Self { engine, pipe } = self;
        let shutdown = engine.role.shutdown();
        tokio::select! {
            biased;
            end = std::future::poll_fn(|cx| engine.poll_turns(pipe, cx)) => end,
            () = shutdown.cancelled() => End::Shutdown,
        }
    }
}

impl<R: Role> Engine<R> {
    pub(super) fn panicked(&self, panic: Panic) -> End {
        tracing::error!(connection = %self.peer.id, panic = panic.0, "the connection's task panicked");
        End::Failed(DisconnectError::Internal(panic.0))
    }

    /// Who writes the texts, for the log.
    pub(super) fn is_server(&self) -> bool {
        self.rules.texts.side == Side::Server
    }
}
