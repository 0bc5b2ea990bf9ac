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

use super::{End, queue::Queue};
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

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutboxLimits {
    /// Above this many bytes whatever a connection makes for itself waits: results, streams, pushes to the caller.
    pub(crate) producer: usize,
    /// Above this many bytes its reader is too slow.
    pub(crate) reader: usize,
}

/// What became of a message that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits, and somebody is going to look for it; or nobody is there any more.
    Done,
    /// It waits, and whoever pushed it has to see to it that somebody looks.
    Unwatched,
    /// It was one too many: the connection ends.
    Overflowed,
}

#[derive(Default)]
struct State {
    queue: Queue,
    end: Option<End>,
    /// Nothing may be appended any more: the last word has been said.
    sealed: bool,
    /// Producers that wait until there is room.
    producers: Vec<Waker>,
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

    /// Appends a message from anybody. Past the limit the connection ends as too slow.
    #[inline]
    pub(crate) fn push(&self, message: &Bytes) -> Pushed {
        let mut state = self.state.lock();
        if state.sealed || state.end.is_some() {
            return Pushed::Done;
        }
        let waiting = self.waiting();
        if waiting > 0 && waiting + message.len() > self.limits.reader {
            let text = format!("{waiting} bytes were waiting for it");
            state.end = Some(End::Failed(DisconnectError::SlowConsumer(text)));
            self.ending.store(true, Ordering::Release);
            drop(state);
            self.wake();
            return Pushed::Overflowed;
        }
        state.queue.append(message);
        self.set_waiting(&state, waiting + message.len());
        drop(state);
        if self.watched.swap(true, Ordering::AcqRel) { Pushed::Done } else { Pushed::Unwatched }
    }

    /// Appends a message of this connection's own session: a result, a stream item, a ping. Never counts as slow, and
    /// wakes nobody: the session writes it before it rests. What comes after the end is dropped: a call that aborts its
    /// connection has no answer. Says whether it was taken.
    pub(crate) fn append_own(&self, message: &[u8]) -> bool {
        let mut state = self.state.lock();
        let open = !state.sealed && state.end.is_none();
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

    fn wait_for_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        if state.sealed || !self.full() {
            return Poll::Ready(());
        }
        if !state.producers.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.producers.push(cx.waker().clone());
        }
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

    fn outbox(reader: usize) -> Outbox {
        Outbox::new(OutboxLimits { producer: reader, reader })
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

    #[test]
    fn past_its_limit_a_reader_is_too_slow_once() {
        let outbox = outbox(10);
        outbox.push(&bytes(6));
        assert_eq!(outbox.push(&bytes(6)), Pushed::Overflowed);
        assert_eq!(outbox.push(&bytes(6)), Pushed::Done, "counted once");
        assert!(matches!(outbox.ended(), Some(End::Failed(DisconnectError::SlowConsumer(_)))));
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
