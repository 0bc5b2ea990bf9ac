//! The outgoing queue of one connection: framed messages, bounded. Any task may append, and no task waits for the
//! socket. Batches are taken out by the session of the connection, or by a flusher.

use std::{
    fmt,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{
    End, Registered,
    lossy::Held,
    queue::Queue,
    resume::{NotSent, Parked, Replay, ReplayLimits},
    sync::{AtomicBool, AtomicUsize, AtomicWaker, Mutex, MutexGuard, Ordering},
};
use crate::ids::DisconnectError;

pub(crate) struct Outbox {
    pub(super) state: Mutex<State>,
    /// Bytes queued and not yet written, including those in the transport. Only written under the lock of `state`.
    waiting: AtomicUsize,
    pub(super) limits: OutboxLimits,
    /// Whether `state` holds an end. The session checks it on every turn, so it must cost no lock.
    ending: AtomicBool,
    /// Whether the session has been woken and has not run yet: one wake-up for a burst.
    notified: AtomicBool,
    /// Whether the session, while it runs, or a flusher will write what is appended.
    watched: AtomicBool,
    session: AtomicWaker,
}

/// How many bytes may be queued.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutboxLimits {
    /// Above this, senders that wait for room wait: results, streams, pushes to the caller, awaited sends.
    pub(crate) producer: usize,
    /// Above this, a reader without progress for [`Intervals::slow_consumer_grace`](super::Intervals) is too slow.
    pub(crate) soft: usize,
    /// Above this, a reader is too slow at once.
    pub(crate) hard: usize,
}

impl OutboxLimits {
    /// 64 KiB, 1 MiB and 16 MiB.
    #[cfg(any(test, feature = "client"))]
    pub(crate) const DEFAULT: Self = Self { producer: 64 * 1024, soft: 1024 * 1024, hard: 16 * 1024 * 1024 };
}

/// What became of a message that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It is queued and the session or a flusher will write it; or the connection has ended and it was dropped.
    Done,
    /// It is queued, and the sender must get it written: wake the session or add the connection to a flusher.
    Unwatched,
    /// As [`Pushed::Done`], and the soft limit is exceeded: the sender should yield before it pushes more.
    Crowded,
    /// The hard limit was exceeded: the connection ends as too slow.
    Overflowed,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) queue: Queue,
    /// Messages that are held back for a time; `None` where none ever was.
    pub(super) held: Option<Box<Held>>,
    end: Option<End>,
    /// Nothing may be appended any more but the Close message.
    sealed: bool,
    /// Whether the soft limit was exceeded since there was room last.
    pub(super) crowded: bool,
    /// Senders that wait until there is room.
    pub(super) producers: Vec<Waker>,
}

impl State {
    /// Whether messages are dropped.
    pub(super) fn is_closed(&self) -> bool {
        self.sealed || self.end.is_some()
    }

    fn wait_for_room(&mut self, cx: &Context<'_>) {
        if !self.producers.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.producers.push(cx.waker().clone());
        }
    }
}

impl Outbox {
    pub(crate) fn new(limits: OutboxLimits) -> Self {
        Self {
            state: Mutex::new(State::default()),
            waiting: AtomicUsize::new(0),
            limits,
            ending: AtomicBool::new(false),
            notified: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            session: AtomicWaker::new(),
        }
    }

    /// Bytes queued and not yet written, including those in the transport.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// Whether senders that wait for room have to wait.
    pub(crate) fn full(&self) -> bool {
        self.waiting() > self.limits.producer
    }

    /// Appends a message of a sender that does not wait for room. Past the hard limit the connection ends as too slow;
    /// one message always fits an empty outbox.
    #[inline]
    pub(crate) fn push(&self, message: &Bytes) -> Pushed {
        let state = self.state.lock();
        if state.is_closed() {
            return Pushed::Done;
        }
        let waiting = self.waiting();
        let total = waiting.saturating_add(message.len());
        if waiting > 0 && total > self.limits.soft {
            return self.push_above_soft_limit(state, message, total);
        }
        self.append(state, message, total)
    }

    #[cold]
    fn push_above_soft_limit(&self, mut state: MutexGuard<'_, State>, message: &Bytes, total: usize) -> Pushed {
        // What may not leave is not a burst that its reader will have caught up with in a moment.
        if total > self.limits.hard || state.queue.replay().is_some_and(|replay| replay.withholds()) {
            return self.overflow(state);
        }
        state.crowded = true;
        match self.append(state, message, total) {
            Pushed::Done => Pushed::Crowded,
            pushed => pushed,
        }
    }

    /// Ends the connection as too slow.
    pub(super) fn overflow(&self, mut state: MutexGuard<'_, State>) -> Pushed {
        let text = format!("{} bytes were waiting for it", self.waiting());
        state.end = Some(End::Failed(DisconnectError::SlowConsumer(text)));
        self.ending.store(true, Ordering::Release);
        drop(state);
        self.wake();
        Pushed::Overflowed
    }

    #[inline]
    fn append(&self, mut state: MutexGuard<'_, State>, message: &Bytes, total: usize) -> Pushed {
        state.queue.append(message);
        self.appended(state, total)
    }

    #[inline]
    pub(super) fn appended(&self, state: MutexGuard<'_, State>, total: usize) -> Pushed {
        self.set_waiting(&state, total);
        drop(state);
        if self.watched.swap(true, Ordering::AcqRel) { Pushed::Done } else { Pushed::Unwatched }
    }

    /// Appends a message of a sender that waits for room first. Such a message never makes the connection too slow.
    /// Cancel safe: nothing is queued before this is ready.
    pub(crate) fn poll_push(&self, cx: &Context<'_>, message: &Bytes) -> Poll<Pushed> {
        let mut state = self.state.lock();
        if state.is_closed() {
            return Poll::Ready(Pushed::Done);
        }
        if self.full() {
            state.wait_for_room(cx);
            return Poll::Pending;
        }
        let total = self.waiting().saturating_add(message.len());
        Poll::Ready(self.append(state, message, total))
    }

    /// Whether senders that did not wait for room have exceeded the soft limit, and the reader has not caught up yet.
    pub(crate) fn crowded(&self) -> bool {
        self.waiting() > self.limits.soft && self.state.lock().crowded
    }

    /// Appends a message of this connection's own session: a result, a stream item, a ping. It never makes the reader
    /// too slow, and it wakes no task: the session writes it before it rests. After the end it is dropped: a call that
    /// aborts its connection has no answer. Returns whether it was appended.
    pub(crate) fn append_own(&self, message: &[u8]) -> bool {
        let mut state = self.state.lock();
        let open = !state.is_closed();
        if open {
            state.queue.append_copy(message);
            self.set_waiting(&state, self.waiting() + message.len());
        }
        open
    }

    /// As [`Outbox::append_own`], for a message that stateful reconnect does not number: a ping or an acknowledgement.
    pub(crate) fn append_uncounted(&self, message: &[u8]) {
        let mut state = self.state.lock();
        if !state.is_closed() {
            let added = state.queue.append_uncounted(message);
            self.set_waiting(&state, self.waiting() + added);
        }
    }

    /// Ends the connection, unless it has ended already, and wakes the session.
    pub(crate) fn end(&self, end: End) {
        let mut state = self.state.lock();
        if state.end.is_none() {
            state.end = Some(end);
            self.ending.store(true, Ordering::Release);
        }
        drop(state);
        self.wake();
    }

    /// How the connection is to end, if it is.
    pub(crate) fn ended(&self) -> Option<End> {
        if self.ending.load(Ordering::Acquire) { self.state.lock().end.clone() } else { None }
    }

    /// Refuses all further messages. With `drop_queued` drops what waits, too.
    pub(crate) fn seal(&self, drop_queued: bool) {
        let mut state = self.state.lock();
        state.sealed = true;
        if drop_queued {
            let dropped = state.queue.clear();
            self.set_waiting(&state, self.waiting() - dropped);
        }
        if let Some(replay) = state.queue.replay() {
            replay.leave();
        }
        let producers = std::mem::take(&mut state.producers);
        drop(state);
        producers.into_iter().for_each(Waker::wake);
    }

    /// Appends the Close message to a sealed outbox.
    pub(crate) fn append_close(&self, message: &[u8]) {
        let mut state = self.state.lock();
        state.queue.append_close(message);
        self.set_waiting(&state, self.waiting() + message.len());
    }

    /// Takes the next batch of whole messages. Its bytes count as waiting until [`Outbox::left`].
    #[inline(always)]
    pub(crate) fn take(&self) -> Option<Bytes> {
        // A sender that appends after this check wakes the session or adds the connection to a flusher, so the check
        // needs no lock.
        if self.waiting() == 0 { None } else { self.state.lock().queue.take() }
    }

    /// Notes that the last batch, of `bytes`, has left.
    #[inline]
    pub(crate) fn left(&self, bytes: usize) {
        self.freed(self.state.lock(), bytes);
    }

    /// Notes that the last batch, of `bytes`, is gone with its transport.
    pub(crate) fn lost(&self, bytes: usize) {
        let mut state = self.state.lock();
        if let Some(replay) = state.queue.replay() {
            let waiting = replay.rewind();
            return self.set_waiting(&state, waiting);
        }
        self.freed(state, bytes);
    }

    #[inline]
    fn freed(&self, state: MutexGuard<'_, State>, bytes: usize) {
        let was_full = self.full();
        self.set_waiting(&state, self.waiting() - bytes);
        if was_full && !self.full() {
            Self::has_room(state);
        }
    }

    #[cold]
    fn has_room(mut state: MutexGuard<'_, State>) {
        state.crowded = false;
        let producers = std::mem::take(&mut state.producers);
        drop(state);
        producers.into_iter().for_each(Waker::wake);
    }

    /// Notes how much waits now. The guard proves that the lock is held.
    fn set_waiting(&self, _: &MutexGuard<'_, State>, bytes: usize) {
        self.waiting.store(bytes, Ordering::Release);
    }

    /// Ready when there is room. Otherwise the task of `cx` is woken as soon as there is.
    #[inline]
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        if self.full() { self.wait_for_room(cx) } else { Poll::Ready(()) }
    }

    /// As [`Outbox::poll_room`], with the proof that the task is woken when there is room.
    #[inline]
    pub(crate) fn room(&self, cx: &Context<'_>) -> Result<(), Registered> {
        Registered::by(self.poll_room(cx))
    }

    fn wait_for_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        if state.sealed || !self.full() {
            return Poll::Ready(());
        }
        state.wait_for_room(cx);
        Poll::Pending
    }

    /// Registers the session's task, before it checks for work. Until [`Outbox::unwatch`], senders rely on it to check
    /// again. Both flags are exchanged and not just stored, here and there: a store would hide from the session the
    /// message of a sender that had found the old value and relied on it.
    pub(crate) fn register(&self, cx: &Context<'_>) {
        self.session.register(cx.waker());
        self.notified.swap(false, Ordering::AcqRel);
        self.watched.swap(true, Ordering::AcqRel);
    }

    /// Called by the session before it rests, and by a flusher before it takes what waits; both check the queue
    /// afterwards.
    pub(crate) fn unwatch(&self) {
        self.watched.swap(false, Ordering::AcqRel);
    }

    /// Wakes the session, once until it has run.
    pub(crate) fn wake(&self) {
        if !self.notified.swap(true, Ordering::AcqRel) {
            self.session.wake();
        }
    }
}

/// Stateful reconnect.
impl Outbox {
    /// Numbers all messages from now on, and keeps them until they are acknowledged. `started`: whether they may leave
    /// before [`Outbox::start`]. Only an empty outbox can begin to.
    pub(crate) fn keep_replay(&self, limits: ReplayLimits, started: bool) {
        self.state.lock().queue.keep_replay(Replay::new(limits, started));
    }

    /// The peer counts messages from now on.
    pub(crate) fn start(&self) {
        if let Some(replay) = self.state.lock().queue.replay() {
            replay.start();
        }
    }

    /// The peer has received all messages up to this one.
    pub(crate) fn acknowledge(&self, number: i64) -> Result<(), NotSent> {
        self.state.lock().queue.replay().map_or(Ok(()), |replay| replay.acknowledge(number))
    }

    /// Counts this connection among those that wait for a socket; `parked` gets the bytes that are kept for it.
    pub(crate) fn park(&self, parked: impl FnOnce(usize) -> Parked) {
        if let Some(replay) = self.state.lock().queue.replay() {
            replay.park(parked);
        }
    }

    /// Sends all that is not acknowledged again. `start` makes what comes before: the number that is sent next, and so many
    /// messages that the peer will drop. To be called when there is no socket.
    pub(crate) fn resume(&self, start: impl FnOnce(u64, u64) -> Vec<u8>) {
        let mut state = self.state.lock();
        let Some(replay) = state.queue.replay() else { return };
        let (number, missing) = replay.expected();
        let start = start(number, missing);
        let added = start.len();
        replay.resume(start);
        self.set_waiting(&state, self.waiting() + added);
    }

    /// Whether all that waits may not leave now.
    pub(crate) fn withholds(&self) -> bool {
        self.state.lock().queue.replay().is_some_and(|replay| replay.withholds())
    }

    /// For how long messages have waited for an acknowledgement.
    pub(crate) fn blocked(&self, now: Instant) -> Option<Duration> {
        if self.waiting() == 0 { None } else { self.state.lock().queue.replay()?.blocked(now) }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.waiting()).field("limits", &self.limits).finish_non_exhaustive()
    }
}
