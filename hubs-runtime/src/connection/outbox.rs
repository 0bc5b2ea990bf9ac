//! What waits to be sent to one peer: framed bytes, bounded. Anybody may append, nobody waits for the socket. Batches
//! are taken out by whoever writes: the session of the connection, or the flusher for what came from others.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::{Mutex, MutexGuard};

use super::{End, Registered, queue::Queue};
use crate::ids::DisconnectError;

pub(crate) struct Outbox {
    state: Mutex<State>,
    /// All bytes that have not left yet, those in the transport included. Only written by whoever holds the state.
    waiting: AtomicUsize,
    limits: OutboxLimits,
    /// Whether the state holds an end: looked at on every turn, so it must cost no lock.
    ending: AtomicBool,
    /// Whether the session has been woken and has not looked yet: one wake a burst.
    notified: AtomicBool,
    /// Whether somebody is going to look for what others have appended: the session, while it runs, or the flusher.
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
struct State {
    queue: Queue,
    end: Option<End>,
    /// Nothing may be appended any more: the last word has been said.
    sealed: bool,
    /// Whether the soft limit was exceeded since there was room last.
    crowded: bool,
    /// Senders that wait until there is room.
    producers: Vec<Waker>,
}

impl State {
    /// Whether messages are dropped.
    fn is_closed(&self) -> bool {
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
            state: Mutex::default(),
            waiting: AtomicUsize::new(0),
            limits,
            ending: AtomicBool::new(false),
            notified: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            session: AtomicWaker::new(),
        }
    }

    /// How many bytes wait, those in the transport included.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// Whether this connection's own producers have to wait.
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
        if total > self.limits.hard {
            let text = format!("{} bytes were waiting for it", self.waiting());
            state.end = Some(End::Failed(DisconnectError::SlowConsumer(text)));
            self.ending.store(true, Ordering::Release);
            drop(state);
            self.wake();
            return Pushed::Overflowed;
        }
        state.crowded = true;
        match self.append(state, message, total) {
            Pushed::Done => Pushed::Crowded,
            pushed => pushed,
        }
    }

    #[inline]
    fn append(&self, mut state: MutexGuard<'_, State>, message: &Bytes, total: usize) -> Pushed {
        state.queue.append(message);
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

    /// Appends a message of this connection's own session: a result, a stream item, a ping. Never counts as slow, and
    /// wakes nobody: the session writes it before it rests. What comes after the end is dropped: a call that aborts its
    /// connection has no answer. Says whether it was taken.
    pub(crate) fn append_own(&self, message: &[u8]) -> bool {
        let mut state = self.state.lock();
        let open = !state.is_closed();
        if open {
            state.queue.join(message);
            self.set_waiting(&state, self.waiting() + message.len());
        }
        open
    }

    /// Ends the connection, if nothing else has. The session sees it next.
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

    /// Takes nothing more. With `drop_queued` forgets what waits, too.
    pub(crate) fn seal(&self, drop_queued: bool) {
        let mut state = self.state.lock();
        state.sealed = true;
        if drop_queued {
            let dropped = state.queue.clear();
            self.set_waiting(&state, self.waiting() - dropped);
        }
        let producers = std::mem::take(&mut state.producers);
        drop(state);
        producers.into_iter().for_each(Waker::wake);
    }

    /// Appends the last word to a sealed outbox.
    pub(crate) fn last_word(&self, message: &[u8]) {
        let mut state = self.state.lock();
        state.queue.join(message);
        self.set_waiting(&state, self.waiting() + message.len());
    }

    /// Takes the next batch of whole messages. Its bytes count as waiting until [`Outbox::left`].
    #[inline]
    pub(crate) fn take(&self) -> Option<Bytes> {
        // Whoever appends after this look sees to it that somebody looks again: it costs no lock.
        if self.waiting() == 0 { None } else { self.state.lock().queue.take() }
    }

    /// Says that `bytes` of what was taken have left.
    #[inline]
    pub(crate) fn left(&self, bytes: usize) {
        let mut state = self.state.lock();
        let was_full = self.full();
        self.set_waiting(&state, self.waiting() - bytes);
        if was_full && !self.full() {
            state.crowded = false;
            let producers = std::mem::take(&mut state.producers);
            drop(state);
            producers.into_iter().for_each(Waker::wake);
        }
    }

    /// Notes how much waits now. The guard shows that nobody else does.
    fn set_waiting(&self, _: &MutexGuard<'_, State>, bytes: usize) {
        self.waiting.store(bytes, Ordering::Release);
    }

    /// Waits until this connection's own producers may go on.
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

    /// Registers the session's task; to be called before it looks for work. Until [`Outbox::unwatch`] it is trusted to
    /// look again. It exchanges, and does not just store: what was done before a wake that it swallows is seen after it.
    pub(crate) fn register(&self, cx: &Context<'_>) {
        self.session.register(cx.waker());
        self.notified.swap(false, Ordering::AcqRel);
        self.watched.store(true, Ordering::Release);
    }

    /// To be called by whoever watches before it rests, or before it takes what waits. It exchanges, and does not just
    /// store: whoever pushed before this, and trusted the watch, has its message seen after it.
    pub(crate) fn unwatch(&self) {
        self.watched.swap(false, Ordering::AcqRel);
    }

    /// Wakes the session, once until it looks.
    pub(crate) fn wake(&self) {
        if !self.notified.swap(true, Ordering::AcqRel) {
            self.session.wake();
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.waiting()).field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, task::Wake, thread, time::Duration};

    use tokio::time::Instant;

    use super::*;

    /// An outbox with its soft limit at `soft` and its hard limit at four times that.
    fn outbox(soft: usize) -> Outbox {
        Outbox::new(OutboxLimits { producer: soft / 2, soft, hard: 4 * soft })
    }

    fn bytes(len: usize) -> Bytes {
        Bytes::from(vec![b'x'; len])
    }

    #[test]
    fn small_messages_leave_together_and_in_order() {
        let outbox = outbox(100);
        outbox.push(&Bytes::from_static(b"a"));
        outbox.append_own(b"b");
        outbox.push(&Bytes::from_static(b"c"));
        assert_eq!(outbox.take().unwrap(), "abc");
        assert!(outbox.take().is_none());
        assert_eq!(outbox.waiting(), 3);
        outbox.left(3);
        assert_eq!(outbox.waiting(), 0);
    }

    #[test]
    fn one_push_in_a_burst_finds_that_nobody_looks() {
        let outbox = outbox(100);
        assert_eq!([outbox.push(&bytes(1)), outbox.push(&bytes(1))], [Pushed::Unwatched, Pushed::Done]);
        outbox.unwatch();
        assert_eq!(outbox.push(&bytes(1)), Pushed::Unwatched);
    }

    #[test]
    fn one_message_always_fits_an_empty_outbox() {
        let outbox = outbox(10);
        assert_ne!(outbox.push(&bytes(1000)), Pushed::Overflowed);
        assert!(outbox.ended().is_none());
    }

    fn noop() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    #[test]
    fn past_the_hard_limit_a_reader_is_too_slow_once() {
        let outbox = outbox(10);
        outbox.push(&bytes(6));
        assert_eq!(outbox.push(&bytes(34)), Pushed::Crowded, "the limit itself fits");
        assert!(outbox.ended().is_none());
        assert_eq!(outbox.push(&bytes(1)), Pushed::Overflowed);
        assert_eq!(outbox.push(&bytes(1)), Pushed::Done, "counted once");
        assert!(matches!(outbox.ended(), Some(End::Failed(DisconnectError::SlowConsumer(_)))));
        assert_eq!(outbox.waiting(), 40);
    }

    #[test]
    fn past_the_soft_limit_a_reader_is_crowded_until_it_has_caught_up() {
        let outbox = outbox(10);
        outbox.push(&bytes(6));
        outbox.push(&bytes(4));
        assert!(!outbox.crowded(), "the limit itself fits");
        outbox.unwatch();
        assert_eq!(outbox.push(&bytes(1)), Pushed::Unwatched, "the sender has to get it written");
        assert!(outbox.crowded());
        outbox.take();
        outbox.left(5);
        assert!(!outbox.crowded(), "it is below the limit");
        outbox.append_own(&[0; 6]);
        assert!(outbox.crowded(), "there was no room in between");
        outbox.left(7);
        outbox.append_own(&[0; 100]);
        assert!(!outbox.crowded(), "a message that fits does not count, however large it is");
    }

    #[test]
    fn one_large_message_does_not_crowd_an_empty_outbox() {
        let outbox = outbox(10);
        assert_eq!(outbox.push(&bytes(1000)), Pushed::Unwatched);
        assert!(!outbox.crowded());
        assert_eq!(outbox.push(&bytes(1)), Pushed::Overflowed);
    }

    #[test]
    fn a_sender_that_waits_for_room_is_woken_and_never_makes_a_reader_slow() {
        let outbox = outbox(10);
        let spin = Arc::<Spin>::default();
        let waker = Waker::from(Arc::clone(&spin));
        let cx = Context::from_waker(&waker);
        assert_eq!(outbox.poll_push(&cx, &bytes(1000)), Poll::Ready(Pushed::Unwatched), "there is room");
        assert!(outbox.poll_push(&cx, &bytes(1000)).is_pending());
        assert!(outbox.poll_push(&noop(), &bytes(1000)).is_pending());
        assert!(outbox.poll_room(&cx).is_pending());
        assert_eq!(outbox.waiting(), 1000, "nothing is queued before there is room");
        outbox.take();
        outbox.left(994);
        assert!(!spin.0.load(Ordering::Acquire), "6 are more than 5");
        outbox.left(1);
        assert!(spin.0.load(Ordering::Acquire));
        assert_eq!(outbox.poll_push(&cx, &bytes(1000)), Poll::Ready(Pushed::Done), "already watched");
        assert!(!outbox.crowded() && outbox.ended().is_none());
    }

    #[test]
    fn the_end_wakes_senders_that_wait_for_room() {
        let outbox = outbox(10);
        let spin = Arc::<Spin>::default();
        let waker = Waker::from(Arc::clone(&spin));
        outbox.push(&bytes(6));
        assert!(outbox.poll_push(&Context::from_waker(&waker), &bytes(1)).is_pending());
        outbox.end(End::Aborted);
        outbox.seal(false);
        assert!(spin.0.load(Ordering::Acquire));
        assert_eq!(outbox.poll_push(&noop(), &bytes(1)), Poll::Ready(Pushed::Done));
        assert!(outbox.poll_room(&noop()).is_ready());
        assert_eq!(outbox.waiting(), 6, "nothing is queued after the end");
    }

    #[test]
    fn nothing_is_added_after_the_end() {
        let outbox = outbox(10);
        outbox.append_own(b"before");
        outbox.end(End::Aborted);
        outbox.append_own(b"after");
        outbox.push(&bytes(3));
        assert_eq!(outbox.take().unwrap(), "before");
        assert!(outbox.take().is_none());
    }

    #[test]
    fn a_sealed_outbox_takes_only_the_last_word() {
        let outbox = outbox(10);
        outbox.push(&bytes(3));
        outbox.seal(true);
        outbox.push(&bytes(3));
        outbox.append_own(b"x");
        outbox.last_word(b"bye");
        assert_eq!(outbox.take().unwrap(), "bye");
        outbox.left(3);
        assert_eq!(outbox.waiting(), 0);
    }

    /// A task that spins instead of resting.
    #[derive(Default)]
    struct Spin(AtomicBool);

    impl Wake for Spin {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }

    fn spin_until(mut done: impl FnMut() -> bool) {
        let limit = Instant::now() + Duration::from_secs(10);
        while !done() {
            assert!(Instant::now() < limit, "nobody woke the session");
            thread::yield_now();
        }
    }

    /// Takes what comes, as a session does.
    fn take_until_the_end(outbox: &Outbox) {
        let spin = Arc::<Spin>::default();
        let waker = Waker::from(Arc::clone(&spin));
        loop {
            outbox.register(&Context::from_waker(&waker));
            if outbox.ended().is_some() {
                return;
            }
            while let Some(batch) = outbox.take() {
                outbox.left(batch.len());
            }
            outbox.unwatch();
            spin_until(|| spin.0.swap(false, Ordering::AcqRel));
        }
    }

    #[test]
    fn no_wake_is_swallowed_between_threads() {
        let outbox = outbox(10);
        thread::scope(|scope| {
            let session = scope.spawn(|| take_until_the_end(&outbox));
            for _ in 0..200_000 {
                outbox.wake();
                outbox.append_own(b"x");
                outbox.wake();
                spin_until(|| outbox.waiting() == 0);
            }
            outbox.end(End::Aborted);
            session.join().unwrap();
        });
    }
}
