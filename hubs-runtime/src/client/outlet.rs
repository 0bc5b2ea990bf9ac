//! How the proxies of a client speak to its hub.

use std::{future::poll_fn, sync::Arc};

use super::role::Shared;
use crate::{
    call::{BoxFuture, OutgoingCall, Outlet, Pump},
    connection::{End, Pushed},
    ids::InvocationId,
    invocation::{InvokeError, SendError, StreamReader},
    protocol::{EncodedMessage, Outgoing, PayloadFormat, RawPayload},
};

/// Speaks to the hub at the other end.
pub(super) struct HubOutlet {
    pub(super) shared: Arc<Alive>,
}

/// Ends the connection when it is dropped: with the last handle, the last proxy and the last call that waits.
pub(super) struct Alive(pub(super) Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.peer.outbox.end(End::Aborted);
    }
}

/// A call that waits for its answer.
struct Waiting {
    shared: Arc<Alive>,
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
            self.shared.0.start(|started| started.cancelled.push(id));
            self.shared.0.peer.outbox.wake();
        }
    }
}

impl HubOutlet {
    /// Queues the call and what it uploads.
    fn push(&self, id: Option<&str>, streamed: bool, call: OutgoingCall<'_>) -> Result<(), SendError> {
        let Shared { peer, pending, .. } = &*self.shared.0;
        if peer.ended.is_cancelled() || peer.outbox.ended().is_some() {
            return Err(SendError::Closed);
        }
        let stream_ids: Vec<String> = call.streams.iter().map(|_| pending.number().to_string()).collect();
        let (target, arguments) = (call.method, &call.values[..]);
        let message = Outgoing::Call { streamed, id, target, arguments, stream_ids: &stream_ids };
        let encoded = EncodedMessage::new(&message, 1 << peer.protocol.slot())?;
        if !stream_ids.is_empty() {
            let uploads = stream_ids.iter().map(InvocationId::from).zip(call.streams);
            let uploads = uploads.map(|(id, source)| (id.clone(), Pump::new(id, source, Arc::clone(peer))));
            self.shared.0.start(|started| started.uploads.extend(uploads));
        }
        // The connection's task writes: a client has no other that would.
        if let Some(bytes) = encoded.get(peer.protocol)
            && peer.push(bytes) == Pushed::Unwatched
        {
            peer.outbox.wake();
        }
        Ok(())
    }
}

impl Outlet for HubOutlet {
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        let sent = self.push(None, false, call);
        let peer = Arc::clone(&self.shared.0.peer);
        Box::pin(async move {
            poll_fn(|cx| peer.outbox.poll_room(cx)).await;
            sent
        })
    }

    fn invoke(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        let (number, answer) = self.shared.0.pending.start(self.shared.0.peer.id.clone());
        let cancellable = call.cancellable;
        let sent = self.push(Some(&number.to_string()), false, call);
        // The connection lives for as long as a call waits for its answer.
        let mut waiting = Waiting { shared: Arc::clone(&self.shared), number, cancellable };
        Box::pin(async move {
            if let Err(error) = sent {
                waiting.is_over();
                return Err(error.into());
            }
            let answer = answer.await;
            waiting.is_over();
            answer
        })
    }

    fn stream(&self, call: OutgoingCall<'_>) -> Result<(StreamReader, PayloadFormat), InvokeError> {
        let shared = &self.shared.0;
        let id = shared.pending.number().to_string();
        let (stream, reader) = shared.opener.open();
        shared.start(|started| started.incoming.push((InvocationId::from(&id), stream)));
        self.push(Some(&id), true, call)?;
        Ok((reader, shared.peer.protocol.payload_format()))
    }

    fn waits_for_unit(&self) -> bool {
        true
    }
}
