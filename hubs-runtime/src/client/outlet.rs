//! How the proxies of a client speak to its hub.

use std::{future::poll_fn, sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{core::Alive, role::Shared};
use crate::{
    call::{BoxFuture, OutgoingCall, Outlet, Pump},
    connection::Pushed,
    ids::InvocationId,
    invocation::{InvokeError, SendError, StreamReader},
    protocol::{EncodedMessage, Outgoing, PayloadFormat, RawPayload},
};

/// Speaks to the hub at the other end, over the connection that is there when a call is made.
pub(super) struct HubOutlet {
    pub(super) alive: Arc<Alive>,
    /// How long calls wait for their answer.
    pub(super) deadline: Option<Duration>,
}

/// A call that waits for its answer.
struct Waiting {
    /// The client lives for as long as a call waits for its answer.
    _alive: Arc<Alive>,
    session: Arc<Shared>,
    number: u64,
    /// Whether the server is told when this is dropped.
    cancellable: bool,
}

impl Waiting {
    fn is_over(&mut self) {
        self.cancellable = false;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.cancellable {
            let id = InvocationId::from(self.number.to_string());
            self.session.start(|started| started.cancelled.push(id));
            self.session.peer.outbox.wake();
        }
    }
}

impl HubOutlet {
    fn session(&self) -> Result<Arc<Shared>, SendError> {
        self.alive.0.live().ok_or(SendError::Closed)
    }
}

impl Shared {
    /// Queues the call and what it uploads.
    fn push(&self, id: Option<&str>, streamed: bool, call: OutgoingCall<'_>) -> Result<(), SendError> {
        let Self { peer, pending, .. } = self;
        if peer.ended.is_cancelled() || peer.outbox.ended().is_some() {
            return Err(SendError::Closed);
        }
        let stream_ids: Vec<String> = call.streams.iter().map(|_| pending.number().to_string()).collect();
        let (target, arguments) = (call.method, &call.values[..]);
        let message = Outgoing::Call { streamed, id, target, arguments, stream_ids: &stream_ids };
        let encoded = EncodedMessage::new(&message, 1 << peer.protocol.slot())?;
        let uploads_start = !stream_ids.is_empty();
        if uploads_start {
            let uploads = stream_ids.iter().map(InvocationId::from).zip(call.streams);
            let uploads = uploads.map(|(id, source)| (id.clone(), Pump::new(id, source, Arc::clone(peer))));
            self.start(|started| started.uploads.extend(uploads));
        }
        // The connection's task writes: a client has no other that would.
        let pushed = encoded.get(peer.protocol).map(|bytes| peer.push(bytes));
        // A task that is in its turn writes the call, but has adopted what was started before: uploads need another turn.
        if uploads_start || pushed == Some(Pushed::Unwatched) {
            peer.outbox.wake();
        }
        Ok(())
    }
}

impl Outlet for HubOutlet {
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        let sent = self.session().and_then(|session| session.push(None, false, call).map(|()| session));
        Box::pin(async move {
            let session = sent?;
            poll_fn(|cx| session.peer.outbox.poll_room(cx)).await;
            Ok(())
        })
    }

    fn invoke(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        let session = match self.session() {
            Ok(session) => session,
            Err(error) => return Box::pin(std::future::ready(Err(error.into()))),
        };
        let (number, answer) = session.pending.start(session.peer.id.clone());
        let cancellable = call.cancellable;
        let sent = session.push(Some(&number.to_string()), false, call);
        let mut waiting = Waiting { _alive: Arc::clone(&self.alive), session, number, cancellable };
        let deadline = self.deadline;
        Box::pin(async move {
            if let Err(error) = sent {
                waiting.is_over();
                return Err(error.into());
            }
            let answer = match deadline {
                None => answer.await,
                Some(limit) => timeout(limit, answer).await.map_err(|_| InvokeError::TimedOut(limit))?,
            };
            waiting.is_over();
            answer
        })
    }

    fn stream(&self, call: OutgoingCall<'_>) -> Result<(StreamReader, PayloadFormat), InvokeError> {
        let session = self.session()?;
        let id = session.pending.number().to_string();
        let (stream, reader) = session.opener.open();
        session.start(|started| started.incoming.push((InvocationId::from(&id), stream)));
        session.push(Some(&id), true, call)?;
        Ok((reader, session.peer.protocol.payload_format()))
    }

    fn waits_for_unit(&self) -> bool {
        true
    }
}
