//! What must hold in every order.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;

use super::{
    End, Flusher, OutboxLimits, Peer, Pipe, Pushed,
    parts::{Mistake, Session, Socket, Wire},
};
use crate::{ids::ConnectionId, protocol::JsonHubProtocol};

/// More than this many bytes are full.
const PRODUCER: usize = 3;

/// Interruptions that a plain test run allows: with a flusher there is one more thread, and far more orders.
const TWO_THREADS: usize = 3;
const THREE_THREADS: usize = 2;
const MANY_STEPS: usize = 1;

/// Tries every order. A thread that waits for ever fails it: loom finds that no thread can go on.
fn check(name: &str, preemptions: usize, orders: impl Fn() + Send + Sync + 'static) {
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 10_000;
    builder.preemption_bound = Some(preemptions + usize::from(std::env::var_os("HUBS_SOAK").is_some()));
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        orders();
    });
    println!("{name}: {} orders", tried.load(Ordering::Relaxed));
}

/// Runs a test of this file that has to find that no thread can go on. In a process of its own: loom aborts it.
fn assert_deadlock(test: &str) {
    let (_, module) = module_path!().split_once("::").expect("it is not the root");
    let mut command = std::process::Command::new(std::env::current_exe().expect("it runs"));
    command.args(["--exact", &format!("{module}::{test}"), "--ignored", "--nocapture"]).env("RUST_BACKTRACE", "0");
    let output = command.output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("deadlock; threads"), "{errors}");
}

fn peer() -> Arc<Peer> {
    let limits = OutboxLimits { producer: PRODUCER, soft: 1000, hard: 1000 };
    Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits))
}

/// A connection with its session in a thread.
fn session(peer: &Arc<Peer>, socket: &Arc<Socket>, direct: bool, calls: usize, mistake: Mistake) -> Thread {
    let wire = Wire { socket: Arc::clone(socket), direct };
    let pipe = Pipe::new(wire, Arc::clone(peer));
    let session = Session { pipe, peer: Arc::clone(peer), calls, mistake };
    loom::thread::spawn(move || session.run())
}

type Thread = loom::thread::JoinHandle<()>;

fn flusher() -> (Arc<Flusher>, Thread) {
    let flusher = Arc::<Flusher>::default();
    let running = Arc::clone(&flusher);
    (flusher, loom::thread::spawn(move || loom::future::block_on(running.run())))
}

/// Sends as a hub does to another connection.
fn push(peer: &Arc<Peer>, flusher: Option<&Flusher>, length: usize) {
    let pushed = peer.push(&Bytes::from(vec![b'x'; length]));
    hand_over(pushed, peer, flusher);
}

fn hand_over(pushed: Pushed, peer: &Arc<Peer>, flusher: Option<&Flusher>) {
    if pushed == Pushed::Unwatched {
        flusher.expect("only with a direct way").add(&mut vec![Arc::clone(peer)]);
    }
}

fn end(peer: &Peer, session: Thread) {
    peer.outbox.end(End::Aborted);
    session.join().expect("it ends");
}

/// Two messages from another thread to a session that rests, or is about to.
fn pushes_to_a_session(mistake: Mistake) {
    let (peer, socket) = (peer(), Socket::new(usize::MAX, 2));
    let running = session(&peer, &socket, false, 0, mistake);
    push(&peer, None, 1);
    push(&peer, None, 1);
    socket.wait();
    end(&peer, running);
}

#[test]
fn a_message_to_a_session_is_written() {
    check("pushes to a session", TWO_THREADS, || pushes_to_a_session(Mistake::None));
}

#[test]
fn a_session_that_rests_without_a_second_look_is_found() {
    assert_deadlock("no_second_look");
}

#[test]
#[ignore = "it has to fail"]
fn no_second_look() {
    check("no second look", TWO_THREADS, || pushes_to_a_session(Mistake::NoSecondLook));
}

/// A message for the flusher, which meets a session that answers a call.
fn pushes_past_a_session(calls: usize, length: usize, mistake: Mistake) {
    let (peer, socket) = (peer(), Socket::new(usize::MAX, length + calls));
    let (flusher, writes) = flusher();
    let running = session(&peer, &socket, true, calls, mistake);
    push(&peer, Some(&flusher), length);
    socket.wait();
    end(&peer, running);
    flusher.stop();
    writes.join().expect("it ends");
    assert_eq!(peer.outbox.waiting(), 0);
}

#[test]
fn a_message_past_a_session_is_written_by_the_flusher_or_the_session() {
    check("a push past a session", THREE_THREADS, || pushes_past_a_session(0, 1, Mistake::None));
}

#[test]
fn a_call_that_waits_for_room_is_answered_by_session_or_flusher() {
    check("a call that waits for room", THREE_THREADS, || pushes_past_a_session(1, PRODUCER + 1, Mistake::None));
}

#[test]
fn a_session_that_waits_for_room_without_a_waker_is_found() {
    assert_deadlock("no_waker");
}

#[test]
#[ignore = "it has to fail"]
fn no_waker() {
    check("no waker", THREE_THREADS, || pushes_past_a_session(1, PRODUCER + 1, Mistake::NoWaker));
}

/// The socket takes nothing at first: the flusher leaves the batch to the session, which goes on.
#[test]
fn a_full_socket_is_left_to_the_session() {
    check("a full socket", MANY_STEPS, || {
        let (peer, socket) = (peer(), Socket::new(0, 2));
        let (flusher, writes) = flusher();
        let running = session(&peer, &socket, true, 0, Mistake::None);
        push(&peer, Some(&flusher), 1);
        push(&peer, Some(&flusher), 1);
        socket.open();
        socket.wait();
        end(&peer, running);
        flusher.stop();
        writes.join().expect("it ends");
        assert_eq!(peer.outbox.waiting(), 0);
    });
}

/// A sender that waits for room, of a queue that the session empties.
#[test]
fn a_sender_that_waits_for_room_goes_on() {
    check("a sender that waits", TWO_THREADS, || {
        let (peer, socket) = (peer(), Socket::new(usize::MAX, 2 * (PRODUCER + 1)));
        let running = session(&peer, &socket, false, 0, Mistake::None);
        for _ in 0..2 {
            let message = Bytes::from(vec![b'x'; PRODUCER + 1]);
            let pushed = loom::future::block_on(poll_fn(|cx| peer.poll_push(cx, &message)));
            hand_over(pushed, &peer, None);
        }
        socket.wait();
        end(&peer, running);
    });
}

/// The connection ends while a sender waits for room: the socket takes nothing.
#[test]
fn the_end_wakes_a_sender_that_waits_for_room() {
    check("the end of a sender that waits", THREE_THREADS, || {
        let (peer, socket) = (peer(), Socket::new(0, 1));
        let running = session(&peer, &socket, false, 0, Mistake::None);
        let other = Arc::clone(&peer);
        let sender = loom::thread::spawn(move || {
            for _ in 0..2 {
                let message = Bytes::from(vec![b'x'; PRODUCER + 1]);
                loom::future::block_on(poll_fn(|cx| other.poll_push(cx, &message)));
            }
        });
        peer.outbox.end(End::Aborted);
        running.join().expect("it ends");
        sender.join().expect("it ends");
    });
}
