//! The server's side of a connection: its handshake, and its role in the engine that serves what follows.

mod expiry;
mod handshake;
mod role;

use std::{net::SocketAddr, sync::Arc};

use self::{handshake::Asked, role::ServerRole};
use super::{HubOptions, cluster::Isolation, endpoint::Accepted, http::request};
use crate::{
    call::BoxFuture,
    clients::HubCore,
    connection::{Handover, Inbox, Peer},
    counters::CallMeter,
    engine::{Connection, Engine, Reports, Resumption, Rules, Side, Texts},
    hub::{Caller, HubInvoker, Items, Policies},
    ids::UserId,
    invocation::{CallRates, Permits, StreamOpener},
    transport::{Transport, TransportKind},
};

/// What all sessions of one hub share.
pub(crate) struct HubRuntime {
    pub(crate) invoker: Arc<dyn HubInvoker>,
    pub(crate) core: Arc<HubCore>,
    pub(crate) meter: CallMeter,
    /// How often clients may call.
    pub(crate) rates: CallRates,
    pub(crate) options: Arc<HubOptions>,
    /// Whether new clients are refused because the node is alone.
    pub(in crate::server) isolation: Isolation,
    pub(crate) user_id: UserIdProvider,
    pub(crate) policies: Arc<Policies>,
    pub(crate) shutdown: tokio_util::sync::CancellationToken,
    pub(crate) tasks: tokio_util::task::TaskTracker,
    /// Writes to the log which connections had to be closed.
    pub(crate) reports: Reports,
}

/// Finds the user of a connection in the request that made it.
pub(crate) type UserIdProvider = Arc<dyn Fn(&http::request::Parts) -> Option<UserId> + Send + Sync>;

impl HubRuntime {
    pub(super) fn rules(&self) -> Rules {
        let options = &self.options;
        let streams = options.maximum_concurrent_streams_per_client;
        Rules {
            texts: Texts { side: Side::Server, detailed: options.enable_detailed_errors },
            message_size: options.maximum_receive_message_size,
            streams,
            calls: streams.saturating_add(options.maximum_parallel_invocations_per_client),
            name_length: options.maximum_name_length,
            close_timeout: options.close_timeout,
        }
    }
}

/// Clients that use stateful reconnect speak at least this version of the hub protocol.
const RESUMABLE_VERSION: i64 = 2;

/// Opens a connection by its handshake. Returns what serves it until it has ended: what was needed to open it is gone by
/// then. `None`: it was not opened.
pub(crate) async fn open<T: Transport>(
    runtime: Arc<HubRuntime>,
    accepted: Accepted,
    mut transport: T,
) -> Option<BoxFuture<()>> {
    let Accepted { id, request, handover } = accepted;
    let mut inbox = Inbox::default();
    let asking = handshake::Asking { runtime: &runtime, id: &id, address: address(&request) };
    let asked = Box::pin(asking.protocol(&mut transport, &mut inbox)).await;
    let Asked { protocol, version } = asked?;
    let user = (runtime.user_id)(&request);
    let peer = Arc::new(Peer::new(id, user, protocol, runtime.options.outbox_limits()));
    let resumption = handover.and_then(|handover| runtime.resumption(handover, version));
    if resumption.is_some() {
        peer.outbox.keep_replay(runtime.options.replay_limits(), false);
    }
    // The connection is found before its client reads the answer, so that no message sent after that misses it. What is
    // sent to it meanwhile waits in its outbox.
    if let Err(error) = runtime.core.lifetime.connect(Arc::clone(&peer)).await {
        tracing::warn!(connection = %peer.id, %error, "the connection may miss what other nodes send to it");
    }
    if !Box::pin(handshake::accept(&mut transport, protocol, runtime.options.close_timeout)).await {
        runtime.core.lifetime.disconnect(&peer);
        return None;
    }
    let kind = transport.kind();
    let engine = engine(runtime, request, kind, inbox, peer);
    Some(match resumption {
        None => Box::pin(Connection::new(engine, transport).serve()),
        Some(resumption) => {
            resumption.handover.open();
            let transport: Box<dyn Transport> = Box::new(transport);
            Box::pin(Connection::new(engine.resumable(resumption), transport).serve_resumable())
        }
    })
}

impl HubRuntime {
    /// How a connection is resumed. A client of an older version does not count messages, so it is not.
    fn resumption(&self, handover: Arc<Handover>, version: i64) -> Option<Resumption> {
        if version < RESUMABLE_VERSION {
            handover.close();
            return None;
        }
        Some(Resumption {
            handover,
            parking: Some(Arc::clone(&self.core.parking)),
            timeout: self.options.stateful_reconnect_timeout,
            unacknowledged: self.options.stateful_reconnect_buffer_size,
        })
    }
}

fn engine(
    runtime: Arc<HubRuntime>,
    request: http::request::Parts,
    transport: TransportKind,
    inbox: Inbox,
    peer: Arc<Peer>,
) -> Engine<ServerRole> {
    let permits = Arc::new(Permits::new(runtime.options.maximum_parallel_invocations_per_client));
    let caller = Arc::new(Caller {
        peer: Arc::clone(&peer),
        core: Arc::clone(&runtime.core),
        permits: Arc::clone(&permits),
        policies: Arc::clone(&runtime.policies),
        latest_user: request.extensions.get().cloned(),
        request: request::detached(request),
        transport,
        items: Items::default(),
    });
    expiry::watch(&runtime, &caller);
    let rules = runtime.rules();
    let (size, items) = (runtime.options.upload_buffer_size, runtime.options.stream_buffer_capacity);
    let opener = StreamOpener::new(Arc::clone(&peer), size, items);
    Engine::new(ServerRole::new(runtime, caller), rules, peer, permits, opener, inbox)
}

/// The address of the socket that a request came over, where the application has asked axum for it.
fn address(request: &http::request::Parts) -> Option<SocketAddr> {
    request.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>().map(|info| info.0)
}
