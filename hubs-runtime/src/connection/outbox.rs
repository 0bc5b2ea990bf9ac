//! What waits to be sent to one peer: framed bytes, bounded. Anybody may append, nobody waits for the socket. Batches
//! are taken out by whoever writes: the session of the connection, or the flusher for what came from others.

use std::{
    collections::VecDeque,
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::{Mutex, MutexGuard};

use super::End;
use crate::ids::DisconnectError;

/// Messages up to this size are copied together; larger ones are shared with the other receivers.
const COPY_LIMIT: usize = 2 * 1024;

/// How much is made room for when a second message joins a first: more are likely to come, and growing costs more than
/// copying.
const BATCH_START: usize = 1024;

/// How many bytes go into one transport message, unless a single hub message is larger.
const BATCH_LIMIT: usize = 64 * 1024;

pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// All bytes that have not left yet, those in the transport included. Only written by whoever holds the queue.
    waiting: AtomicUsize,
    limits: OutboxLimits,
    /// Whether the queue holds an end: looked at on every turn, so it must cost no lock.
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
struct Queue {
    /// Whole messages, the oldest first.
    chunks: VecDeque<Bytes>,
    /// A small message that is alone: shared with its other receivers, not copied. Nothing else waits then.
    single: Bytes,
    /// Small messages that came after all chunks, joined. Has no room while there is a `single`.
    tail: Vec<u8>,
    end: Option<End>,
    /// Nothing may be appended any more: the last word has been said.
    sealed: bool,
    /// Producers that wait until there is room.
    producers: Vec<Waker>,
}

impl Outbox {
    pub(crate) fn new(limits: OutboxLimits) -> Self {
        Self {
            queue: Mutex::default(),
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
    pub(crate) fn push(&self, message: &Bytes) -> Pushed {
        let mut queue = self.queue.lock();
        if queue.sealed || queue.end.is_some() {
            return Pushed::Done;
        }
        let waiting = self.waiting();
        if waiting > 0 && waiting + message.len() > self.limits.reader {
            let text = format!("{waiting} bytes were waiting for it");
            queue.end = Some(End::Failed(DisconnectError::SlowConsumer(text)));
            self.ending.store(true, Ordering::Release);
            drop(queue);
            self.wake();
            return Pushed::Overflowed;
        }
        queue.append(message);
        self.set_waiting(&queue, waiting + message.len());
        drop(queue);
        if self.watched.swap(true, Ordering::AcqRel) { Pushed::Done } else { Pushed::Unwatched }
    }

    /// Appends a message of this connection's own session: a result, a stream item, a ping. Never counts as slow, and
    /// wakes nobody: the session writes it before it rests. What comes after the end is dropped: a call that aborts its
    /// connection has no answer. Says whether it was taken.
    pub(crate) fn append_own(&self, message: &[u8]) -> bool {
        let mut queue = self.queue.lock();
        let open = !queue.sealed && queue.end.is_none();
        if open {
            queue.join(message);
            self.set_waiting(&queue, self.waiting() + message.len());
        }
        open
    }

    /// Ends the connection, if nothing else has. The session sees it next.
    pub(crate) fn end(&self, end: End) {
        let mut queue = self.queue.lock();
        if queue.end.is_none() {
            queue.end = Some(end);
            self.ending.store(true, Ordering::Release);
        }
        drop(queue);
        self.wake();
    }

    /// How the connection is to end, if it is.
    pub(crate) fn ended(&self) -> Option<End> {
        if self.ending.load(Ordering::Acquire) { self.queue.lock().end.clone() } else { None }
    }

    /// Takes nothing more. With `drop_queued` forgets what waits, too.
    pub(crate) fn seal(&self, drop_queued: bool) {
        let mut queue = self.queue.lock();
        queue.sealed = true;
        if drop_queued {
            let chunks = queue.chunks.iter().map(Bytes::len).sum::<usize>();
            let dropped = queue.tail.len() + queue.single.len() + chunks;
            queue.single = Bytes::new();
            queue.chunks = VecDeque::new();
            queue.tail = Vec::new();
            self.set_waiting(&queue, self.waiting() - dropped);
        }
        let producers = std::mem::take(&mut queue.producers);
        drop(queue);
        producers.into_iter().for_each(Waker::wake);
    }

    /// Appends the last word to a sealed outbox.
    pub(crate) fn last_word(&self, message: &[u8]) {
        let mut queue = self.queue.lock();
        queue.join(message);
        self.set_waiting(&queue, self.waiting() + message.len());
    }

    /// Takes the next batch of whole messages. Its bytes count as waiting until [`Outbox::left`].
    pub(crate) fn take(&self) -> Option<Bytes> {
        // Whoever appends after this look sees to it that somebody looks again: it costs no lock.
        if self.waiting() == 0 { None } else { self.queue.lock().take() }
    }

    /// Says that `bytes` of what was taken have left.
    pub(crate) fn left(&self, bytes: usize) {
        let mut queue = self.queue.lock();
        let was_full = self.full();
        self.set_waiting(&queue, self.waiting() - bytes);
        if was_full && !self.full() {
            let producers = std::mem::take(&mut queue.producers);
            drop(queue);
            producers.into_iter().for_each(Waker::wake);
        }
    }

    /// Notes how much waits now. The guard shows that nobody else does.
    fn set_waiting(&self, _: &MutexGuard<'_, Queue>, bytes: usize) {
        self.waiting.store(bytes, Ordering::Release);
    }

    /// Waits until this connection's own producers may go on.
    #[inline]
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        if self.full() { self.wait_for_room(cx) } else { Poll::Ready(()) }
    }

    fn wait_for_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut queue = self.queue.lock();
        if queue.sealed || !self.full() {
            return Poll::Ready(());
        }
        if !queue.producers.iter().any(|waker| waker.will_wake(cx.waker())) {
            queue.producers.push(cx.waker().clone());
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

impl Queue {
    fn append(&mut self, message: &Bytes) {
        if message.len() > COPY_LIMIT {
            self.close_tail();
            self.chunks.push_back(message.clone());
        } else if self.chunks.is_empty() && self.tail.is_empty() && self.single.is_empty() {
            self.single = message.clone();
        } else {
            self.join(message);
        }
    }

    fn join(&mut self, message: &[u8]) {
        if self.tail.capacity() - self.tail.len() < message.len() {
            self.make_room(message.len());
        }
        self.tail.extend_from_slice(message);
    }

    /// Makes room for `len` bytes in the tail, after the single message. A first message gets just what it needs.
    fn make_room(&mut self, len: usize) {
        if self.single.is_empty() && self.tail.is_empty() {
            return;
        }
        self.tail.reserve((self.single.len() + len).max(BATCH_START));
        self.tail.extend_from_slice(&self.single);
        self.single = Bytes::new();
    }

    fn close_tail(&mut self) {
        if !self.single.is_empty() {
            self.chunks.push_back(std::mem::take(&mut self.single));
        }
        if !self.tail.is_empty() {
            self.chunks.push_back(Bytes::from(std::mem::take(&mut self.tail)));
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        if !self.single.is_empty() {
            return Some(std::mem::take(&mut self.single));
        }
        if self.chunks.is_empty() {
            return (!self.tail.is_empty()).then(|| Bytes::from(std::mem::take(&mut self.tail)));
        }
        self.close_tail();
        let first = self.chunks.pop_front()?;
        let joins = |next: &Bytes, len: usize| len + next.len() <= BATCH_LIMIT;
        if !self.chunks.front().is_some_and(|next| joins(next, first.len())) {
            return Some(first);
        }
        let mut batch = Vec::with_capacity(BATCH_LIMIT);
        batch.extend_from_slice(&first);
        while let Some(next) = self.chunks.front().filter(|next| joins(next, batch.len())) {
            batch.extend_from_slice(next);
            self.chunks.pop_front();
        }
        Some(Bytes::from(batch))
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.waiting()).field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
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
    fn a_message_that_is_alone_is_shared() {
        let outbox = outbox(100);
        let message = bytes(9);
        outbox.push(&message);
        assert_eq!(outbox.take().unwrap().as_ptr(), message.as_ptr());
        outbox.push(&message);
        outbox.push(&message);
        assert_eq!(outbox.take().unwrap().len(), 18);
    }

    #[test]
    fn one_push_in_a_burst_finds_that_nobody_looks() {
        let outbox = outbox(100);
        assert_eq!([outbox.push(&bytes(1)), outbox.push(&bytes(1))], [Pushed::Unwatched, Pushed::Done]);
        outbox.unwatch();
        assert_eq!(outbox.push(&bytes(1)), Pushed::Unwatched);
    }

    #[test]
    fn large_messages_are_shared_and_keep_their_place() {
        let outbox = outbox(1 << 20);
        let large = bytes(BATCH_LIMIT);
        outbox.push(&Bytes::from_static(b"a"));
        outbox.push(&large);
        outbox.push(&Bytes::from_static(b"b"));
        assert_eq!(outbox.take().unwrap(), "a");
        assert_eq!(outbox.take().unwrap().as_ptr(), large.as_ptr());
        assert_eq!(outbox.take().unwrap(), "b");
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
}
