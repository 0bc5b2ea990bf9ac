//! A transport with what waits on both of its sides: the only writer of a connection, on either end.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use super::{Inbox, Peer};
use crate::transport::{Transport, TransportError};

pub(crate) struct Pipe<T> {
    pub(crate) transport: T,
    pub(crate) inbox: Inbox,
    peer: Arc<Peer>,
    /// Bytes of the batch that is in the transport.
    in_transport: usize,
    /// Whether the transport may hold bytes that have not left.
    unflushed: bool,
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

impl<T: Transport> Pipe<T> {
    pub(crate) fn new(transport: T, inbox: Inbox, peer: Arc<Peer>) -> Self {
        Self { transport, inbox, peer, in_transport: 0, unflushed: false }
    }

    /// Reads once.
    pub(crate) fn receive(&mut self, cx: &mut Context<'_>) -> Result<Received, TransportError> {
        let polled = self.transport.poll_receive(cx);
        self.peer.note_heard(self.transport.bytes_received());
        match polled {
            Poll::Pending => Ok(Received::Nothing),
            Poll::Ready(None) => Ok(Received::Closed),
            Poll::Ready(Some(bytes)) => {
                self.inbox.push(bytes?);
                Ok(Received::Bytes)
            }
        }
    }

    /// Writes what waits; hands the next batch over only when the last one has left. Says whether anything left.
    pub(crate) fn write(&mut self, cx: &mut Context<'_>) -> Result<bool, TransportError> {
        let mut moved = false;
        if self.peer.take_ping() {
            self.transport.ping();
            self.unflushed = true;
        }
        loop {
            if self.unflushed {
                let flushed = self.transport.poll_flush(cx);
                self.peer.note_sent(self.transport.bytes_sent());
                if flushed?.is_pending() {
                    return Ok(moved);
                }
                self.unflushed = false;
                self.peer.outbox.left(std::mem::take(&mut self.in_transport));
                moved = true;
            }
            let Some(batch) = self.peer.outbox.take() else { return Ok(moved) };
            self.in_transport = batch.len();
            self.unflushed = true;
            self.transport.send(batch, self.peer.protocol.transfer_format())?;
        }
    }

    /// Ready when all that waits has left, or cannot.
    pub(crate) fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.write(cx) {
            Ok(_) if self.unflushed => Poll::Pending,
            Ok(_) | Err(_) => Poll::Ready(()),
        }
    }
}
