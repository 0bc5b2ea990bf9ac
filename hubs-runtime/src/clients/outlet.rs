//! How the proxies of a server send: through the lifetime manager, to the connections that a target names.

use std::{future::poll_fn, sync::Arc};

use super::HubCore;
use crate::{
    call::{BoxFuture, OutgoingCall, Outlet},
    connection::Peer,
    ids::ConnectionId,
    invocation::{InvokeError, Permits, SendError, StreamReader},
    lifetime::Target,
    protocol::{Durable, EncodedMessage, Outgoing, PayloadFormat, RawPayload, SendKey},
};

/// On whose behalf a client is asked for a value.
#[derive(Debug, Clone)]
pub(crate) enum Asking {
    /// Code outside of any call.
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
    /// Whether a send waits until every receiver has room.
    pub(super) waits: bool,
    /// Names what is recorded, so that it is recorded once.
    pub(super) key: Option<Arc<SendKey>>,
}

impl Outlet for TargetOutlet {
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        let message = self.encode(&call);
        if self.waits {
            return self.send_with_room(message);
        }
        let sent = message.map(|message| self.core.lifetime.send(&self.target, &message));
        Box::pin(async move {
            tokio::task::coop::consume_budget().await;
            sent?.await
        })
    }

    /// Cannot be reached: `Many` has no methods that return a value.
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

impl TargetOutlet {
    fn encode(&self, call: &OutgoingCall<'_>) -> Result<EncodedMessage, SendError> {
        if !call.durable {
            return encode(call, None, self.core.lifetime.protocols());
        }
        let durable = Durable { key: self.key.clone() };
        Ok(encode(call, None, self.core.lifetime.log_protocols())?.with_durable(Some(durable)))
    }

    fn send_with_room(&self, message: Result<EncodedMessage, SendError>) -> BoxFuture<Result<(), SendError>> {
        let (core, target) = (Arc::clone(&self.core), self.target.clone());
        Box::pin(async move {
            let message = message?;
            tokio::task::coop::consume_budget().await;
            for peer in core.connections.full(&target) {
                poll_fn(|cx| peer.outbox.poll_room(cx)).await;
            }
            core.lifetime.send(&target, &message).await
        })
    }
}

fn encode(call: &OutgoingCall<'_>, id: Option<&str>, protocols: u8) -> Result<EncodedMessage, SendError> {
    let message = Outgoing::Invocation { id, target: call.method, arguments: &call.values };
    Ok(EncodedMessage::new(&message, protocols)?.with_loss(call.loss))
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
    /// The connection, if a send waits until it has room: the caller itself, or where the application chose so.
    pub(super) waits_for: Option<Arc<Peer>>,
}

impl Outlet for ConnectionOutlet {
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        // What may be lost needs no room.
        let Some(peer) = self.waits_for.clone().filter(|_| call.loss.is_none()) else {
            let message = encode(&call, None, self.core.lifetime.protocols_of(&self.id));
            let sent = message.map(|message| self.core.lifetime.send_to(&self.id, &message));
            return Box::pin(async move {
                tokio::task::coop::consume_budget().await;
                sent?.await.map(drop)
            });
        };
        let message = encode(&call, None, 1 << peer.protocol.slot());
        let core = Arc::clone(&self.core);
        Box::pin(async move {
            tokio::task::coop::consume_budget().await;
            core.connections.send_with_room(&peer, &message?).await;
            Ok(())
        })
    }

    fn invoke(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        if matches!(self.asking, Asking::Connecting) {
            return Box::pin(async { Err(InvokeError::DuringConnect) });
        }
        let lifetime = &self.core.lifetime;
        let (number, pending) = self.core.pending.start(self.id.clone());
        let result_id = lifetime.result_id(number);
        let message = encode(&call, Some(&result_id), lifetime.protocols_of(&self.id));
        let sent = message.map(|message| lifetime.ask(&self.id, &result_id, &message));
        let (id, asking, timeout) = (self.id.clone(), self.asking.clone(), self.core.client_result_timeout);
        Box::pin(async move {
            if !sent?.await? {
                return Err(InvokeError::NoSuchConnection(id));
            }
            asking.give_permit_back();
            match timeout {
                None => pending.await,
                Some(limit) => tokio::time::timeout(limit, pending).await.unwrap_or(Err(InvokeError::TimedOut(limit))),
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

impl Asking {
    /// A method that waits for an answer lets the next call of its client start: the answer may come behind it.
    fn give_permit_back(&self) {
        if let Self::Call { permits, number, caller } = self {
            permits.give_back(*number);
            // The answer may be behind uploads for which there was no room until now.
            caller.outbox.wake();
        }
    }
}
