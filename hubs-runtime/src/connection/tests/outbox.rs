//! Limits, ends and wake-ups of the outgoing queue.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use crate::{
    connection::{End, Outbox, OutboxLimits, Pushed},
    ids::DisconnectError,
};

/// An outbox with its soft limit at `soft` and its hard limit at four times that.
fn outbox(soft: usize) -> Outbox {
    Outbox::new(OutboxLimits { producer: soft / 2, soft, hard: 4 * soft })
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
fn one_push_of_a_burst_has_to_get_it_written() {
    let outbox = outbox(100);
    assert_eq!([outbox.push(&bytes(1)), outbox.push(&bytes(1))], [Pushed::Unwatched, Pushed::Done]);
    outbox.unwatch();
    assert_eq!(outbox.push(&bytes(1)), Pushed::Unwatched);
}

#[test]
fn one_message_always_fits_an_empty_outbox() {
    let outbox = outbox(10);
    assert_ne!(outbox.push(&bytes(1000)), Pushed::Overflowed);
    assert!(outbox.ended().is_none());
}

fn noop() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[test]
fn past_the_hard_limit_a_reader_is_too_slow_once() {
    let outbox = outbox(10);
    outbox.push(&bytes(6));
    assert_eq!(outbox.push(&bytes(34)), Pushed::Crowded, "the limit itself fits");
    assert!(outbox.ended().is_none());
    assert_eq!(outbox.push(&bytes(1)), Pushed::Overflowed);
    assert_eq!(outbox.push(&bytes(1)), Pushed::Done, "counted once");
    assert!(matches!(outbox.ended(), Some(End::Failed(DisconnectError::SlowConsumer(_)))));
    assert_eq!(outbox.waiting(), 40);
}

#[test]
fn past_the_soft_limit_a_reader_is_crowded_until_it_has_caught_up() {
    let outbox = outbox(10);
    outbox.push(&bytes(6));
    outbox.push(&bytes(4));
    assert!(!outbox.crowded(), "the limit itself fits");
    outbox.unwatch();
    assert_eq!(outbox.push(&bytes(1)), Pushed::Unwatched, "the sender has to get it written");
    assert!(outbox.crowded());
    outbox.take();
    outbox.left(5);
    assert!(!outbox.crowded(), "it is below the limit");
    outbox.append_own(&[0; 6]);
    assert!(outbox.crowded(), "there was no room in between");
    outbox.left(7);
    outbox.append_own(&[0; 100]);
    assert!(!outbox.crowded(), "a message that fits does not count, however large it is");
}

#[test]
fn one_large_message_does_not_crowd_an_empty_outbox() {
    let outbox = outbox(10);
    assert_eq!(outbox.push(&bytes(1000)), Pushed::Unwatched);
    assert!(!outbox.crowded());
    assert_eq!(outbox.push(&bytes(1)), Pushed::Overflowed);
}

#[test]
fn a_sender_that_waits_for_room_is_woken_and_never_makes_a_reader_slow() {
    let outbox = outbox(10);
    let spin = Arc::<Spin>::default();
    let waker = Waker::from(Arc::clone(&spin));
    let cx = Context::from_waker(&waker);
    assert_eq!(outbox.poll_push(&cx, &bytes(1000)), Poll::Ready(Pushed::Unwatched), "there is room");
    assert!(outbox.poll_push(&cx, &bytes(1000)).is_pending());
    assert!(outbox.poll_push(&noop(), &bytes(1000)).is_pending());
    assert!(outbox.poll_room(&cx).is_pending());
    assert_eq!(outbox.waiting(), 1000, "nothing is queued before there is room");
    outbox.take();
    outbox.left(994);
    assert!(!spin.0.load(Ordering::Acquire), "6 are more than 5");
    outbox.left(1);
    assert!(spin.0.load(Ordering::Acquire));
    assert_eq!(outbox.poll_push(&cx, &bytes(1000)), Poll::Ready(Pushed::Done), "already watched");
    assert!(!outbox.crowded() && outbox.ended().is_none());
}

#[test]
fn the_end_wakes_senders_that_wait_for_room() {
    let outbox = outbox(10);
    let spin = Arc::<Spin>::default();
    let waker = Waker::from(Arc::clone(&spin));
    outbox.push(&bytes(6));
    assert!(outbox.poll_push(&Context::from_waker(&waker), &bytes(1)).is_pending());
    outbox.end(End::Aborted);
    outbox.seal(false);
    assert!(spin.0.load(Ordering::Acquire));
    assert_eq!(outbox.poll_push(&noop(), &bytes(1)), Poll::Ready(Pushed::Done));
    assert!(outbox.poll_room(&noop()).is_ready());
    assert_eq!(outbox.waiting(), 6, "nothing is queued after the end");
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
fn a_sealed_outbox_takes_only_the_close_message() {
    let outbox = outbox(10);
    outbox.push(&bytes(3));
    outbox.seal(true);
    outbox.push(&bytes(3));
    outbox.append_own(b"x");
    outbox.append_close(b"bye");
    assert_eq!(outbox.take().unwrap(), "bye");
    outbox.left(3);
    assert_eq!(outbox.waiting(), 0);
}

/// A task that spins instead of resting.
#[derive(Default)]
struct Spin(AtomicBool);

impl Wake for Spin {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

fn spin_until(mut done: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < limit, "the session was not woken");
        thread::yield_now();
    }
}

/// Takes what comes, as a session does.
fn take_until_the_end(outbox: &Outbox) {
    let spin = Arc::<Spin>::default();
    let waker = Waker::from(Arc::clone(&spin));
    loop {
        outbox.register(&Context::from_waker(&waker));
        if outbox.ended().is_some() {
            return;
        }
        while let Some(batch) = outbox.take() {
            outbox.left(batch.len());
        }
        outbox.unwatch();
        spin_until(|| spin.0.swap(false, Ordering::AcqRel));
    }
}

#[test]
fn no_wake_is_swallowed_between_threads() {
    let outbox = outbox(10);
    thread::scope(|scope| {
        let session = scope.spawn(|| take_until_the_end(&outbox));
        for _ in 0..200_000 {
            outbox.wake();
            outbox.append_own(b"x");
            outbox.wake();
            spin_until(|| outbox.waiting() == 0);
        }
        outbox.end(End::Aborted);
        session.join().unwrap();
    });
}
