//! The client's role in a connection: its methods are those that the server may call, and its proxies start calls and
//! streams from outside of the engine.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    closed::Outcome,
    handlers::Handlers,
    logs::{ClientLogs, NOTICE, place},
    presence::{self, OnPresence},
};
use crate::{
    call::{Bound, BoxFuture, CallArguments},
    connection::{End, Peer},
    contract::MethodDescriptor,
    engine::{Reports, Role, Started},
    ids::{ConnectionId, DisconnectError},
    invocation::{InvokeError, PendingCalls, StreamEnd, StreamOpener},
    protocol::{ArgumentError, Arguments, CompletionResult, Headers, RawPayload},
};

/// What the proxies of a connection and its task share.
pub(super) struct Shared {
    /// The public id of the connection, where it was negotiated.
    pub(super) id: Option<ConnectionId>,
    pub(super) peer: Arc<Peer>,
    pub(super) pending: Arc<PendingCalls>,
    pub(super) opener: StreamOpener,
    /// What the proxies have started, for the task to take over.
    started: Mutex<Started>,
    any_started: AtomicBool,
    pub(super) outcome: Outcome,
    /// The sockets that were lost so that another could take over.
    pub(super) losses: watch::Sender<Losses>,
    reports: Reports,
    logs: Option<Arc<ClientLogs>>,
    on_presence: Option<OnPresence>,
}

impl Shared {
    pub(super) fn new(
        peer: Arc<Peer>,
        opener: StreamOpener,
        id: Option<ConnectionId>,
        logs: Option<Arc<ClientLogs>>,
        on_presence: Option<OnPresence>,
    ) -> Self {
        Self {
            id,
            peer,
            pending: Arc::default(),
            opener,
            started: Mutex::default(),
            any_started: AtomicBool::new(false),
            outcome: Outcome::default(),
            losses: watch::channel(Losses::default()).0,
            reports: Reports::default(),
            logs,
            on_presence,
        }
    }

    /// Hands something over to the task. To be called before the message that names it is queued.
    pub(super) fn start(&self, add: impl FnOnce(&mut Started)) {
        add(&mut self.started.lock());
        self.any_started.store(true, Ordering::Release);
    }
}

/// The sockets of one connection that were lost.
#[derive(Debug, Default)]
pub(super) struct Losses {
    pub(super) count: u64,
    /// Whether there is no socket now.
    pub(super) away: bool,
}

#[derive(Clone)]
pub(super) struct ClientRole {
    shared: Arc<Shared>,
    handlers: Arc<dyn Handlers>,
}

impl ClientRole {
    pub(super) fn new(shared: Arc<Shared>, handlers: Arc<dyn Handlers>) -> Self {
        Self { shared, handlers }
    }
}

impl Role for ClientRole {
    fn find(&self, target: &str) -> Option<usize> {
        self.handlers.find(target)
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.handlers.method(index)
    }

    fn streams(&self, _: usize) -> usize {
        // A client method with a stream does not compile.
        0
    }

    fn bind(&self, index: usize, _: u64, arguments: &mut CallArguments<'_>) -> Result<Bound, ArgumentError> {
        self.handlers.bind(index, arguments)
    }

    fn is_repeated(&self, headers: Headers<'_>) -> bool {
        let Some(logs) = &self.shared.logs else { return false };
        place(headers).is_some_and(|place| !logs.logs.lock().is_new(&place))
    }

    fn taken(&self, headers: Headers<'_>) {
        if let (Some(logs), Some(place)) = (&self.shared.logs, place(headers)) {
            logs.logs.lock().take(place);
        }
    }

    fn told(&self, target: &str, arguments: &mut Arguments<'_>) -> bool {
        if target == presence::TARGET && arguments.len() == 2 {
            if let Some(Err(error)) = self.shared.on_presence.as_ref().map(|take| take(arguments)) {
                tracing::warn!(%error, "what the server tells of members cannot be read");
            }
            return arguments.skip_rest().is_ok();
        }
        let Some(logs) = self.shared.logs.as_ref().filter(|_| target == NOTICE && arguments.len() == 4) else {
            return false;
        };
        logs.told(arguments);
        arguments.skip_rest().is_ok()
    }

    fn answered(&self, id: &str, result: &CompletionResult<'_>, headers: Headers<'_>) -> Result<bool, DisconnectError> {
        let Ok(number) = id.parse() else { return Ok(false) };
        let peer = &self.shared.peer;
        let answer = match result {
            CompletionResult::Error(text) => Err(InvokeError::answered(text, headers)),
            CompletionResult::Value(value) => {
                Ok(RawPayload::new(peer.protocol.payload_format(), Bytes::copy_from_slice(value)))
            }
            CompletionResult::Void => Ok(RawPayload::null()),
        };
        Ok(self.shared.pending.finish(number, &peer.id, answer).is_ok())
    }

    fn awaits_answer(&self) -> bool {
        self.shared.pending.awaits(&self.shared.peer.id)
    }

    fn started(&self) -> Option<Started> {
        let any = self.shared.any_started.swap(false, Ordering::Acquire);
        if any || self.shared.opener.take_abandoned() {
            Some(std::mem::take(&mut *self.shared.started.lock()))
        } else {
            None
        }
    }

    fn reports(&self) -> &Reports {
        &self.shared.reports
    }

    fn socket_lost(&self) {
        self.shared.losses.send_modify(|losses| *losses = Losses { count: losses.count + 1, away: true });
    }

    fn socket_replaced(&self) {
        self.shared.losses.send_modify(|losses| losses.away = false);
    }

    fn gone(&self) {
        self.shared.pending.disconnected(&self.shared.peer.id);
        // What was started meanwhile is not taken over any more.
        let started = std::mem::take(&mut *self.shared.started.lock());
        started.incoming.into_iter().for_each(|(_, stream)| stream.end(StreamEnd::Disconnected));
    }

    fn left(&self) {
        self.gone();
    }

    fn closes(&self, end: &End) -> bool {
        // A server that is silent would not close its side either.
        !matches!(end, End::Gone | End::Failed(DisconnectError::ClientTimeout))
    }

    fn closed(&self, end: &End) {
        self.shared.outcome.set(end);
    }

    fn outlive(&self, calls: BoxFuture<()>) {
        tokio::spawn(calls);
    }

    fn shutdown(&self) -> CancellationToken {
        CancellationToken::new()
    }
}
