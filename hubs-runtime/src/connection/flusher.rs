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
    dirty: Mutex<Vec<Arc<Peer>>>,
    woken: AtomicBool,
    stopped: AtomicBool,
    task: AtomicWaker,
}

impl Flusher {
    /// Adds connections to the list, and leaves `peers` empty.
    pub(crate) fn add(&self, peers: &mut Vec<Arc<Peer>>) {
        if !peers.is_empty() {
            self.dirty.lock().append(peers);
            self.wake();
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
        let mut batch = Vec::new();
        while std::future::poll_fn(|cx| self.poll_dirty(cx)).await {
            // Whoever is ready to send more does so before the first write: what is joined leaves in one.
            tokio::task::yield_now().await;
            self.woken.store(false, Ordering::Release);
            std::mem::swap(&mut batch, &mut *self.dirty.lock());
            let mut written = 0;
            for peer in batch.drain(..) {
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
        f.debug_struct("Flusher").field("dirty", &self.dirty.lock().len()).finish_non_exhaustive()
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
    async fn a_socket_that_is_full_or_gone_is_left_to_its_session() {
        let flusher = Arc::new(Flusher::default());
        tokio::spawn(Arc::clone(&flusher).run());
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
        soon(|| flusher.dirty.lock().is_empty() && !flusher.woken.load(Ordering::Acquire)).await;
        assert_eq!(socket.batches.lock().len(), 2, "the session goes on first");

        *peer.under_way.lock() = UnderWay::default();
        drop(socket);
        push(&flusher, &peer, "d");
        soon(woke).await;
    }
}
