//! A transport with what waits to leave on it, as the session of the connection holds it.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use super::{Inbox, Peer};
use crate::transport::{Transport, TransportError};

pub(crate) struct Pipe<T> {
    pub(crate) transport: T,
    peer: Arc<Peer>,
}

/// What is under way in the transport. Whoever holds the lock around it writes.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    /// Whether the transport may hold bytes that have not left.
    pub(super) unflushed: bool,
    /// How many of them are a batch out of the outbox.
    pub(super) batch: usize,
}

/// What came in.
pub(crate) enum Received {
    /// Nothing yet.
    Nothing,
    /// Bytes; they are in the inbox.
    Bytes,
    /// The peer's end.
    Closed,
}

/// Waits for bytes before there is a session. `None`: no more will come.
pub(crate) async fn receive<T: Transport>(transport: &mut T, inbox: &mut Inbox) -> Option<Result<(), TransportError>> {
    poll_fn(|cx| {
        let received = transport.poll_receive(cx, inbox.fill());
        inbox.settle();
        received
    })
    .await
}

impl<T: Transport> Pipe<T> {
    pub(crate) fn new(transport: T, peer: Arc<Peer>) -> Self {
        if let Some(direct) = transport.direct() {
            peer.write_directly(direct);
        }
        Self { transport, peer }
    }

    /// Reads once, into an inbox whose messages have all been handled.
    pub(crate) fn receive(&mut self, cx: &mut Context<'_>, inbox: &mut Inbox) -> Result<Received, TransportError> {
        let polled = self.transport.poll_receive(cx, inbox.fill());
        self.peer.note_heard(self.transport.bytes_received());
        match polled {
            Poll::Pending => Ok(Received::Nothing),
            Poll::Ready(None) => Ok(Received::Closed),
            Poll::Ready(Some(received)) => received.map(|()| Received::Bytes),
        }
    }

    /// Writes what waits; hands the next batch over only when the last one has left. Says whether anything left.
    pub(crate) fn write(&mut self, cx: &mut Context<'_>) -> Result<bool, TransportError> {
        let mut moved = false;
        let mut under_way = self.peer.under_way.lock();
        if self.peer.take_ping() {
            self.transport.ping();
            under_way.unflushed = true;
        }
        loop {
            if under_way.unflushed {
                let flushed = self.transport.poll_flush(cx);
                self.peer.note_sent(self.transport.bytes_sent());
                if flushed?.is_pending() {
                    return Ok(moved);
                }
                self.peer.outbox.left(std::mem::take(&mut *under_way).batch);
                moved = true;
            }
            let Some(batch) = self.peer.outbox.take() else { return Ok(moved) };
            *under_way = UnderWay { unflushed: true, batch: batch.len() };
            self.transport.send(batch, self.peer.protocol.transfer_format())?;
        }
    }

    /// Stops watching the outbox. `false`: something has come into it meanwhile, so that the session may not rest.
    pub(crate) fn rest(&self) -> bool {
        self.peer.outbox.unwatch();
        self.peer.outbox.waiting() == 0 || self.peer.under_way.lock().unflushed
    }

    /// Ready when all that waits has left, or cannot.
    pub(crate) fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.write(cx) {
            Ok(_) if self.peer.under_way.lock().unflushed => Poll::Pending,
            Ok(_) | Err(_) => Poll::Ready(()),
        }
    }
}
