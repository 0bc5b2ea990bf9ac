//! Where a transport that has been accepted becomes a session.

use std::{future::Future, sync::Arc};

use tracing::Instrument;

use super::{
    endpoint::{Accepted, Acceptor},
    session::{self, HubRuntime},
};
use crate::transport::Transport;

#[derive(Clone)]
pub(crate) struct SessionAcceptor {
    runtime: Arc<HubRuntime>,
}

impl SessionAcceptor {
    pub(crate) fn new(runtime: Arc<HubRuntime>) -> Self {
        Self { runtime }
    }
}

impl Acceptor for SessionAcceptor {
    fn accept<T: Transport>(self, accepted: Accepted, transport: T) -> impl Future<Output = ()> + Send {
        let Self { runtime } = self;
        let presence = runtime.core.background.enter();
        let span = tracing::debug_span!(target: "hubs::connection", "hub.connection", hub = &*runtime.core.name, contract = runtime.invoker.name(), connection = %accepted.id);
        let opened = Box::pin(session::open(runtime, accepted, transport));
        async move {
            // A connection that waits has no room for what opened it.
            let serving = opened.await;
            if let Some(serving) = serving {
                serving.await;
            }
            drop(presence);
        }
        .instrument(span)
    }
}

/// Serves a connection that was not made over a socket.
///
/// # Errors
/// The hub's `#[authorize]` does not let the user in.
#[cfg(feature = "testing")]
pub(crate) async fn serve_in_process<T: Transport>(
    runtime: Arc<HubRuntime>,
    id: crate::ids::ConnectionId,
    request: http::request::Parts,
    transport: T,
) -> Result<(), &'static str> {
    let gate = super::gate::Gate::new(runtime.invoker.requirement(), Arc::clone(&runtime.policies));
    if let Err(refusal) = gate.check(&request).await {
        let has_user = refusal.status == http::StatusCode::FORBIDDEN;
        return Err(if has_user { "403: the hub does not let this user in" } else { "401: the hub needs a user" });
    }
    let presence = runtime.core.background.enter();
    let tasks = runtime.tasks.clone();
    tasks.spawn(async move {
        let opened = Box::pin(session::open(runtime, Accepted { id, request, handover: None }, transport)).await;
        if let Some(serving) = opened {
            serving.await;
        }
        drop(presence);
    });
    Ok(())
}
