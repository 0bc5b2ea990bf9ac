//! Writes what has been put into the outboxes of many connections by others than their sessions: one wake and one task
//! for all of them, because waking a session costs as much as the write itself. A socket that takes less than all is
//! left to its session.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use super::Peer;

/// How many connections are written to before other tasks get their turn.
const WRITES_A_TURN: usize = 256;

/// A list of connections that have something to be written, and the task that writes it.
#[derive(Default)]
pub(crate) struct Flusher {
    dirty: Mutex<Dirty>,
    woken: AtomicBool,
    stopped: AtomicBool,
    task: AtomicWaker,
}

#[derive(Default)]
struct Dirty {
    peers: Vec<Arc<Peer>>,
    /// Whether the task runs.
    running: bool,
}

/// Connections that the task has taken from the list and not written to yet.
#[derive(Default)]
struct Batch(Vec<Arc<Peer>>);

/// The task, from its first poll until it is dropped.
struct Running<'a>(&'a Flusher);

impl Drop for Batch {
    fn drop(&mut self) {
        wake_sessions(&mut self.0);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut dirty = self.0.dirty.lock();
        dirty.running = false;
        let mut peers = std::mem::take(&mut dirty.peers);
        drop(dirty);
        wake_sessions(&mut peers);
    }
}

/// Leaves the writing to the sessions.
fn wake_sessions(peers: &mut Vec<Arc<Peer>>) {
    peers.drain(..).for_each(|peer| peer.outbox.wake());
}

impl Flusher {
    /// Adds connections to the list, and leaves `peers` empty. Without a task, such as after its runtime was dropped, the
    /// sessions write.
    pub(crate) fn add(&self, peers: &mut Vec<Arc<Peer>>) {
        if peers.is_empty() {
            return;
        }
        let mut dirty = self.dirty.lock();
        if dirty.running {
            dirty.peers.append(peers);
            drop(dirty);
            self.wake();
        } else {
            drop(dirty);
            wake_sessions(peers);
        }
    }

    fn wake(&self) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.task.wake();
        }
    }

    /// Ends the task.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Writes until it is stopped.
    pub(crate) async fn run(self: Arc<Self>) {
        self.dirty.lock().running = true;
        let _running = Running(&self);
        let mut batch = Batch::default();
        while std::future::poll_fn(|cx| self.poll_dirty(cx)).await {
            // Whoever is ready to send more does so before the first write: what is joined leaves in one.
            tokio::task::yield_now().await;
            self.woken.store(false, Ordering::Release);
            std::mem::swap(&mut batch.0, &mut self.dirty.lock().peers);
            let mut written = 0;
            while let Some(peer) = batch.0.pop() {
                peer.flush_now();
                written += 1;
                if written % WRITES_A_TURN == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Waits until there is something to write; `false`: never again.
    fn poll_dirty(&self, cx: &Context<'_>) -> Poll<bool> {
        self.task.register(cx.waker());
        if self.stopped.load(Ordering::Acquire) {
            return Poll::Ready(false);
        }
        if self.woken.load(Ordering::Acquire) { Poll::Ready(true) } else { Poll::Pending }
    }
}

impl fmt::Debug for Flusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flusher").field("dirty", &self.dirty.lock().peers.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Weak,
        task::{Wake, Waker},
    };

    use bytes::Bytes;

    use super::*;
    use crate::{
        connection::{OutboxLimits, Pushed, pipe::UnderWay},
        ids::{ConnectionId, TransferFormat},
        protocol::JsonHubProtocol,
        transport::DirectWrite,
    };

    /// A socket that takes so many batches.
    #[derive(Debug)]
    struct Socket {
        room: Mutex<usize>,
        batches: Mutex<Vec<Bytes>>,
    }

    impl DirectWrite for Socket {
        fn write_now(&self, batch: Bytes, _: TransferFormat) -> Option<u64> {
            self.batches.lock().push(batch);
            let mut room = self.room.lock();
            *room = room.checked_sub(1)?;
            Some(1)
        }
    }

    fn peer(room: usize) -> (Arc<Peer>, Arc<Socket>) {
        let limits = OutboxLimits::DEFAULT;
        let peer = Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits));
        let socket = Arc::new(Socket { room: Mutex::new(room), batches: Mutex::default() });
        let direct: Weak<Socket> = Arc::downgrade(&socket);
        peer.write_directly(direct);
        (peer, socket)
    }

    fn push(flusher: &Flusher, peer: &Arc<Peer>, text: &'static str) {
        if peer.push(&Bytes::from_static(text.as_bytes())) == Pushed::Unwatched {
            flusher.add(&mut vec![Arc::clone(peer)]);
        }
    }

    /// Lets the others run until `happened`, which they need few turns for.
    async fn soon(mut happened: impl FnMut() -> bool) {
        for _ in 0..100 {
            if happened() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("it has not happened in 100 turns");
    }

    /// Tells whether it has been woken.
    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }

    #[tokio::test]
    async fn a_burst_leaves_in_one_write_and_nothing_is_forgotten() {
        let flusher = Arc::new(Flusher::default());
        let task = tokio::spawn(Arc::clone(&flusher).run());
        soon(|| flusher.dirty.lock().running).await;
        let (peer, socket) = peer(usize::MAX);
        for _ in 0..3 {
            push(&flusher, &peer, "a");
            push(&flusher, &peer, "b");
            soon(|| peer.outbox.waiting() == 0).await;
        }
        assert_eq!(*socket.batches.lock(), ["ab", "ab", "ab"]);
        flusher.stop();
        soon(|| task.is_finished()).await;
    }

    #[tokio::test]
    async fn a_task_that_is_dropped_leaves_the_writing_to_the_sessions() {
        let flusher = Arc::new(Flusher::default());
        let (peer, socket) = peer(usize::MAX);
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        let rests = || {
            woken.0.store(false, Ordering::Release);
            peer.outbox.register(&Context::from_waker(&waker));
            peer.outbox.unwatch();
        };
        let woke = || woken.0.load(Ordering::Acquire);

        rests();
        push(&flusher, &peer, "before any task");
        assert!(woke());
        let task = tokio::spawn(Arc::clone(&flusher).run());
        soon(|| flusher.dirty.lock().running).await;
        rests();
        push(&flusher, &peer, "in its list");
        assert!(!woke());
        task.abort();
        soon(|| task.is_finished()).await;
        assert!(woke());
        rests();
        push(&flusher, &peer, "after it");
        assert!(woke() && socket.batches.lock().is_empty());

        tokio::spawn(Arc::clone(&flusher).run());
        soon(|| flusher.dirty.lock().running).await;
        rests();
        push(&flusher, &peer, "in the next task");
        soon(|| peer.outbox.waiting() == 0).await;
    }

    #[tokio::test]
    async fn a_socket_that_is_full_or_gone_is_left_to_its_session() {
        let flusher = Arc::new(Flusher::default());
        tokio::spawn(Arc::clone(&flusher).run());
        soon(|| flusher.dirty.lock().running).await;
        let (peer, socket) = peer(1);
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        let session_rests = || {
            woken.0.store(false, Ordering::Release);
            peer.outbox.register(&Context::from_waker(&waker));
            peer.outbox.unwatch();
        };
        let woke = || woken.0.load(Ordering::Acquire);

        session_rests();
        push(&flusher, &peer, "a");
        soon(|| peer.outbox.waiting() == 0).await;
        assert!(!woke(), "all has left");
        push(&flusher, &peer, "b");
        soon(woke).await;
        assert_eq!((peer.outbox.waiting(), peer.under_way.lock().batch), (1, 1), "it waits in the transport");

        session_rests();
        push(&flusher, &peer, "c");
        soon(|| flusher.dirty.lock().peers.is_empty() && !flusher.woken.load(Ordering::Acquire)).await;
        assert_eq!(socket.batches.lock().len(), 2, "the session goes on first");

        *peer.under_way.lock() = UnderWay::default();
        drop(socket);
        push(&flusher, &peer, "d");
        soon(woke).await;
    }
}
