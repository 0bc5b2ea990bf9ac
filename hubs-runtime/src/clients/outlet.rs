//! How the proxies of a server speak: through the lifetime manager, to whomever a target names.

use std::sync::Arc;

use super::HubCore;
use crate::{
    call::{BoxFuture, OutgoingCall, Outlet},
    connection::{Peer, Pushed},
    ids::ConnectionId,
    invocation::{InvokeError, PendingCall, Permits, SendError, StreamReader},
    lifetime::{HubLifetimeManager, Target},
    protocol::{EncodedMessage, Outgoing, PayloadFormat, RawPayload},
};

/// On whose behalf a client is asked for a value.
#[derive(Debug, Clone)]
pub(crate) enum Asking {
    /// Somebody outside of any call.
    Outside,
    /// A hub method: while it waits it gives its permit back, so that the answer can come in.
    Call { permits: Arc<Permits>, number: u64, caller: Arc<Peer> },
    /// The hub's `on_connected`, which may not ask.
    Connecting,
}

/// Speaks to any number of connections.
pub(crate) struct TargetOutlet {
    pub(super) core: Arc<HubCore>,
    pub(super) target: Target,
}

impl Outlet for TargetOutlet {
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        self.core
            .lifetime
            .send(&self.target, &Outgoing::Invocation { id: None, target: call.method, arguments: &call.values })
    }

    /// Cannot be reached: `Many` has no methods that give a value back.
    fn invoke(&self, _: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        Box::pin(async { Err(InvokeError::Remote("only a single client can return a value".to_owned())) })
    }

    fn stream(&self, _: OutgoingCall<'_>) -> Result<(StreamReader, PayloadFormat), InvokeError> {
        Err(no_streams())
    }

    fn waits_for_unit(&self) -> bool {
        false
    }
}

/// Cannot be reached: a client interface with a stream does not compile.
fn no_streams() -> InvokeError {
    InvokeError::Remote("clients take and give no streams".to_owned())
}

/// Speaks to one connection.
pub(crate) struct ConnectionOutlet {
    pub(super) core: Arc<HubCore>,
    pub(super) id: ConnectionId,
    pub(super) asking: Asking,
    /// Set for the caller itself, who waits while too much is queued for it already.
    pub(super) own: Option<Arc<Peer>>,
}

impl ConnectionOutlet {
    fn ask(&self, call: &OutgoingCall<'_>) -> Result<PendingCall, InvokeError> {
        if matches!(self.asking, Asking::Connecting) {
            return Err(InvokeError::DuringConnect);
        }
        let (number, pending) = self.core.pending.start(self.id.clone());
        let id = format!("s{number}");
        let message = Outgoing::Invocation { id: Some(&id), target: call.method, arguments: &call.values };
        if !self.core.lifetime.send_to(&self.id, &message)? {
            return Err(InvokeError::NoSuchConnection(self.id.clone()));
        }
        if let Asking::Call { permits, number, caller } = &self.asking {
            permits.give_back(*number);
            // The answer may be behind uploads for which there was no room until now.
            caller.outbox.wake();
        }
        Ok(pending)
    }
}

/// Sends to the connection on whose behalf the sender runs: it waits for room before it queues.
fn send_to_own(own: Arc<Peer>, message: &Outgoing<'_>) -> BoxFuture<Result<(), SendError>> {
    let encoded = EncodedMessage::new(message, 1 << own.protocol.slot());
    Box::pin(async move {
        tokio::task::coop::consume_budget().await;
        let encoded = encoded?;
        let Some(bytes) = encoded.get(own.protocol) else { return Ok(()) };
        if std::future::poll_fn(|cx| own.poll_push(cx, bytes)).await == Pushed::Unwatched {
            own.outbox.wake();
        }
        Ok(())
    })
}

impl Outlet for ConnectionOutlet {
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        let message = Outgoing::Invocation { id: None, target: call.method, arguments: &call.values };
        if let Some(own) = &self.own {
            return send_to_own(Arc::clone(own), &message);
        }
        let sent = self.core.lifetime.send_to(&self.id, &message).map(drop);
        Box::pin(async move {
            tokio::task::coop::consume_budget().await;
            sent
        })
    }

    fn invoke(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        let call = self.ask(&call);
        let timeout = self.core.client_result_timeout;
        Box::pin(async move {
            let call = call?;
            match timeout {
                None => call.await,
                Some(limit) => tokio::time::timeout(limit, call).await.unwrap_or(Err(InvokeError::TimedOut(limit))),
            }
        })
    }

    fn stream(&self, _: OutgoingCall<'_>) -> Result<(StreamReader, PayloadFormat), InvokeError> {
        Err(no_streams())
    }

    fn waits_for_unit(&self) -> bool {
        false
    }
}
