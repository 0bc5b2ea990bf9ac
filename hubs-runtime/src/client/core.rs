//! A client over all of its connections: it makes the first one, and the next one when that is lost.

use std::{
    convert::Infallible,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Closed, ConnectError, HubConnection, HubConnectionState, RetryContext, RetryPolicy,
    dial::Dial,
    handlers::Handlers,
    logs::ClientLogs,
    presence::OnPresence,
    role::Shared,
    session::{self, Speech},
};
use crate::{call::BoxFuture, connection::End, protocol::PayloadFormat};

/// How long a call that is made again waits for a connection.
const BACK: Duration = Duration::from_secs(30);

/// Runs when a lost connection is there again.
pub(super) type Reconnected = Arc<dyn Fn(HubConnection) -> BoxFuture<()> + Send + Sync>;

/// What a client is made of.
pub(super) struct Plan {
    pub(super) dial: Arc<dyn Dial>,
    pub(super) handlers: Arc<dyn Handlers>,
    pub(super) speech: Speech,
    pub(super) retry: RetryPolicy,
    /// Whether the first connection is tried again, too.
    pub(super) retry_first: bool,
    pub(super) reconnected: Option<Reconnected>,
    /// The logs that it reads, if the hub has any.
    pub(super) logs: Option<Arc<ClientLogs>>,
    /// What reads who is in a group.
    pub(super) on_presence: Option<OnPresence>,
}

/// What the handles of a client and its task share.
pub(super) struct Core {
    plan: Plan,
    /// The connection that is there now.
    live: Mutex<Option<Arc<Shared>>>,
    state: watch::Sender<HubConnectionState>,
    stopped: CancellationToken,
}

/// Ends the client when it is dropped: with the last handle, the last proxy and the last call that waits.
pub(super) struct Alive(pub(super) Arc<Core>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Core {
    /// Connects. Dropping the future gives it up.
    pub(super) async fn start(plan: Plan) -> Result<Arc<Alive>, ConnectError> {
        let (state, _) = watch::channel(HubConnectionState::Connecting);
        let core = Self { plan, live: Mutex::default(), state, stopped: CancellationToken::new() };
        let alive = Arc::new(Alive(Arc::new(core)));
        let session = alive.0.connect_first().await?;
        tokio::spawn(Arc::clone(&alive.0).run(session, Arc::downgrade(&alive)));
        Ok(alive)
    }

    /// The connection that is there now, if it has not ended.
    pub(super) fn live(&self) -> Option<Arc<Shared>> {
        self.live.lock().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<HubConnectionState> {
        self.state.subscribe()
    }

    /// How values are written.
    pub(super) fn format(&self) -> PayloadFormat {
        self.plan.speech.protocol.payload_format()
    }

    /// Waits until there is a connection again. `false`: it has ended for good, or is not made again in time.
    pub(super) async fn is_back(&self) -> bool {
        let mut states = self.watch();
        // A connection that has just ended still looks connected.
        let is_alive =
            |session: Arc<Shared>| session.peer.outbox.ended().is_none() && !session.peer.ended.is_cancelled();
        let back = states
            .wait_for(|state| state.is_disconnected() || (state.is_connected() && self.live().is_some_and(is_alive)));
        matches!(timeout(BACK, back).await, Ok(Ok(state)) if state.is_connected())
    }

    /// Closes the connection, and makes no other.
    pub(super) fn stop(&self) {
        self.stopped.cancel();
        if let Some(session) = &*self.live.lock() {
            session.peer.outbox.end(End::Aborted);
        }
    }

    /// Resolves when the client has ended for good.
    pub(super) async fn closed(&self) -> Closed {
        let mut states = self.watch();
        let ended = states.wait_for(HubConnectionState::is_disconnected).await;
        match ended.as_deref() {
            Ok(HubConnectionState::Disconnected { reason, .. }) => reason.clone(),
            Ok(_) | Err(_) => Closed::Stopped,
        }
    }

    async fn connect_first(&self) -> Result<Arc<Shared>, ConnectError> {
        let started = Instant::now();
        let mut previous_attempts = 0;
        loop {
            let error = match self.connect().await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            let context = RetryContext { previous_attempts, elapsed: started.elapsed() };
            let delay = if self.plan.retry_first { self.plan.retry.next(context) } else { None };
            let Some(delay) = delay else { return Err(error) };
            tracing::debug!(%error, ?delay, "could not connect; trying again");
            sleep(delay).await;
            previous_attempts += 1;
        }
    }

    async fn connect(&self) -> Result<Arc<Shared>, ConnectError> {
        let Plan { dial, speech, handlers, logs, on_presence, .. } = &self.plan;
        let dialled = Arc::clone(dial).dial().await?;
        let session = session::open(dialled, *speech, Arc::clone(handlers), logs.clone(), on_presence.clone()).await?;
        *self.live.lock() = Some(Arc::clone(&session));
        if self.stopped.is_cancelled() {
            session.peer.outbox.end(End::Aborted);
            return Err(ConnectError::Stopped);
        }
        self.state.send_replace(HubConnectionState::Connected { id: session.id.clone() });
        Ok(session)
    }

    /// Serves one connection after the other, until no more is to be made.
    async fn run(self: Arc<Self>, mut session: Arc<Shared>, alive: Weak<Alive>) {
        let mut hook = None;
        loop {
            let reason = self.ended(&session, hook.take()).await;
            self.live.lock().take();
            tracing::debug!(connection = %session.peer.id, ?reason, "disconnected");
            drop(session);
            session = match self.reconnect(&reason).await {
                Ok(next) => next,
                Err(error) => {
                    self.state.send_replace(HubConnectionState::Disconnected { reason, error });
                    return;
                }
            };
            tracing::debug!(connection = %session.peer.id, "connected again");
            if let (Some(reconnected), Some(alive)) = (&self.plan.reconnected, alive.upgrade()) {
                hook = Some(reconnected(HubConnection::of(alive)));
            }
        }
    }

    /// Waits for the end of a connection, and runs the hook of its start meanwhile.
    async fn ended(&self, session: &Shared, hook: Option<BoxFuture<()>>) -> Closed {
        tokio::select! {
            biased;
            reason = session.outcome.wait() => reason,
            never = self.show_resuming(session) => match never {},
            never = run_hook(hook) => match never {},
        }
    }

    /// Shows whether the connection waits for another socket.
    async fn show_resuming(&self, session: &Shared) -> Infallible {
        let mut losses = session.losses.subscribe();
        let mut shown = false;
        loop {
            let away = losses.borrow_and_update().away;
            if away != shown {
                let id = session.id.clone();
                shown = away;
                let resuming = HubConnectionState::Resuming { id: id.clone() };
                self.state.send_replace(if away { resuming } else { HubConnectionState::Connected { id } });
            }
            // Its sender is in the session, which lives as long.
            let _ = losses.changed().await;
        }
    }

    /// Makes the connection again, as often as the policy says. The error is that of the last attempt.
    async fn reconnect(&self, reason: &Closed) -> Result<Arc<Shared>, Option<Arc<ConnectError>>> {
        let lost = Instant::now();
        let mut error = None;
        for attempt in 1.. {
            let context = RetryContext { previous_attempts: attempt - 1, elapsed: lost.elapsed() };
            let delay = if self.may_reconnect(reason) { self.plan.retry.next(context) } else { None };
            let Some(delay) = delay else { break };
            let (reason, shown) = (reason.clone(), error.clone());
            self.state.send_replace(HubConnectionState::Reconnecting { reason, attempt, error: shown });
            let connected = tokio::select! {
                biased;
                () = self.stopped.cancelled() => break,
                connected = self.connect_after(delay) => connected,
            };
            match connected {
                Ok(session) => return Ok(session),
                Err(failed) => {
                    tracing::debug!(error = %failed, attempt, "could not connect again");
                    error = Some(Arc::new(failed));
                }
            }
        }
        Err(error)
    }

    fn may_reconnect(&self, reason: &Closed) -> bool {
        !self.stopped.is_cancelled() && reason.allows_reconnect()
    }

    async fn connect_after(&self, delay: Duration) -> Result<Arc<Shared>, ConnectError> {
        if !delay.is_zero() {
            sleep(delay).await;
        }
        self.connect().await
    }
}

/// Runs the hook of a connection's start, and then waits for ever.
async fn run_hook(hook: Option<BoxFuture<()>>) -> Infallible {
    if let Some(hook) = hook {
        hook.await;
    }
    std::future::pending().await
}
