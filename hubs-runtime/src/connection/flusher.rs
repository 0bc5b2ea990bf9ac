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
