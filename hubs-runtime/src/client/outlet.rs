//! How the proxies of a client speak to its hub.

use std::{
    future::{poll_fn, ready},
    sync::Arc,
    time::Duration,
};

use futures_util::future::Either;
use tokio::time::timeout;

use super::{core::Alive, role::Shared};
use crate::{
    call::{BoxFuture, OutgoingCall, Outlet, Pump},
    connection::Pushed,
    ids::InvocationId,
    invocation::{InvokeError, SendError, StreamReader},
    protocol::{EncodeError, EncodedMessage, Outgoing, PayloadFormat, RawPayload},
};

/// The header that names a call which may be made again.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// How often such a call is made.
const TRIES: usize = 5;

/// A name for a call that no other call has. Without random numbers there is none, and the call is made once.
fn random_key() -> Option<String> {
    let [high, low] = [getrandom::u64().ok()?, getrandom::u64().ok()?];
    Some(format!("{high:016x}{low:016x}"))
}

/// Whether the call may have run, or may run when there is a connection again.
fn is_unknown(error: &InvokeError) -> bool {
    matches!(error, InvokeError::Disconnected(_) | InvokeError::Send(SendError::Closed))
}

/// Speaks to the hub at the other end, over the connection that is there when a call is made.
#[derive(Clone)]
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
    /// Makes a call, and waits for its answer.
    fn ask(
        &self,
        session: Arc<Shared>,
        call: OutgoingCall<'_>,
        key: Option<&str>,
    ) -> impl Future<Output = Result<RawPayload, InvokeError>> + Send + use<> {
        let (number, answer) = session.pending.start(session.peer.id.clone());
        let cancellable = call.cancellable;
        let sent = session.push(Some(&number.to_string()), false, call, key);
        let mut waiting = Waiting { _alive: Arc::clone(&self.alive), session, number, cancellable };
        let deadline = self.deadline;
        async move {
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
        }
    }

    /// Makes a call, and makes it again with the same key when its connection was lost before the answer came.
    fn invoke_again(&self, call: &OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        let format = self.alive.0.format();
        let encoded = call.values.iter().map(|value| {
            let mut bytes = Vec::new();
            value.encode(format, &mut bytes).map(|()| RawPayload::new(format, bytes.into()))
        });
        let values: Result<Vec<_>, EncodeError> = encoded.collect();
        let key = random_key();
        let (method, outlet) = (call.method.to_owned(), self.clone());
        Box::pin(async move {
            let values = values.map_err(SendError::from)?;
            let mut tries = 1;
            loop {
                let answer = {
                    let mut call = OutgoingCall::new(&method);
                    values.iter().for_each(|value| call.value(value));
                    match outlet.session() {
                        Ok(session) => Either::Left(outlet.ask(session, call, key.as_deref())),
                        Err(error) => Either::Right(ready(Err(error.into()))),
                    }
                };
                let lost = match answer.await {
                    Err(error) if tries < TRIES && key.is_some() && is_unknown(&error) => error,
                    answer => return answer,
                };
                tracing::debug!(method, tries, "it is not known whether a call ran; it is made again");
                if !outlet.alive.0.is_back().await {
                    return Err(lost);
                }
                tries += 1;
            }
        })
    }

    fn session(&self) -> Result<Arc<Shared>, SendError> {
        self.alive.0.live().ok_or(SendError::Closed)
    }
}

impl Shared {
    /// Queues the call and what it uploads.
    fn push(
        &self,
        id: Option<&str>,
        streamed: bool,
        call: OutgoingCall<'_>,
        key: Option<&str>,
    ) -> Result<(), SendError> {
        let Self { peer, pending, .. } = self;
        if peer.ended.is_cancelled() || peer.outbox.ended().is_some() {
            return Err(SendError::Closed);
        }
        let stream_ids: Vec<String> = call.streams.iter().map(|_| pending.number().to_string()).collect();
        let (target, arguments) = (call.method, &call.values[..]);
        let message = Outgoing::Call { streamed, id, target, arguments, stream_ids: &stream_ids };
        let headers = key.map(|key| [(IDEMPOTENCY_KEY, key)]);
        let named = headers.as_ref().map(|headers| Outgoing::WithHeaders { headers, message: &message });
        let encoded = EncodedMessage::new(named.as_ref().unwrap_or(&message), 1 << peer.protocol.slot())?;
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
        let sent = self.session().and_then(|session| session.push(None, false, call, None).map(|()| session));
        Box::pin(async move {
            let session = sent?;
            poll_fn(|cx| session.peer.outbox.poll_room(cx)).await;
            Ok(())
        })
    }

    fn invoke(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        if call.idempotent {
            return self.invoke_again(&call);
        }
        let session = match self.session() {
            Ok(session) => session,
            Err(error) => return Box::pin(std::future::ready(Err(error.into()))),
        };
        let waiting = self.ask(session, call, None);
        Box::pin(waiting)
    }

    fn stream(&self, call: OutgoingCall<'_>) -> Result<(StreamReader, PayloadFormat), InvokeError> {
        let session = self.session()?;
        let id = session.pending.number().to_string();
        let (stream, reader) = session.opener.open();
        session.start(|started| started.incoming.push((InvocationId::from(&id), stream)));
        session.push(Some(&id), true, call, None)?;
        Ok((reader, session.peer.protocol.payload_format()))
    }

    fn waits_for_unit(&self) -> bool {
        true
    }
}
