//! The order of queued messages, and removing one of them.

use bytes::Bytes;

use crate::connection::{
    queue::Queue,
    resume::{BATCH_LIMIT, COPY_LIMIT},
};

#[test]
fn a_message_that_is_alone_is_shared() {
    let mut queue = Queue::default();
    let message = Bytes::from_static(b"alone");
    queue.append(&message);
    assert_eq!(queue.take().unwrap().as_ptr(), message.as_ptr());
    queue.append(&message);
    queue.append(&message);
    assert_eq!(queue.take().unwrap(), "alonealone");
    assert!(queue.take().is_none());
}

/// Case 54.
#[test]
fn large_messages_are_shared_and_keep_their_place() {
    let mut queue = Queue::default();
    let large = Bytes::from(vec![b'x'; BATCH_LIMIT]);
    queue.append(&Bytes::from_static(b"a"));
    queue.append(&large);
    queue.append_copy(b"b");
    assert_eq!(queue.take().unwrap(), "a");
    assert_eq!(queue.take().unwrap().as_ptr(), large.as_ptr());
    assert_eq!(queue.take().unwrap(), "b");
}

#[test]
fn what_is_joined_keeps_its_order_however_it_grows() {
    let mut queue = Queue::default();
    let mut expected = Vec::new();
    for number in 0..2_000 {
        let message = Bytes::from(format!("<{number}>"));
        expected.extend_from_slice(&message);
        if number % 3 == 0 { queue.append(&message) } else { queue.append_copy(&message) }
    }
    assert_eq!(queue.take().unwrap(), expected);
}

#[test]
fn nothing_is_left_of_what_is_forgotten() {
    let mut queue = Queue::default();
    queue.append(&Bytes::from(vec![b'x'; COPY_LIMIT + 1]));
    queue.append_copy(b"abc");
    assert_eq!(queue.clear(), COPY_LIMIT + 4);
    assert!(queue.take().is_none());
    assert_eq!(queue.clear(), 0);
}

/// Appends messages of these lengths, each filled with its own letter and tagged with its number, from 1.
fn fill(queue: &mut Queue, lengths: &[usize]) -> Vec<Vec<u8>> {
    let message = |(index, length): (usize, &usize)| vec![b'a' + index as u8; *length];
    let messages: Vec<_> = lengths.iter().enumerate().map(message).collect();
    for (tag, message) in (1..).zip(&messages) {
        queue.append_tagged(&Bytes::from(message.clone()), tag);
    }
    messages
}

fn drain(queue: &mut Queue) -> Vec<u8> {
    std::iter::from_fn(|| queue.take()).flatten().collect()
}

/// In every way in which messages can lie: alone, joined, large, and mixed.
const LENGTHS: [&[usize]; 6] = [&[5], &[5, 6, 7], &[3000], &[5, 6, 3000, 7, 8], &[70_000, 3000, 5], &[5, 70_000]];

#[test]
fn any_queued_message_with_a_tag_can_be_removed() {
    for lengths in LENGTHS {
        for (index, length) in lengths.iter().enumerate() {
            let mut queue = Queue::default();
            let mut messages = fill(&mut queue, lengths);
            let tag = index as u64 + 1;
            assert_eq!(queue.remove_oldest(tag), Some(*length));
            assert_eq!(queue.remove_oldest(tag), None, "it is gone");
            messages.remove(index);
            assert_eq!(drain(&mut queue), messages.concat(), "message {tag} of {lengths:?}");
        }
    }
}

#[test]
fn what_was_taken_cannot_be_removed_and_what_came_before_the_first_tag_stays() {
    for before in [0, 5, 3000] {
        for lengths in LENGTHS {
            let mut queue = Queue::default();
            let first = Bytes::from(vec![b'-'; before]);
            if before > 0 {
                queue.append(&first);
            }
            let messages = fill(&mut queue, lengths);
            let mut taken = Vec::new();
            while taken.len() <= before {
                taken.extend_from_slice(&queue.take().unwrap());
            }
            let left = queue.remove_oldest(1);
            assert_eq!(left, None, "the first of {lengths:?} has left");
            queue.append(&Bytes::from_static(b"last"));
            taken.extend(drain(&mut queue));
            assert_eq!(taken, [first.to_vec(), messages.concat(), b"last".to_vec()].concat());
        }
    }
}
