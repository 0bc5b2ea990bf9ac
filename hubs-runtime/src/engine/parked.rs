//! Messages that have to wait for their turn, in the order in which they came.

use std::collections::VecDeque;

/// How many bytes wait before the session stops reading. One message waits in any case.
const LIMIT: usize = 64 * 1024;

/// Memory for fewer bytes is not worth being moved together.
const LEAST_MOVED: usize = 4 * 1024;

/// Bodies of messages, one behind the other. A connection of which nothing waits has no memory for it.
#[derive(Debug, Default)]
pub(super) struct Parked(Option<Box<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    /// Before this all were taken.
    at: usize,
    lengths: VecDeque<usize>,
}

impl Parked {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether no more messages may wait. `allowance` bytes more may than usual.
    pub(super) fn is_full(&self, allowance: usize) -> bool {
        self.0.as_ref().is_some_and(|queue| queue.bytes.len() - queue.at >= LIMIT.saturating_add(allowance))
    }

    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.lengths.len())
    }

    /// Appends the body of a message.
    pub(super) fn push(&mut self, body: &[u8]) {
        let queue = self.0.get_or_insert_default();
        queue.bytes.extend_from_slice(body);
        queue.lengths.push_back(body.len());
    }

    /// The first message.
    pub(super) fn front(&self) -> Option<&[u8]> {
        let queue = self.0.as_ref()?;
        let length = *queue.lengths.front()?;
        Some(&queue.bytes[queue.at..queue.at + length])
    }

    /// Removes the first message.
    pub(super) fn pop(&mut self) {
        let Some(queue) = &mut self.0 else { return };
        queue.at += queue.lengths.pop_front().unwrap_or_default();
        if queue.lengths.is_empty() {
            self.0 = None;
        } else if queue.at >= LEAST_MOVED && queue.at >= queue.bytes.len() / 2 {
            queue.bytes.drain(..queue.at);
            queue.at = 0;
        }
    }

    /// Drops all of them.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_in_order_and_leave_no_memory() {
        let mut parked = Parked::default();
        let message = |number: usize| number.to_string().repeat(number % 50);
        let (mut last, mut next) = (0, 0);
        while next < 5_000 {
            for _ in 0..3 {
                parked.push(message(last).as_bytes());
                last += 1;
            }
            for _ in 0..if last < 3_000 { 2 } else { 4 } {
                if parked.is_empty() {
                    break;
                }
                assert_eq!(parked.front().unwrap(), message(next).as_bytes());
                parked.pop();
                next += 1;
            }
            let queue = parked.0.as_ref();
            assert!(queue.is_none_or(|queue| queue.at < LEAST_MOVED + queue.bytes.len() / 2 + 200));
        }
        parked.clear();
        assert!(parked.is_empty() && parked.front().is_none());
    }

    #[test]
    fn one_large_message_waits_in_any_case() {
        let mut parked = Parked::default();
        assert!(!parked.is_full(0));
        parked.push(&vec![b'x'; 2 * LIMIT]);
        assert!(parked.is_full(0));
        parked.pop();
        assert!(!parked.is_full(0));
    }
}
