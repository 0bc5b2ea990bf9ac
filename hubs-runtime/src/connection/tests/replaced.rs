//! A connection that outlives its socket.

use std::{
    future::poll_fn,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use crate::{
    connection::{End, Flusher, Intervals, OutboxLimits, Peer, Pipe, Pushed},
    ids::{ConnectionId, TransferFormat},
    protocol::JsonHubProtocol,
    transport::{
        DirectWrite, Transport, TransportKind,
        memory::{self, MemoryTransport},
    },
};

const INTERVALS: Intervals = Intervals {
    keep_alive: Duration::from_secs(15),
    client_timeout: Duration::from_secs(30),
    send_timeout: Duration::from_secs(10),
    slow_consumer_grace: Duration::from_secs(1),
};

fn peer() -> Arc<Peer> {
    Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, OutboxLimits::DEFAULT))
}

fn push(peer: &Peer, text: &'static str) -> Pushed {
    peer.push(&Bytes::from_static(text.as_bytes()))
}

fn write(pipe: &mut Pipe<MemoryTransport>) {
    pipe.write(&mut Context::from_waker(Waker::noop())).expect("memory does not fail");
}

async fn read(far: &mut MemoryTransport) -> String {
    let mut bytes = Vec::new();
    let received = timeout(Duration::from_secs(5), poll_fn(|cx| far.poll_receive(cx, &mut bytes))).await;
    received.expect("in time").expect("not closed").expect("memory does not fail");
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_waits_survives_its_socket() {
    let peer = peer();
    let (near, mut far) = memory::pair(100);
    let mut pipe = Pipe::new(near, Arc::clone(&peer));
    push(&peer, "<1>");
    write(&mut pipe);
    assert_eq!(read(&mut far).await, "<1>");
    push(&peer, "<2>");
    drop(pipe.detach());
    drop(far);
    push(&peer, "<3>");
    assert_eq!((peer.outbox.waiting(), peer.outbox.ended()), (6, None));
    let (near, mut far) = memory::pair(100);
    let mut pipe = Pipe::new(near, Arc::clone(&peer));
    write(&mut pipe);
    assert_eq!(read(&mut far).await, "<2><3>");
    assert_eq!(peer.outbox.waiting(), 0);
}

/// The socket takes the first batch only; the second is on its way when the socket is lost.
#[tokio::test(start_paused = true)]
async fn a_batch_on_its_way_is_lost_with_its_socket() {
    let peer = peer();
    let (near, mut far) = memory::pair(1);
    let mut pipe = Pipe::new(near, Arc::clone(&peer));
    push(&peer, "<1>");
    write(&mut pipe);
    push(&peer, "<2>");
    write(&mut pipe);
    assert_eq!(peer.outbox.waiting(), 3, "in the transport");
    push(&peer, "<3>");
    assert_eq!(read(&mut far).await, "<1>");
    drop(pipe.detach());
    assert_eq!(peer.outbox.waiting(), 3, "what has not been taken");
    let (near, mut far) = memory::pair(100);
    let mut pipe = Pipe::new(near, Arc::clone(&peer));
    write(&mut pipe);
    assert_eq!(read(&mut far).await, "<3>");
    assert_eq!(peer.outbox.waiting(), 0);
}

#[derive(Debug, Default)]
struct Socket(Mutex<Vec<Bytes>>);

impl DirectWrite for Socket {
    fn write_now(&self, batch: Bytes, _: TransferFormat) -> Option<u64> {
        self.0.lock().push(batch);
        Some(1)
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

#[tokio::test]
async fn a_flusher_writes_on_the_socket_that_is_attached_and_on_no_other() {
    let flusher = Arc::new(Flusher::default());
    tokio::spawn(Arc::clone(&flusher).run());
    let (first, second) = (Arc::<Socket>::default(), Arc::<Socket>::default());
    let peer = peer();
    let attach = |socket: &Arc<Socket>| {
        let direct: Weak<Socket> = Arc::downgrade(socket);
        peer.link.attach(TransportKind::WebSockets, Some(direct), Instant::now());
    };
    let written = async || {
        for _ in 0..100 {
            if peer.outbox.waiting() == 0 {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    };
    attach(&first);
    assert_eq!(push(&peer, "<1>"), Pushed::Unwatched);
    // The flusher comes when the socket is gone already.
    assert_eq!(peer.link.detach(), 0);
    let woken = Arc::<Woken>::default();
    let waker = Waker::from(Arc::clone(&woken));
    peer.outbox.register(&Context::from_waker(&waker));
    flusher.add(&mut vec![Arc::clone(&peer)]);
    assert!(!written().await);
    assert!(woken.0.load(Ordering::Acquire), "the session has to know");
    peer.outbox.unwatch();
    assert_eq!(push(&peer, "<2>"), Pushed::Done, "no flusher can write it");
    attach(&second);
    peer.outbox.unwatch();
    assert_eq!(push(&peer, "<3>"), Pushed::Unwatched);
    flusher.add(&mut vec![Arc::clone(&peer)]);
    assert!(written().await);
    assert!(first.0.lock().is_empty());
    assert_eq!(*second.0.lock(), ["<1><2><3>"]);
}

#[tokio::test(start_paused = true)]
async fn the_clocks_rest_without_a_socket_and_begin_anew_with_the_next() {
    let peer = peer();
    let (near, _far) = memory::pair(100);
    let pipe = Pipe::new(near, Arc::clone(&peer));
    peer.arm();
    peer.note_received();
    push(&peer, "waits");
    drop(pipe.detach());
    let start = Instant::now();
    for second in 0..1000 {
        assert!(!peer.tick(start + Duration::from_secs(second), &INTERVALS));
    }
    assert_eq!((peer.outbox.ended(), peer.outbox.waiting()), (None, 5), "neither late nor slow nor pinged");
    tokio::time::advance(Duration::from_secs(1000)).await;
    let (near, _far) = memory::pair(100);
    let _pipe = Pipe::new(near, Arc::clone(&peer));
    let start = Instant::now();
    for second in 1..=10 {
        assert!(!peer.tick(start + Duration::from_secs(second), &INTERVALS));
    }
    assert!(peer.tick(start + Duration::from_secs(11), &INTERVALS), "10 s after the first look");
    assert!(matches!(peer.outbox.ended(), Some(End::Failed(_))));
}
