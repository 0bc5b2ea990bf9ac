//! The part of a live connection that others hold: enough to send to it, to end it, and to look at its clocks.

use std::{
    sync::{
        OnceLock, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Clocks, Due, End, Intervals, Outbox, OutboxLimits, Pushed, Seen, pipe::UnderWay, scratch};
use crate::{
    ids::{ConnectionId, DisconnectError, UserId},
    protocol::{EncodeError, HubProtocol, Outgoing},
    transport::{DirectWrite, TransportKind},
};

#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) id: ConnectionId,
    pub(crate) user: Option<UserId>,
    pub(crate) protocol: &'static dyn HubProtocol,
    pub(crate) outbox: Outbox,
    pub(super) under_way: Mutex<UnderWay>,
    /// The way to the socket past the session, where there is one. It ends with the session.
    direct: OnceLock<Weak<dyn DirectWrite>>,
    /// Cancelled when the connection has ended, before the hub is told.
    pub(crate) ended: CancellationToken,
    /// Counts what came in; the session adds, the clocks look.
    received: AtomicU64,
    /// Counts bytes that have left.
    sent: AtomicU64,
    transport: TransportKind,
    /// Counts bytes that came in, the transport's own included.
    heard: AtomicU64,
    /// Whether the transport shall ask for a sign of life.
    ping_due: AtomicBool,
    /// Whether the peer has pinged: from then on its silence means something.
    armed: AtomicBool,
    /// Whether the session has stopped reading by itself: the peer's silence is then our own doing.
    reading_paused: AtomicBool,
    clocks: Mutex<Clocks>,
}

impl Peer {
    pub(crate) fn new(
        id: ConnectionId,
        user: Option<UserId>,
        protocol: &'static dyn HubProtocol,
        limits: OutboxLimits,
    ) -> Self {
        Self {
            id,
            user,
            protocol,
            outbox: Outbox::new(limits),
            under_way: Mutex::default(),
            direct: OnceLock::new(),
            ended: CancellationToken::new(),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            transport: TransportKind::Memory,
            heard: AtomicU64::new(0),
            ping_due: AtomicBool::new(false),
            armed: AtomicBool::new(false),
            reading_paused: AtomicBool::new(false),
            clocks: Mutex::new(Clocks::new(Instant::now())),
        }
    }

    /// Over which transport it is connected; that says what its silence means.
    pub(crate) fn over(mut self, transport: TransportKind) -> Self {
        self.transport = transport;
        self
    }

    /// From here on the flusher writes what others send.
    pub(super) fn write_directly(&self, direct: Weak<dyn DirectWrite>) {
        // A peer has one pipe.
        let _ = self.direct.set(direct);
    }

    /// Appends a message of a sender that does not wait for room. [`Pushed::Unwatched`] only where a flusher can write
    /// it.
    pub(crate) fn push(&self, message: &Bytes) -> Pushed {
        self.wake_unless_direct(self.outbox.push(message))
    }

    /// Waits for room, then appends a message: [`Outbox::poll_push`]. [`Pushed::Unwatched`] as in [`Peer::push`].
    pub(crate) fn poll_push(&self, cx: &Context<'_>, message: &Bytes) -> Poll<Pushed> {
        self.outbox.poll_push(cx, message).map(|pushed| self.wake_unless_direct(pushed))
    }

    #[inline]
    fn wake_unless_direct(&self, pushed: Pushed) -> Pushed {
        match pushed {
            Pushed::Unwatched if self.direct.get().is_none() => {
                self.outbox.wake();
                Pushed::Done
            }
            pushed => pushed,
        }
    }

    /// Writes what waits, as far as the socket takes it at once. The rest, and every error, is left to the session.
    pub(super) fn flush_now(&self) {
        self.outbox.unwatch();
        let direct = self.direct.get().and_then(Weak::upgrade);
        let (Some(direct), Some(mut under_way)) = (direct, self.under_way.try_lock()) else {
            return self.outbox.wake();
        };
        // The session waits for the socket already, and goes on from there.
        while !under_way.unflushed {
            let Some(batch) = self.outbox.take() else { return };
            *under_way = UnderWay { unflushed: true, batch: batch.len() };
            let Some(sent) = direct.write_now(batch, self.protocol.transfer_format()) else {
                return self.outbox.wake();
            };
            self.note_sent(sent);
            self.outbox.left(std::mem::take(&mut *under_way).batch);
        }
    }

    /// Notes how many bytes came in so far, whatever they mean.
    pub(crate) fn note_heard(&self, total: u64) {
        self.heard.store(total, Ordering::Relaxed);
    }

    /// Whether the transport shall ask for a sign of life now.
    pub(crate) fn take_ping(&self) -> bool {
        self.ping_due.load(Ordering::Relaxed) && self.ping_due.swap(false, Ordering::Relaxed)
    }

    /// Notes that something came in.
    pub(crate) fn note_received(&self) {
        // Nobody else writes, so this need not be one step.
        self.received.store(self.received.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Notes how many bytes have left so far.
    pub(crate) fn note_sent(&self, total: u64) {
        self.sent.store(total, Ordering::Relaxed);
    }

    /// Notes that the peer has pinged.
    pub(crate) fn arm(&self) {
        self.armed.store(true, Ordering::Relaxed);
    }

    /// Notes whether the session reads.
    pub(crate) fn note_paused(&self, paused: bool) {
        if self.reading_paused.load(Ordering::Relaxed) != paused {
            self.reading_paused.store(paused, Ordering::Relaxed);
        }
    }

    /// Writes a message of this connection's own session.
    pub(crate) fn encode(&self, message: &Outgoing<'_>) -> Result<(), EncodeError> {
        scratch::with(|out| {
            self.protocol.encode(message, out)?;
            self.outbox.append_own(out);
            Ok(())
        })
    }

    /// Appends the Close message to the sealed outbox: the last word.
    pub(crate) fn say_close(&self, error: Option<&str>, allow_reconnect: bool) {
        let mut message = Vec::new();
        let close = Outgoing::Close { error, allow_reconnect };
        if self.protocol.encode(&close, &mut message).is_ok() {
            self.outbox.last_word(&message);
        }
    }

    /// Looks at the clocks: pings, or ends the connection. Returns whether it was found too slow.
    pub(crate) fn tick(&self, now: Instant, intervals: &Intervals) -> bool {
        let paused = self.reading_paused.load(Ordering::Relaxed);
        let seen = Seen {
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            waiting: self.outbox.waiting() > 0,
            crowded: self.outbox.crowded(),
            armed: self.armed.load(Ordering::Relaxed) && !paused && !self.transport.has_inherent_keep_alive(),
            heard: (self.transport.answers_pings() && !paused).then(|| self.heard.load(Ordering::Relaxed)),
        };
        match self.clocks.lock().tick(now, seen, intervals) {
            Due::Nothing => false,
            Due::Ping if self.transport.has_inherent_keep_alive() => false,
            Due::Ping => {
                self.ping_due.store(self.transport.answers_pings(), Ordering::Relaxed);
                self.encode(&Outgoing::Ping).unwrap_or_default();
                self.outbox.wake();
                false
            }
            Due::ClientTimeout => {
                self.outbox.end(End::Failed(DisconnectError::ClientTimeout));
                false
            }
            Due::Stalled(time) if self.outbox.ended().is_none() => {
                let queued = self.outbox.waiting();
                let text = format!("it has read nothing for {} s while {queued} bytes were queued", time.as_secs());
                self.outbox.end(End::Failed(DisconnectError::SlowConsumer(text)));
                true
            }
            Due::Stalled(_) => false,
        }
    }
}
