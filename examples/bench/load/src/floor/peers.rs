//! Who is connected, and sending to all of them.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc},
};

/// A framed broadcast, shared by its receivers.
pub(crate) type Shared = Arc<[u8]>;

/// One connection.
pub(crate) struct Peer {
    pub(crate) socket: TcpStream,
    /// What the socket did not take, and whether there is any.
    unsent: Mutex<Vec<u8>>,
    pub(crate) stuck: AtomicBool,
    pub(crate) wake: Notify,
    /// Where broadcasts go, if they are joined.
    queue: Option<mpsc::UnboundedSender<Shared>>,
}

static PEERS: LazyLock<Mutex<HashMap<u64, Arc<Peer>>>> = LazyLock::new(Mutex::default);
/// Where broadcasts go for connections whose socket only their own task can write to.
static QUEUES: LazyLock<Mutex<HashMap<u64, mpsc::UnboundedSender<Shared>>>> = LazyLock::new(Mutex::default);
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Adds a connection.
pub(crate) fn add(socket: TcpStream, queue: Option<mpsc::UnboundedSender<Shared>>) -> (u64, Arc<Peer>) {
    let (unsent, stuck, wake) = (Mutex::default(), AtomicBool::new(false), Notify::new());
    let peer = Arc::new(Peer { socket, unsent, stuck, wake, queue });
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    PEERS.lock().insert(id, Arc::clone(&peer));
    (id, peer)
}

/// Adds a connection that writes by itself what comes in its queue.
pub(crate) fn add_queue(queue: mpsc::UnboundedSender<Shared>) -> u64 {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    QUEUES.lock().insert(id, queue);
    id
}

/// Removes it.
pub(crate) fn remove_queue(id: u64) {
    QUEUES.lock().remove(&id);
}

/// Removes a connection.
pub(crate) fn remove(id: u64) {
    PEERS.lock().remove(&id);
}

/// Sends a frame to all: at once, or by their queues.
pub(crate) fn broadcast(frame: &[u8]) {
    let mut shared: Option<Shared> = None;
    for peer in PEERS.lock().values() {
        match &peer.queue {
            None => peer.send(frame),
            Some(queue) => drop(queue.send(Arc::clone(shared.get_or_insert_with(|| Arc::from(frame))))),
        }
    }
    for queue in QUEUES.lock().values() {
        drop(queue.send(Arc::clone(shared.get_or_insert_with(|| Arc::from(frame)))));
    }
}

impl Peer {
    /// Writes to the socket, and keeps what it does not take.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let mut unsent = self.unsent.lock();
        let taken = if unsent.is_empty() { self.socket.try_write(bytes).unwrap_or(0) } else { 0 };
        if taken < bytes.len() {
            unsent.extend_from_slice(&bytes[taken..]);
            self.stuck.store(true, Ordering::Release);
            self.wake.notify_one();
        }
    }

    /// Writes what was kept, now that the socket takes some again.
    pub(crate) fn send_unsent(&self) {
        let mut unsent = self.unsent.lock();
        let taken = self.socket.try_write(&unsent).unwrap_or(0);
        unsent.drain(..taken);
        if unsent.is_empty() {
            *unsent = Vec::new();
            self.stuck.store(false, Ordering::Release);
        }
    }
}
