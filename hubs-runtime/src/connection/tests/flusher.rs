//! Writing past the session, for many connections.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{
    connection::{Flusher, OutboxLimits, Peer, Pushed},
    ids::{ConnectionId, TransferFormat},
    protocol::JsonHubProtocol,
    transport::{DirectWrite, TransportKind},
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
    peer.link.attach(TransportKind::WebSockets, Some(direct), Instant::now());
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
    assert_eq!((peer.outbox.waiting(), peer.link.writing().batch), (1, 1), "it waits in the transport");

    session_rests();
    push(&flusher, &peer, "c");
    soon(|| flusher.dirty.lock().peers.is_empty() && !flusher.woken.load(Ordering::Acquire)).await;
    assert_eq!(socket.batches.lock().len(), 2, "the session goes on first");

    peer.link.writing().finish();
    drop(socket);
    push(&flusher, &peer, "d");
    soon(woke).await;
}

#[tokio::test]
async fn a_flusher_that_is_stopped_ends_and_writes_nothing_more() {
    let flusher = Arc::new(Flusher::default());
    let task = tokio::spawn(Arc::clone(&flusher).run());
    tokio::task::yield_now().await;
    flusher.stop();
    soon(|| task.is_finished()).await;
    let (peer, socket) = peer(usize::MAX);
    push(&flusher, &peer, "a");
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(socket.batches.lock().is_empty());
}

/// Other tasks have their turn among the writes to very many connections.
#[tokio::test]
async fn a_broadcast_to_many_does_not_hold_up_other_tasks() {
    let flusher = Arc::new(Flusher::default());
    tokio::spawn(Arc::clone(&flusher).run());
    soon(|| flusher.dirty.lock().running).await;
    let peers: Vec<_> = (0..1000).map(|_| peer(usize::MAX)).collect();
    peers.iter().for_each(|(peer, _)| push(&flusher, peer, "a"));
    let written = || peers.iter().filter(|(peer, _)| peer.outbox.waiting() == 0).count();
    let mut steps = Vec::new();
    while steps.last() != Some(&1000) {
        assert!(steps.len() < 100, "it has not ended after 100 turns: {steps:?}");
        tokio::task::yield_now().await;
        steps.push(written());
    }
    steps.insert(0, 0);
    assert!(steps.windows(2).all(|pair| pair[1] - pair[0] <= 256), "{steps:?}");
}
