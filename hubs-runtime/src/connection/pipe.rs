//! A transport under a connection, as the session of the connection holds it.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::time::Instant;

use super::{Inbox, Peer};
use crate::transport::{Transport, TransportError};

pub(crate) struct Pipe<T> {
    pub(crate) transport: T,
    peer: Arc<Peer>,
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
    /// Attaches a transport to a connection that has none: from here on it carries what waits in the outbox.
    pub(crate) fn new(transport: T, peer: Arc<Peer>) -> Self {
        peer.link.attach(transport.kind(), transport.direct(), Instant::now());
        Self { transport, peer }
    }

    /// A pipe without a socket, while the connection waits for one.
    pub(crate) fn without_socket(transport: T, peer: Arc<Peer>) -> Self {
        Self { transport, peer }
    }

    /// Takes the transport away. What waits in the outbox stays for the next one. A batch that the transport has not
    /// written whole is lost with it, unless stateful reconnect keeps it to be sent again.
    pub(crate) fn detach(self) -> T {
        let Self { transport, peer } = self;
        peer.outbox.lost(peer.link.detach());
        transport
    }

    /// Reads once, into an inbox whose messages have all been handled.
    pub(crate) fn receive(&mut self, cx: &mut Context<'_>, inbox: &mut Inbox) -> Result<Received, TransportError> {
        let polled = self.transport.poll_receive(cx, inbox.fill());
        self.peer.link.note_heard(self.transport.bytes_received());
        match polled {
            Poll::Pending => Ok(Received::Nothing),
            Poll::Ready(None) => Ok(Received::Closed),
            Poll::Ready(Some(received)) => received.map(|()| Received::Bytes),
        }
    }

    /// Writes what waits; hands the next batch over only when the last one has left. Returns whether anything left.
    pub(crate) fn write(&mut self, cx: &mut Context<'_>) -> Result<bool, TransportError> {
        let mut moved = false;
        let mut writing = self.peer.link.writing();
        if self.peer.link.take_ping() {
            self.transport.ping();
            writing.unflushed = true;
        }
        loop {
            if writing.unflushed {
                let flushed = self.transport.poll_flush(cx);
                self.peer.link.note_sent(self.transport.bytes_sent());
                if flushed?.is_pending() {
                    return Ok(moved);
                }
                self.peer.outbox.left(writing.finish());
                moved = true;
            }
            let Some(batch) = self.peer.outbox.take() else { return Ok(moved) };
            writing.start(batch.len());
            self.transport.send(batch, self.peer.protocol.transfer_format())?;
        }
    }

    /// Stops watching the outbox. `false`: something was queued meanwhile, so that the session must not rest.
    pub(crate) fn rest(&self) -> bool {
        self.peer.outbox.unwatch();
        self.peer.outbox.waiting() == 0 || self.peer.link.writing().unflushed || self.peer.outbox.withholds()
    }

    /// Ready when all that waits has left, or cannot.
    pub(crate) fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.write(cx) {
            Ok(_) if self.peer.link.writing().unflushed => Poll::Pending,
            Ok(_) | Err(_) => Poll::Ready(()),
        }
    }
}
