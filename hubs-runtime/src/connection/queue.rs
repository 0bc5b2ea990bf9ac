//! Whole messages that wait, in their order: small ones joined, large ones shared. Knows neither limits nor ends.

use std::collections::VecDeque;

use bytes::Bytes;

/// Messages up to this size are copied together; larger ones are shared with the other receivers.
const COPY_LIMIT: usize = 2 * 1024;

/// How much is made room for when a second message joins a first: more are likely to come, and growing costs more than
/// copying.
const BATCH_START: usize = 1024;

/// How many bytes go into one transport message, unless a single hub message is larger.
const BATCH_LIMIT: usize = 64 * 1024;

#[derive(Default)]
pub(super) struct Queue {
    /// Whole messages, the oldest first.
    chunks: VecDeque<Bytes>,
    /// A small message that is alone: shared with its other receivers, not copied. Nothing else waits then.
    single: Bytes,
    /// Small messages that came after all chunks, joined. Has no room while there is a `single`.
    tail: Vec<u8>,
}

impl Queue {
    /// Appends a message that others may get, too.
    #[inline]
    pub(super) fn append(&mut self, message: &Bytes) {
        if message.len() > COPY_LIMIT {
            self.close_tail();
            self.chunks.push_back(message.clone());
        } else if self.chunks.is_empty() && self.tail.is_empty() && self.single.is_empty() {
            self.single = message.clone();
        } else {
            self.join(message);
        }
    }

    /// Appends a message by copying it.
    pub(super) fn join(&mut self, message: &[u8]) {
        if self.tail.capacity() - self.tail.len() < message.len() {
            self.make_room(message.len());
        }
        self.tail.extend_from_slice(message);
    }

    /// Makes room for `len` bytes in the tail, after the single message. A first message gets just what it needs.
    fn make_room(&mut self, len: usize) {
        if self.single.is_empty() && self.tail.is_empty() {
            return;
        }
        self.tail.reserve((self.single.len() + len).max(BATCH_START));
        self.tail.extend_from_slice(&self.single);
        self.single = Bytes::new();
    }

    fn close_tail(&mut self) {
        if !self.single.is_empty() {
            self.chunks.push_back(std::mem::take(&mut self.single));
        }
        if !self.tail.is_empty() {
            self.chunks.push_back(Bytes::from(std::mem::take(&mut self.tail)));
        }
    }

    /// Takes the next batch.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Bytes> {
        if !self.single.is_empty() {
            return Some(std::mem::take(&mut self.single));
        }
        if self.chunks.is_empty() {
            return (!self.tail.is_empty()).then(|| Bytes::from(std::mem::take(&mut self.tail)));
        }
        self.close_tail();
        let first = self.chunks.pop_front()?;
        let joins = |next: &Bytes, len: usize| len + next.len() <= BATCH_LIMIT;
        if !self.chunks.front().is_some_and(|next| joins(next, first.len())) {
            return Some(first);
        }
        let mut batch = Vec::with_capacity(BATCH_LIMIT);
        batch.extend_from_slice(&first);
        while let Some(next) = self.chunks.front().filter(|next| joins(next, batch.len())) {
            batch.extend_from_slice(next);
            self.chunks.pop_front();
        }
        Some(Bytes::from(batch))
    }

    /// Forgets all that waits, and says how many bytes that was.
    pub(super) fn clear(&mut self) -> usize {
        let Self { chunks, single, tail } = std::mem::take(self);
        chunks.iter().map(Bytes::len).sum::<usize>() + single.len() + tail.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn large_messages_are_shared_and_keep_their_place() {
        let mut queue = Queue::default();
        let large = Bytes::from(vec![b'x'; BATCH_LIMIT]);
        queue.append(&Bytes::from_static(b"a"));
        queue.append(&large);
        queue.join(b"b");
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
            if number % 3 == 0 { queue.append(&message) } else { queue.join(&message) }
        }
        assert_eq!(queue.take().unwrap(), expected);
    }

    #[test]
    fn nothing_is_left_of_what_is_forgotten() {
        let mut queue = Queue::default();
        queue.append(&Bytes::from(vec![b'x'; COPY_LIMIT + 1]));
        queue.join(b"abc");
        assert_eq!(queue.clear(), COPY_LIMIT + 4);
        assert!(queue.take().is_none());
        assert_eq!(queue.clear(), 0);
    }
}
