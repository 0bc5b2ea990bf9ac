//! What the clocks of a connection find, and what they do about it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use crate::{
    connection::{End, Intervals, OutboxLimits, Peer, Pipe},
    ids::{ConnectionId, DisconnectError},
    protocol::JsonHubProtocol,
    transport::{
        Transport, TransportKind,
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
    let limits = OutboxLimits { producer: 10, soft: 100, hard: 1_000_000 };
    Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits))
}

fn attached(kind: TransportKind) -> Arc<Peer> {
    let peer = peer();
    peer.link.attach(kind, None, Instant::now());
    peer
}

/// Ticks at these seconds. Returns whether the reader was found too slow.
fn tick(peer: &Peer, seconds: impl IntoIterator<Item = u64>) -> bool {
    let start = Instant::now();
    seconds.into_iter().fold(false, |slow, second| slow | peer.tick(start + Duration::from_secs(second), &INTERVALS))
}

fn push(peer: &Peer, length: usize) {
    peer.push(&Bytes::from(vec![b'x'; length]));
}

fn slow(peer: &Peer) -> Option<String> {
    match peer.outbox.ended() {
        Some(End::Failed(DisconnectError::SlowConsumer(text))) => Some(text),
        None => None,
        other => panic!("it ended otherwise: {other:?}"),
    }
}

fn poll_write(pipe: &mut Pipe<MemoryTransport>) {
    pipe.write(&mut Context::from_waker(Waker::noop())).expect("memory does not fail");
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stands_still_is_found_once() {
    let peer = attached(TransportKind::Memory);
    push(&peer, 5);
    assert!(!tick(&peer, 1..=10));
    assert!(tick(&peer, [11]));
    assert_eq!(slow(&peer).unwrap(), "it has read nothing for 10 s while 5 bytes were queued");
    assert!(!tick(&peer, [12]), "counted once");
}

#[tokio::test(start_paused = true)]
async fn above_the_soft_limit_a_reader_that_stands_still_is_found_after_the_grace() {
    let peer = attached(TransportKind::Memory);
    push(&peer, 60);
    push(&peer, 60);
    assert!(!tick(&peer, [1]), "it may have had no time yet");
    assert!(tick(&peer, [2]));
    assert_eq!(slow(&peer).unwrap(), "it has read nothing for 1 s while 120 bytes were queued");
}

#[tokio::test(start_paused = true)]
async fn a_large_message_alone_and_results_of_the_connection_have_the_longer_time() {
    let peer = attached(TransportKind::Memory);
    push(&peer, 900);
    assert!(!tick(&peer, 1..=10) && slow(&peer).is_none());
    let peer = attached(TransportKind::Memory);
    peer.outbox.append_own(&[b'x'; 500]);
    peer.outbox.append_own(&[b'x'; 500]);
    assert!(!tick(&peer, 1..=10) && slow(&peer).is_none());
    assert!(tick(&peer, [11]));
}

/// One batch leaves each second, and as much is added: more than the limit is queued all the time.
#[tokio::test(start_paused = true)]
async fn a_reader_that_moves_is_not_slow_however_much_is_queued() {
    const MESSAGE: usize = 40_000;
    let peer = peer();
    let (near, mut far) = memory::pair(1);
    let mut pipe = Pipe::new(near, Arc::clone(&peer));
    push(&peer, MESSAGE);
    push(&peer, MESSAGE);
    for second in 1..30 {
        push(&peer, MESSAGE);
        poll_write(&mut pipe);
        assert!(peer.outbox.crowded(), "second {second}");
        assert!(!tick(&peer, [second]));
        let mut read = Vec::new();
        assert!(far.poll_receive(&mut Context::from_waker(Waker::noop()), &mut read).is_ready());
    }
    assert!(slow(&peer).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_queued_and_wakes_the_session() {
    for (kind, queued, asks) in [
        (TransportKind::Memory, true, false),
        (TransportKind::WebSockets, true, true),
        (TransportKind::LongPolling, false, false),
    ] {
        let peer = attached(kind);
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        peer.outbox.register(&Context::from_waker(&waker));
        tick(&peer, 1..=14);
        assert_eq!(peer.outbox.waiting(), 0);
        tick(&peer, [15]);
        assert_eq!(peer.outbox.waiting() > 0, queued, "{kind:?}");
        assert_eq!(woken.0.load(Ordering::Acquire), queued, "{kind:?}");
        assert_eq!((peer.link.take_ping(), peer.link.take_ping()), (asks, false), "{kind:?}");
    }
}

/// Ticks once a second, and lets everything leave that is queued.
fn run(peer: &Peer, seconds: std::ops::RangeInclusive<u64>) -> Option<End> {
    for second in seconds {
        tick(peer, [second]);
        while let Some(batch) = peer.outbox.take() {
            peer.outbox.left(batch.len());
        }
    }
    peer.outbox.ended()
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_connection_that_has_pinged_unless_it_is_not_read() {
    let timed_out = Some(End::Failed(DisconnectError::ClientTimeout));
    assert_eq!(run(&attached(TransportKind::Memory), 1..=100), None, "it has never pinged");
    let armed = |kind| {
        let peer = attached(kind);
        peer.arm();
        peer
    };
    assert_eq!(run(&armed(TransportKind::Memory), 1..=30), None);
    assert_eq!(run(&armed(TransportKind::Memory), 1..=31), timed_out);
    let later = peer();
    later.arm();
    later.link.attach(TransportKind::Memory, None, Instant::now());
    assert_eq!(run(&later, 1..=31), timed_out, "it pings on every socket");
    assert_eq!(run(&armed(TransportKind::LongPolling), 1..=100), None, "its polls show that it is there");
    let paused = armed(TransportKind::Memory);
    paused.note_paused(true);
    assert_eq!(run(&paused, 1..=100), None, "it is this end that does not read");
    paused.note_paused(false);
    assert_eq!(run(&paused, 101..=130), None);
    assert_eq!(run(&paused, 131..=131), timed_out);
    let speaks = armed(TransportKind::Memory);
    run(&speaks, 1..=20);
    speaks.note_received();
    assert_eq!(run(&speaks, 21..=51), None, "30 s after its last message was seen");
    assert_eq!(run(&speaks, 52..=52), timed_out);
}

/// Case 27.
#[tokio::test(start_paused = true)]
async fn a_web_socket_from_which_no_byte_comes_is_dead_though_it_never_pinged() {
    let peer = attached(TransportKind::WebSockets);
    run(&peer, 1..=20);
    peer.link.note_heard(2);
    assert_eq!(run(&peer, 21..=50), None, "29 s after its last byte was seen");
    assert_eq!(run(&peer, 51..=51), Some(End::Failed(DisconnectError::ClientTimeout)));
    let paused = attached(TransportKind::WebSockets);
    paused.note_paused(true);
    assert_eq!(run(&paused, 1..=100), None, "it is this end that does not read");
}

#[tokio::test(start_paused = true)]
async fn the_close_message_is_the_last_one() {
    let peer = peer();
    push(&peer, 3);
    peer.outbox.seal(false);
    peer.queue_close(Some("why"), true);
    push(&peer, 3);
    let sent = String::from_utf8(peer.outbox.take().unwrap().to_vec()).unwrap();
    assert_eq!(sent, "xxx{\"type\":7,\"error\":\"why\",\"allowReconnect\":true}\u{1e}");
    assert!(peer.outbox.take().is_none());
}
