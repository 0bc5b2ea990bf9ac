//! The part of a live connection that others hold: enough to send to it, to end it, and to check its clocks.

use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Due, End, Intervals, Outbox, OutboxLimits, Pushed, PushedLossy, link::Link, scratch};
use crate::{
    ids::{ConnectionId, DisconnectError, Loss, UserId},
    protocol::{EncodeError, HubProtocol, Outgoing},
};

#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) id: ConnectionId,
    pub(crate) user: Option<UserId>,
    pub(crate) protocol: &'static dyn HubProtocol,
    pub(crate) outbox: Outbox,
    /// Cancelled when the connection has ended, before the hub is told.
    pub(crate) ended: CancellationToken,
    pub(super) link: Link,
}

impl Peer {
    /// A connection without a socket, which [`Pipe`](super::Pipe) attaches.
    pub(crate) fn new(
        id: ConnectionId,
        user: Option<UserId>,
        protocol: &'static dyn HubProtocol,
        limits: OutboxLimits,
    ) -> Self {
        let (outbox, ended) = (Outbox::new(limits), CancellationToken::new());
        Self { id, user, protocol, outbox, ended, link: Link::new(Instant::now()) }
    }

    /// Appends a message of a sender that does not wait for room. [`Pushed::Unwatched`] only where a flusher can write
    /// it.
    pub(crate) fn push(&self, message: &Bytes) -> Pushed {
        self.wake_unless_direct(self.outbox.push(message))
    }

    /// Appends a message that may be lost: [`Outbox::push_lossy`]. [`Pushed::Unwatched`] as in [`Peer::push`].
    pub(crate) fn push_lossy(&self, message: &Bytes, loss: &Loss, now: Instant) -> PushedLossy {
        let pushed = self.outbox.push_lossy(message, loss, now);
        PushedLossy { pushed: self.wake_unless_direct(pushed.pushed), ..pushed }
    }

    /// Appends the message that was held back with this tag. [`Pushed::Unwatched`] as in [`Peer::push`].
    pub(crate) fn release(&self, tag: u64, now: Instant) -> Pushed {
        self.wake_unless_direct(self.outbox.release(tag, now))
    }

    /// Waits for room, then appends a message: [`Outbox::poll_push`]. [`Pushed::Unwatched`] as in [`Peer::push`].
    pub(crate) fn poll_push(&self, cx: &Context<'_>, message: &Bytes) -> Poll<Pushed> {
        self.outbox.poll_push(cx, message).map(|pushed| self.wake_unless_direct(pushed))
    }

    #[inline]
    fn wake_unless_direct(&self, pushed: Pushed) -> Pushed {
        match pushed {
            Pushed::Unwatched if !self.link.is_direct() => {
                self.outbox.wake();
                Pushed::Done
            }
            pushed => pushed,
        }
    }

    /// Writes what waits, as far as the socket takes it at once. The rest, and every error, is left to the session.
    pub(super) fn flush_now(&self) {
        self.link.flush_now(&self.outbox, self.protocol.transfer_format());
    }

    /// Notes that a message came in.
    pub(crate) fn note_received(&self) {
        self.link.note_received();
    }

    /// Notes that the peer has pinged: from then on its silence means something.
    pub(crate) fn arm(&self) {
        self.link.arm();
    }

    /// Notes whether the session has stopped reading.
    pub(crate) fn note_paused(&self, paused: bool) {
        self.link.note_paused(paused);
    }

    /// Writes a message of this connection's own session.
    pub(crate) fn encode(&self, message: &Outgoing<'_>) -> Result<(), EncodeError> {
        scratch::with(|out| {
            self.protocol.encode(message, out)?;
            self.outbox.append_own(out);
            Ok(())
        })
    }

    /// Queues the Close message. The outbox must be sealed.
    pub(crate) fn queue_close(&self, error: Option<&str>, allow_reconnect: bool) {
        let mut message = Vec::new();
        let close = Outgoing::Close { error, allow_reconnect };
        if self.protocol.encode(&close, &mut message).is_ok() {
            self.outbox.append_close(&message);
        }
    }

    /// Checks the clocks: pings, or ends the connection. Returns whether it was found too slow.
    pub(crate) fn tick(&self, now: Instant, intervals: &Intervals) -> bool {
        match self.link.tick(now, &self.outbox, intervals) {
            Due::Stalled(time) if self.outbox.ended().is_none() => {
                let queued = self.outbox.waiting();
                let text = format!("it has read nothing for {} s while {queued} bytes were queued", time.as_secs());
                self.outbox.end(End::Failed(DisconnectError::SlowConsumer(text)));
                return true;
            }
            Due::Nothing | Due::Stalled(_) => {}
            Due::Ping => {
                self.encode(&Outgoing::Ping).unwrap_or_default();
                self.outbox.wake();
            }
            Due::ClientTimeout => self.outbox.end(End::Failed(DisconnectError::ClientTimeout)),
        }
        false
    }
}
