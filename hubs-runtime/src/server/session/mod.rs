//! One connection from its handshake to its end: the only place of the server that looks at hub messages.
//!
//! A session is one task. It reads, starts calls and polls them once at once, moves what is pending aside, and writes
//! what waits, in turns, until there is nothing to do. Nobody else reads its transport, and only the flusher writes
//! past it, what others have sent.

mod call;
mod closing;
mod dispatch;
mod expiry;
mod handshake;
mod invoke;
mod texts;
mod turn;

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt, stream::FuturesUnordered};

use self::call::RunningCall;
use super::{HubOptions, http::request};
use crate::{
    call::BoxFuture,
    clients::HubCore,
    connection::{End, Inbox, Peer, Pipe},
    hub::{Caller, HubInvoker},
    ids::{ConnectionId, DisconnectError, HubResult, InvocationId, UserId},
    invocation::{IncomingStreams, Permits, StreamOpener},
    protocol::HubProtocol,
    transport::Transport,
};

/// What all sessions of one hub share.
pub(crate) struct HubRuntime {
    pub(crate) invoker: Arc<dyn HubInvoker>,
    pub(crate) core: Arc<HubCore>,
    pub(crate) options: Arc<HubOptions>,
    pub(crate) user_id: UserIdProvider,
    pub(crate) shutdown: tokio_util::sync::CancellationToken,
    pub(crate) tasks: tokio_util::task::TaskTracker,
    /// Whether the clock of this hub has been started.
    pub(crate) ticking: std::sync::Once,
}

/// Finds the user of a connection in the request that made it.
pub(crate) type UserIdProvider = Arc<dyn Fn(&http::request::Parts) -> Option<UserId> + Send + Sync>;

/// A session after its handshake.
struct Session<T> {
    runtime: Arc<HubRuntime>,
    pipe: Pipe<T>,
    inbox: Inbox,
    peer: Arc<Peer>,
    caller: Arc<Caller>,
    permits: Arc<Permits>,
    /// The hub's `on_connected`, while it runs: nothing is read before it is done.
    connecting: Option<BoxFuture<Result<HubResult<()>, call::Panic>>>,
    /// Whether `on_connected` has returned `Ok`.
    connected: bool,
    running: FuturesUnordered<RunningCall>,
    /// The calls that run, by the ids of those who wait for them.
    active: HashMap<InvocationId, Arc<call::Cancel>>,
    /// The streams that the client sends.
    incoming: IncomingStreams,
    opener: StreamOpener,
    last_call: u64,
}

/// Serves one connection until it has ended.
pub(crate) async fn serve<T: Transport>(
    runtime: Arc<HubRuntime>,
    id: ConnectionId,
    request: http::request::Parts,
    mut transport: T,
) {
    let mut inbox = Inbox::default();
    // What runs once, at the start and at the end, is boxed: a connection that waits has no room for it.
    let shaken = Box::pin(handshake::shake_hands(&runtime, &mut transport, &mut inbox)).await;
    let Some(protocol) = shaken else { return };
    let mut session = Box::new(Session::new(runtime, id, request, transport, inbox, protocol));
    expiry::watch(&session);
    // Whatever happens, a connection ends in order: nobody would ever miss one that is only forgotten.
    let end = match AssertUnwindSafe(session.run()).catch_unwind().await {
        Ok(end) => end,
        Err(payload) => session.failed(call::Panic::new(&*payload)),
    };
    Box::pin(session.close(end)).await;
}

impl<T: Transport> Session<T> {
    fn new(
        runtime: Arc<HubRuntime>,
        id: ConnectionId,
        request: http::request::Parts,
        transport: T,
        inbox: Inbox,
        protocol: &'static dyn HubProtocol,
    ) -> Self {
        let user = (runtime.user_id)(&request);
        let limits = runtime.options.outbox_limits();
        let peer = Peer::new(id, user, protocol, limits).over(transport.kind());
        let peer = Arc::new(peer);
        let permits = Arc::new(Permits::new(runtime.options.maximum_parallel_invocations_per_client));
        let opener = StreamOpener::new(Arc::clone(&peer), runtime.options.stream_buffer_capacity);
        let caller = Arc::new(Caller {
            peer: Arc::clone(&peer),
            core: Arc::clone(&runtime.core),
            permits: Arc::clone(&permits),
            latest_user: request.extensions.get().cloned(),
            request: request::detached(request),
            transport: transport.kind().name(),
            items: crate::hub::Items::default(),
        });
        Self {
            runtime,
            pipe: Pipe::new(transport, Arc::clone(&peer)),
            inbox,
            peer,
            caller,
            permits,
            connecting: None,
            connected: false,
            running: FuturesUnordered::new(),
            active: HashMap::new(),
            incoming: IncomingStreams::default(),
            opener,
            last_call: 0,
        }
    }

    fn failed(&self, panic: call::Panic) -> End {
        tracing::error!(connection = %self.peer.id, panic = panic.0, "the session panicked");
        End::Failed(DisconnectError::Internal(panic.0))
    }

    /// Runs until somebody ends the connection.
    async fn run(&mut self) -> End {
        use crate::lifetime::HubLifetimeManager;
        self.runtime.core.lifetime.connect(Arc::clone(&self.peer));
        let hook = self.runtime.invoker.on_connected(&self.caller);
        self.connecting = Some(call::caught(hook));
        let shutdown = self.runtime.shutdown.clone();
        tokio::select! {
            end = std::future::poll_fn(|cx| self.poll_turns(cx)) => end,
            () = shutdown.cancelled() => End::Shutdown,
        }
    }
}
