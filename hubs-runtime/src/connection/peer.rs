//! The part of a live connection that others hold: enough to send to it, to end it, and to check its clocks.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Due, End, Intervals, Outbox, OutboxLimits, Pushed, PushedLossy, link::Link, scratch};
use crate::{
    ids::{ConnectionId, DisconnectError, Loss, UserId},
    protocol::{EncodeError, HubProtocol, Outcome, Outgoing},
};

/// How long messages wait for an acknowledgement when no more can be kept, as in ASP.NET Core.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);

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
    // A broadcast does little else for each receiver: a call of its own costs a delivery 7 %.
    #[inline(always)]
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

    /// Writes a message that stateful reconnect does not number: a ping or an acknowledgement.
    pub(crate) fn encode_uncounted(&self, message: &Outgoing<'_>) {
        scratch::with(|out| {
            if self.protocol.encode(message, out).is_ok() {
                self.outbox.append_uncounted(out);
            }
        });
    }

    /// Makes ready for the next socket: it begins with a Sequence message, and then all that is not acknowledged. To be
    /// called when there is no socket.
    pub(crate) fn resume(&self) {
        self.outbox.resume(|sequence_id, missing| {
            let mut start = Vec::new();
            self.protocol.encode(&Outgoing::Sequence { sequence_id }, &mut start).unwrap_or_default();
            // The peer drops them unread, since it has received what they stand for. No call has this id.
            let filler = Outgoing::Completion { id: "-", outcome: Outcome::Void };
            for _ in 0..missing {
                self.protocol.encode(&filler, &mut start).unwrap_or_default();
            }
            start
        });
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
        if let Some(time) = self.outbox.blocked(now).filter(|time| *time >= ACK_TIMEOUT) {
            let text = format!("it has acknowledged nothing for {} s while messages were kept for it", time.as_secs());
            self.outbox.end(End::Failed(DisconnectError::SlowConsumer(text)));
            return true;
        }
        match self.link.tick(now, &self.outbox, intervals) {
            Due::Stalled(time) if self.outbox.ended().is_none() => {
                let queued = self.outbox.waiting();
                let text = format!("it has read nothing for {} s while {queued} bytes were queued", time.as_secs());
                self.outbox.end(End::Failed(DisconnectError::SlowConsumer(text)));
                return true;
            }
            Due::Nothing | Due::Stalled(_) => {}
            Due::Ping => {
                self.encode_uncounted(&Outgoing::Ping);
                self.outbox.wake();
            }
            Due::ClientTimeout => self.outbox.end(End::Failed(DisconnectError::ClientTimeout)),
        }
        false
    }
}
