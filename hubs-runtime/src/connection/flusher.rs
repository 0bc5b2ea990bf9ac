//! Writes to many connections what other tasks have queued for them: one wake-up and one task for all, because waking a
//! session costs as much as the write itself. A socket that takes less than all is left to its session.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use super::{
    Peer,
    sync::{AtomicBool, AtomicWaker, Mutex, Ordering},
};

/// How many connections are written to before other tasks get their turn.
const WRITES_A_TURN: usize = 256;

/// A list of connections that have something to be written, and the task that writes it.
#[derive(Default)]
pub(crate) struct Flusher {
    pub(super) dirty: Mutex<Dirty>,
    pub(super) woken: AtomicBool,
    stopped: AtomicBool,
    task: AtomicWaker,
}

#[derive(Default)]
pub(super) struct Dirty {
    pub(super) peers: Vec<Arc<Peer>>,
    /// Whether the task runs.
    pub(super) running: bool,
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
            // Senders that are ready run before the first write: what they add leaves in the same batch.
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
