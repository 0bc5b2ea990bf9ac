//! What belongs to the socket of a connection and not to the connection: all of it is replaced when another socket takes
//! over.

use std::sync::{
    Weak,
    atomic::{AtomicBool as Flag, AtomicU64},
};

use tokio::time::Instant;

use super::{
    Clocks, Due, Intervals, Outbox, Seen,
    sync::{AtomicBool, Mutex, MutexGuard, Ordering},
};
use crate::{
    ids::TransferFormat,
    transport::{DirectWrite, TransportKind},
};

/// The socket that a connection has now, if it has one. Counters that no other memory depends on are plain atomics.
#[derive(Debug)]
pub(super) struct Link {
    writing: Mutex<Writing>,
    /// Whether a flusher can write on the socket.
    direct: AtomicBool,
    /// Messages that came in.
    received: AtomicU64,
    /// Bytes that came in, the transport's own included.
    heard: AtomicU64,
    /// Bytes that have left.
    sent: AtomicU64,
    /// Whether the transport must ping.
    ping_due: Flag,
    /// Whether the peer has pinged: from then on its silence means something.
    armed: Flag,
    /// Whether the session has stopped reading: the peer's silence is then this end's doing.
    reading_paused: Flag,
    watch: Mutex<Watch>,
}

/// What is being written. The holder of the lock around it may write.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// The way to the socket past the session, where there is one.
    direct: Option<Weak<dyn DirectWrite>>,
    /// Whether the transport may hold bytes that have not left.
    pub(super) unflushed: bool,
    /// How many of them are a batch out of the outbox.
    pub(super) batch: usize,
}

#[derive(Debug)]
struct Watch {
    /// Which transport it is; `None` while there is none.
    kind: Option<TransportKind>,
    clocks: Clocks,
}

impl Writing {
    /// A batch is handed to the transport.
    pub(super) fn start(&mut self, batch: usize) {
        (self.unflushed, self.batch) = (true, batch);
    }

    /// All has left. Returns the length of the batch.
    pub(super) fn finish(&mut self) -> usize {
        self.unflushed = false;
        std::mem::take(&mut self.batch)
    }
}

impl Link {
    /// No socket yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            writing: Mutex::new(Writing::default()),
            direct: AtomicBool::new(false),
            received: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            ping_due: Flag::new(false),
            armed: Flag::new(false),
            reading_paused: Flag::new(false),
            watch: Mutex::new(Watch { kind: None, clocks: Clocks::new(now) }),
        }
    }

    /// A socket takes over. All counters and clocks begin anew; a peer that pings does so on every socket.
    pub(super) fn attach(&self, kind: TransportKind, direct: Option<Weak<dyn DirectWrite>>, now: Instant) {
        let is_direct = direct.is_some();
        *self.writing.lock() = Writing { direct, unflushed: false, batch: 0 };
        [&self.received, &self.heard, &self.sent].iter().for_each(|count| count.store(0, Ordering::Relaxed));
        [&self.ping_due, &self.reading_paused].iter().for_each(|flag| flag.store(false, Ordering::Relaxed));
        *self.watch.lock() = Watch { kind: Some(kind), clocks: Clocks::new(now) };
        self.direct.store(is_direct, Ordering::Release);
    }

    /// The socket is taken away, after a write of the flusher that has begun. Returns how many bytes of a batch it had
    /// not written.
    pub(super) fn detach(&self) -> usize {
        self.direct.store(false, Ordering::Release);
        self.watch.lock().kind = None;
        std::mem::take(&mut *self.writing.lock()).batch
    }

    /// The right to write, for the session.
    pub(super) fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock()
    }

    /// Whether a flusher can do what the session would.
    pub(super) fn is_direct(&self) -> bool {
        self.direct.load(Ordering::Acquire)
    }

    /// Writes what waits, as far as the socket takes it at once. The rest, and every error, is left to the session.
    pub(super) fn flush_now(&self, outbox: &Outbox, format: TransferFormat) {
        outbox.unwatch();
        let Some(mut writing) = self.writing.try_lock() else { return outbox.wake() };
        let Some(direct) = writing.direct.as_ref().and_then(Weak::upgrade) else {
            drop(writing);
            return outbox.wake();
        };
        // The session waits for the socket already, and goes on from there.
        while !writing.unflushed {
            let Some(batch) = outbox.take() else { return };
            writing.start(batch.len());
            let Some(sent) = direct.write_now(batch, format) else { return outbox.wake() };
            self.note_sent(sent);
            outbox.left(writing.finish());
        }
    }

    pub(super) fn note_heard(&self, total: u64) {
        self.heard.store(total, Ordering::Relaxed);
    }

    pub(super) fn note_sent(&self, total: u64) {
        self.sent.store(total, Ordering::Relaxed);
    }

    pub(super) fn note_received(&self) {
        // Only the session writes, so this need not be one step.
        self.received.store(self.received.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(super) fn arm(&self) {
        self.armed.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_paused(&self, paused: bool) {
        if self.reading_paused.load(Ordering::Relaxed) != paused {
            self.reading_paused.store(paused, Ordering::Relaxed);
        }
    }

    /// Whether the transport must ping now.
    pub(super) fn take_ping(&self) -> bool {
        self.ping_due.load(Ordering::Relaxed) && self.ping_due.swap(false, Ordering::Relaxed)
    }

    /// What the clocks say. Nothing is due while there is no socket: how long a connection may be without one is the
    /// session's to decide.
    pub(super) fn tick(&self, now: Instant, outbox: &Outbox, intervals: &Intervals) -> Due {
        let mut watch = self.watch.lock();
        let Some(kind) = watch.kind else { return Due::Nothing };
        let paused = self.reading_paused.load(Ordering::Relaxed);
        let seen = Seen {
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            waiting: outbox.waiting() > 0,
            crowded: outbox.crowded(),
            armed: self.armed.load(Ordering::Relaxed) && !paused && !kind.has_inherent_keep_alive(),
            heard: (kind.answers_pings() && !paused).then(|| self.heard.load(Ordering::Relaxed)),
        };
        match watch.clocks.tick(now, seen, intervals) {
            Due::Ping if kind.has_inherent_keep_alive() => Due::Nothing,
            Due::Ping => {
                self.ping_due.store(kind.answers_pings(), Ordering::Relaxed);
                Due::Ping
            }
            due => due,
        }
    }
}
