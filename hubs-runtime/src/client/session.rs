//! The client's side of one connection: the only place of the client that looks at hub messages.

use std::{
    borrow::Cow,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::Map, stream::FuturesUnordered};
use tokio::time::{Instant, Interval, interval};

use super::{connection::Streams, handlers::Handlers};
use crate::{
    call::{Bound, BoxFuture, PumpError, Reply},
    connection::{End, Inbox, Intervals, Peer, Pipe, Received},
    ids::{DisconnectError, InvocationId},
    invocation::{InvokeError, PendingCalls, StreamEnd, StreamOpener},
    protocol::{CompletionResult, HubMessage, IncomingCall, Outcome, Outgoing, ProtocolError, RawPayload},
    transport::{CloseCode, Transport},
};

/// The clocks of the official clients.
const INTERVALS: Intervals = Intervals {
    keep_alive: Duration::from_secs(15),
    client_timeout: Duration::from_secs(30),
    send_timeout: Duration::from_secs(10),
    slow_consumer_grace: Duration::from_secs(1),
};

/// How long the server may take to close its side.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// An upload and the id under which it goes.
type Uploading = BoxFuture<(InvocationId, Result<(), PumpError>)>;

/// A client method that is not done.
type Answering = Map<Bound, Box<dyn FnOnce(Reply) -> (Option<InvocationId>, Reply) + Send>>;

pub(super) struct ClientSession<T> {
    pipe: Pipe<T>,
    inbox: Inbox,
    peer: Arc<Peer>,
    pending: Arc<PendingCalls>,
    handlers: Arc<dyn Handlers>,
    streams: Arc<Streams>,
    opener: StreamOpener,
    running: FuturesUnordered<Answering>,
    uploads: FuturesUnordered<Uploading>,
    ticks: Interval,
}

impl<T: Transport> ClientSession<T> {
    pub(super) fn new(
        pipe: Pipe<T>,
        inbox: Inbox,
        peer: Arc<Peer>,
        pending: Arc<PendingCalls>,
        streams: Arc<Streams>,
        handlers: Arc<dyn Handlers>,
    ) -> Self {
        let ticks = interval(INTERVALS.tick());
        let opener = StreamOpener::new(Arc::clone(&peer), 1);
        let (running, uploads) = (FuturesUnordered::new(), FuturesUnordered::new());
        Self { pipe, inbox, peer, pending, handlers, streams, opener, running, uploads, ticks }
    }

    pub(super) async fn run(mut self) {
        // As the official clients do: from the first ping on the server minds this client's silence.
        self.peer.encode(&Outgoing::Ping).unwrap_or_default();
        self.peer.arm();
        let end = poll_fn(|cx| self.poll_turns(cx)).await;
        tracing::debug!(?end, "client connection ends");
        self.peer.outbox.seal(end.drops_queue());
        if end != End::Gone {
            self.peer.say_close(None, false);
            let goodbye = poll_fn(|cx| self.pipe.poll_written(cx));
            // A server that does not listen any more need not hear it.
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, goodbye).await;
            let closed = poll_fn(|cx| self.pipe.transport.poll_close(cx, CloseCode::Normal));
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, closed).await;
        }
        drop(self.pipe);
        self.pending.disconnected(&self.peer.id);
        self.streams.incoming.lock().disconnect();
        self.peer.ended.cancel();
    }

    fn poll_turns(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.peer.outbox.register(cx);
        loop {
            if let Some(end) = self.peer.outbox.ended() {
                return Poll::Ready(end);
            }
            match self.turn(cx) {
                Ok(true) => {}
                Ok(false) if self.pipe.rest() => return Poll::Pending,
                Ok(false) => self.peer.outbox.register(cx),
                Err(end) => return Poll::Ready(end),
            }
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        while self.ticks.poll_tick(cx).is_ready() {
            self.peer.tick(Instant::now(), &INTERVALS);
        }
        let mut moved = self.stream(cx);
        while !self.running.is_empty() {
            let Poll::Ready(Some((id, reply))) = self.running.poll_next_unpin(cx) else { break };
            self.answer(id.as_ref().map(InvocationId::as_str), &reply);
            moved = true;
        }
        if !self.peer.outbox.full() {
            moved |= self.read(cx)?;
        }
        moved |= self.pipe.write(cx).map_err(|_| End::Gone)?;
        Ok(moved)
    }

    /// Moves uploads on, and cancels the streams that nobody reads any more.
    fn stream(&mut self, cx: &mut Context<'_>) -> bool {
        for pump in self.streams.uploads.lock().drain(..) {
            let id = pump.id().clone();
            self.uploads.push(Box::pin(pump.map(|done| (id, done))));
        }
        for id in self.streams.incoming.lock().take_abandoned() {
            self.peer.encode(&Outgoing::CancelInvocation { id: id.as_str() }).unwrap_or_default();
        }
        let mut moved = false;
        while !self.uploads.is_empty() {
            let Poll::Ready(Some((id, done))) = self.uploads.poll_next_unpin(cx) else { break };
            let text = done.err().map(|error| match error {
                PumpError::Source(error) => error.to_string(),
                PumpError::Encode(error) => error.to_string(),
            });
            let outcome = text.as_deref().map_or(Outcome::Void, Outcome::Error);
            self.peer.encode(&Outgoing::Completion { id: id.as_str(), outcome }).unwrap_or_default();
            moved = true;
        }
        moved
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        // Taken out, so that messages can be handled where they lie.
        let mut inbox = std::mem::take(&mut self.inbox);
        let read = self.read_message(&mut inbox, cx)?;
        inbox.settle();
        self.inbox = inbox;
        Ok(read)
    }

    fn read_message(&mut self, inbox: &mut Inbox, cx: &mut Context<'_>) -> Result<bool, End> {
        let broken = |error: ProtocolError| End::Failed(DisconnectError::Protocol(error.to_string()));
        let protocol = self.peer.protocol;
        if let Some(frame) = inbox.next(protocol, None).map_err(broken)? {
            let message = protocol.decode(inbox.body(&frame)).map_err(broken)?;
            if let Some(message) = message
                && !self.handle(message, cx)?
            {
                return Ok(false);
            }
            inbox.skip(&frame);
            self.peer.note_received();
            return Ok(true);
        }
        match self.pipe.receive(cx, inbox).map_err(|_| End::Gone)? {
            Received::Nothing => Ok(false),
            Received::Bytes => Ok(true),
            Received::Closed => Err(End::Gone),
        }
    }

    /// False: it has to wait, and with it all that follows.
    fn handle(&mut self, message: HubMessage<'_>, cx: &mut Context<'_>) -> Result<bool, End> {
        match message {
            HubMessage::StreamItem { id, item } => {
                let mut streams = self.streams.incoming.lock();
                let taken = streams.push(&id, item);
                streams.hand_over();
                return Ok(taken);
            }
            HubMessage::Invocation(call) => self.invoked(call, cx),
            HubMessage::Completion { id, result } => self.answered(&id, &result),
            HubMessage::Close { error, .. } => return Err(End::ClosedByPeer(error.map(Cow::into_owned))),
            _ => {}
        }
        Ok(true)
    }

    fn invoked(&mut self, call: IncomingCall<'_>, cx: &mut Context<'_>) {
        let IncomingCall { id, target, arguments, .. } = call;
        let mut call = match self.handlers.bind(&target, arguments, &self.opener) {
            Some(Ok(bound)) => bound,
            Some(Err(error)) => {
                tracing::warn!(method = %target, %error, "the server's arguments do not fit");
                return self.refuse(id.as_deref(), "Client failed to parse argument(s).");
            }
            None => {
                tracing::warn!(method = %target, "the server called a method that this client does not have");
                return self.refuse(id.as_deref(), "Client didn't provide a result.");
            }
        };
        match Pin::new(&mut call).poll(cx) {
            Poll::Ready(reply) => self.answer(id.as_deref(), &reply),
            Poll::Pending => {
                let id = id.map(|id| InvocationId::new(&*id));
                self.running.push(call.map(Box::new(move |reply| (id, reply))));
            }
        }
    }

    fn answer(&mut self, id: Option<&str>, reply: &Reply) {
        match (id, reply) {
            (None, Reply::Value(_) | Reply::Stream(_)) => {}
            (Some(id), Reply::Stream(_)) => self.refuse(Some(id), "Client didn't provide a result."),
            (None, Reply::Error(error)) => tracing::warn!(%error, "a client method failed"),
            (Some(id), Reply::Error(error)) => self.refuse(Some(id), &error.to_string()),
            (Some(id), Reply::Value(value)) => {
                let message = Outgoing::Completion { id, outcome: Outcome::Value(value.payload()) };
                if let Err(error) = self.peer.encode(&message) {
                    self.refuse(Some(id), &error.to_string());
                }
            }
        }
    }

    fn refuse(&mut self, id: Option<&str>, text: &str) {
        let Some(id) = id else { return };
        let message = Outgoing::Completion { id, outcome: Outcome::Error(text) };
        self.peer.encode(&message).unwrap_or_default();
    }

    fn answered(&mut self, id: &str, result: &CompletionResult<'_>) {
        let end = match result {
            CompletionResult::Error(text) => StreamEnd::Failed(text.clone().into_owned()),
            _ => StreamEnd::Done,
        };
        if self.streams.incoming.lock().end(id, end) {
            return;
        }
        let Ok(number) = id.parse() else { return };
        let answer = match result {
            CompletionResult::Error(text) => Err(InvokeError::Remote(text.clone().into_owned())),
            CompletionResult::Value(value) => {
                Ok(RawPayload::new(self.peer.protocol.payload_format(), Bytes::copy_from_slice(value)))
            }
            CompletionResult::Void => Ok(RawPayload::null()),
        };
        // An answer that nobody waits for any more is dropped.
        let _ = self.pending.finish(number, &self.peer.id, answer);
    }
}
