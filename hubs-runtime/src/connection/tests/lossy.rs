//! Messages that may be lost.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::{
    connection::{Outbox, OutboxLimits, Pushed, PushedLossy},
    ids::{Delivery, Loss},
};

const LIMITS: OutboxLimits = OutboxLimits { producer: 100, soft: 200, hard: 10_000 };

fn push(outbox: &Outbox, delivery: Delivery, key: u32, message: &[u8]) -> PushedLossy {
    let loss = Loss::new("Price", delivery, &key).expect("it may be lost");
    outbox.push_lossy(&Bytes::copy_from_slice(message), &loss, Instant::now())
}

fn all(outbox: &Outbox) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(batch) = outbox.take() {
        all.extend_from_slice(&batch);
        outbox.left(batch.len());
    }
    assert_eq!(outbox.waiting(), 0);
    all
}

#[tokio::test]
async fn a_newer_message_replaces_one_that_waits_and_comes_after_all_others() {
    for first in [b"a1".to_vec(), vec![b'a'; 5_000]] {
        let outbox = Outbox::new(LIMITS);
        outbox.push(&Bytes::from_static(b"m1,"));
        push(&outbox, Delivery::Latest, 0, &first);
        outbox.append_own(b"m2,");
        assert_eq!(push(&outbox, Delivery::Latest, 0, b"a2,").lost, 1);
        outbox.push(&Bytes::from_static(b"m3"));
        assert_eq!(all(&outbox), b"m1,m2,a2,m3");
        assert_eq!(push(&outbox, Delivery::Latest, 0, b"a3").lost, 0, "what was taken is not replaced");
        assert_eq!(all(&outbox), b"a3");
    }
}

#[tokio::test]
async fn each_key_has_a_message_of_its_own() {
    let outbox = Outbox::new(LIMITS);
    let lost: usize =
        (0..100).map(|n| push(&outbox, Delivery::Coalesce("k"), n % 3, &[b'0' + n as u8 % 10]).lost).sum();
    assert_eq!(lost, 97);
    assert_eq!(all(&outbox), b"789");
}

#[tokio::test]
async fn the_oldest_are_dropped_above_the_limit_and_only_those_of_the_method() {
    let outbox = Outbox::new(LIMITS);
    outbox.push(&Bytes::from(vec![b'm'; 60]));
    let lost: usize = (0..10_u8).map(|n| push(&outbox, Delivery::DropOldest, 0, &[b'0' + n; 10]).lost).sum();
    assert_eq!((lost, outbox.waiting()), (6, 100));
    assert_eq!(all(&outbox)[60..], [[b'6'; 10], [b'7'; 10], [b'8'; 10], [b'9'; 10]].concat());
}

/// What waited before the first such message is counted as it was.
#[tokio::test]
async fn joined_messages_that_came_before_leave_in_their_batches() {
    let outbox = Outbox::new(OutboxLimits { hard: 1 << 20, ..LIMITS });
    outbox.push(&Bytes::from(vec![b'x'; 70_000]));
    outbox.push(&Bytes::from(vec![b'y'; 70_000]));
    push(&outbox, Delivery::Latest, 0, b"old");
    assert_eq!(outbox.take().map(|batch| batch.len()), Some(70_000));
    outbox.left(70_000);
    assert_eq!(push(&outbox, Delivery::Latest, 0, b"new").lost, 1);
    let rest = all(&outbox);
    assert_eq!((rest.len(), &rest[70_000..]), (70_003, &b"new"[..]));
}

#[tokio::test]
async fn only_the_hard_limit_makes_a_reader_too_slow() {
    let outbox = Outbox::new(LIMITS);
    outbox.push(&Bytes::from(vec![0; 190]));
    for key in 0..90 {
        assert_ne!(push(&outbox, Delivery::Coalesce("k"), key, &[0; 100]).pushed, Pushed::Overflowed);
    }
    assert!(!outbox.crowded() && outbox.ended().is_none());
    let pushed = (90..200).map(|key| push(&outbox, Delivery::Coalesce("k"), key, &[0; 100]).pushed);
    assert!(pushed.collect::<Vec<_>>().contains(&Pushed::Overflowed));
    assert!(outbox.ended().is_some());
}

#[tokio::test(start_paused = true)]
async fn one_message_in_each_interval_the_newest() {
    let outbox = Outbox::new(LIMITS);
    let every = Delivery::Every(Duration::from_millis(100));
    let tag = Loss::new("Price", every, &0_u32).map(|loss| loss.tag).expect("it may be lost");
    let start = Instant::now();
    let held = |lost, until: Option<u64>| {
        let held_until = until.map(|millis| start + Duration::from_millis(millis));
        PushedLossy { pushed: Pushed::Done, lost, held_until }
    };
    assert_eq!(push(&outbox, every, 0, b"1").pushed, Pushed::Unwatched);
    assert_eq!(all(&outbox), b"1");
    assert_eq!(push(&outbox, every, 0, b"2"), held(0, Some(100)));
    assert_eq!(push(&outbox, every, 0, b"3"), held(1, None));
    assert!(outbox.take().is_none());
    tokio::time::advance(Duration::from_millis(100)).await;
    assert_eq!(push(&outbox, every, 0, b"4"), held(1, None), "the timer will release it");
    outbox.release(tag, Instant::now());
    assert_eq!(all(&outbox), b"4");
    assert_eq!(push(&outbox, every, 0, b"5"), held(0, Some(200)));
    tokio::time::advance(Duration::from_millis(100)).await;
    outbox.release(tag, Instant::now());
    tokio::time::advance(Duration::from_millis(100)).await;
    assert_eq!(push(&outbox, every, 0, b"6").lost, 1, "it replaces what waits, too");
    assert_eq!(all(&outbox), b"6");
}

#[tokio::test]
async fn senders_that_wait_for_room_are_woken_when_a_large_message_is_replaced() {
    let outbox = std::sync::Arc::new(Outbox::new(LIMITS));
    push(&outbox, Delivery::Latest, 0, &[0; 500]);
    let waiting = {
        let outbox = std::sync::Arc::clone(&outbox);
        tokio::spawn(async move { std::future::poll_fn(|cx| outbox.poll_room(cx)).await })
    };
    tokio::task::yield_now().await;
    push(&outbox, Delivery::Latest, 0, b"small");
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("woken").expect("no panic");
}
