//! Whole messages that wait, in their order: small ones joined, large ones shared. Must not know limits or ends.

use std::{collections::VecDeque, ops::Range};

use bytes::Bytes;

use super::{
    boundaries::{Batch, Boundaries, QueuedMessage},
    resume::Replay,
};

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
    /// Kept for connections that ask for them: without, a message costs nothing beside its bytes.
    boundaries: Option<Box<Boundaries>>,
    /// For a connection with stateful reconnect: then all messages are here.
    replay: Option<Box<Replay>>,
}

impl Queue {
    /// Appends a message that other connections may get, too.
    #[inline]
    pub(super) fn append(&mut self, message: &Bytes) {
        if self.replay.is_some() || self.boundaries.is_some() {
            return self.append_counted(message);
        }
        self.append_bytes(message);
    }

    #[cold]
    fn append_counted(&mut self, message: &Bytes) {
        if let Some(replay) = &mut self.replay {
            return replay.append(message.clone());
        }
        if let Some(boundaries) = &mut self.boundaries {
            boundaries.append(message.len());
        }
        self.append_bytes(message);
    }

    #[inline]
    fn append_bytes(&mut self, message: &Bytes) {
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
    pub(super) fn append_copy(&mut self, message: &[u8]) {
        if let Some(replay) = &mut self.replay {
            return replay.append(Bytes::copy_from_slice(message));
        }
        if let Some(boundaries) = &mut self.boundaries {
            boundaries.append(message.len());
        }
        self.join(message);
    }

    /// Appends a message that stateful reconnect does not number. Returns how many bytes wait more.
    pub(super) fn append_uncounted(&mut self, message: &[u8]) -> usize {
        if let Some(replay) = &mut self.replay {
            return replay.append_uncounted(message);
        }
        self.append_copy(message);
        message.len()
    }

    /// Appends the last message of the connection.
    pub(super) fn append_close(&mut self, message: &[u8]) {
        match &mut self.replay {
            Some(replay) => replay.append_close(message),
            None => self.append_copy(message),
        }
    }

    #[inline]
    fn join(&mut self, message: &[u8]) {
        if self.tail.capacity() - self.tail.len() < message.len() {
            self.make_room(message.len());
        }
        self.tail.extend_from_slice(message);
    }

    /// Makes room for `len` bytes in the tail, after the single message. A first message gets just what it needs.
    #[cold]
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
        let bytes = self.take_bytes()?;
        if let Some(boundaries) = &mut self.boundaries {
            boundaries.take(&bytes);
        }
        Some(bytes)
    }

    #[inline]
    fn take_bytes(&mut self) -> Option<Bytes> {
        if let Some(replay) = &mut self.replay {
            return replay.take();
        }
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

    /// Drops all that waits, and returns how many bytes that was.
    pub(super) fn clear(&mut self) -> usize {
        if let Some(replay) = &mut self.replay {
            return replay.clear();
        }
        let Self { chunks, single, tail, mut boundaries, .. } = std::mem::take(self);
        boundaries.iter_mut().for_each(|boundaries| boundaries.clear());
        self.boundaries = boundaries;
        chunks.iter().map(Bytes::len).sum::<usize>() + single.len() + tail.len()
    }

    /// Notes that the last batch has left.
    pub(super) fn left(&mut self) {
        if let Some(boundaries) = &mut self.boundaries {
            boundaries.left();
        }
    }

    /// Appends a message that a later one with the same tag may replace.
    pub(super) fn append_tagged(&mut self, message: &Bytes, tag: u64) {
        if let Some(replay) = &mut self.replay {
            return replay.append_tagged(message.clone(), tag);
        }
        let queued = self.chunks.iter().map(Bytes::len).sum::<usize>() + self.single.len() + self.tail.len();
        let boundaries = self.boundaries.get_or_insert_with(|| Box::new(Boundaries::after(queued)));
        boundaries.append_tagged(message.len(), tag);
        self.append_bytes(message);
    }

    /// Removes the oldest message with this tag that is queued. Returns its length.
    pub(super) fn remove_oldest(&mut self, tag: u64) -> Option<usize> {
        if let Some(replay) = &mut self.replay {
            return replay.remove_oldest(tag);
        }
        let number = self.boundaries.as_ref()?.oldest(tag)?;
        self.replace(number, Bytes::new())
    }

    /// Queues the last batch again, before all else, unless it has left. Needs boundaries; whether it did.
    pub(super) fn put_back(&mut self) -> bool {
        let Some(bytes) = self.boundaries.as_mut().and_then(|boundaries| boundaries.put_back()) else { return false };
        if !self.single.is_empty() {
            self.chunks.push_back(std::mem::take(&mut self.single));
        }
        self.chunks.push_front(bytes);
        true
    }
}

/// What stateful reconnect needs.
impl Queue {
    /// Numbers all messages from now on, and keeps them until they are acknowledged. Only an empty queue can begin to.
    pub(super) fn keep_replay(&mut self, replay: Replay) {
        debug_assert!(self.chunks.is_empty() && self.single.is_empty() && self.tail.is_empty(), "it begins empty");
        self.replay = Some(Box::new(replay));
    }

    /// The messages that are numbered, if they are.
    pub(super) fn replay(&mut self) -> Option<&mut Replay> {
        self.replay.as_deref_mut()
    }
}

/// What needs boundaries.
impl Queue {
    /// Keeps the boundaries of all messages from now on. Only an empty queue can begin to; whether it has.
    pub(super) fn keep_boundaries(&mut self) -> bool {
        let empty = self.chunks.is_empty() && self.single.is_empty() && self.tail.is_empty();
        if empty {
            self.boundaries.get_or_insert_with(|| Box::new(Boundaries::new()));
        }
        empty
    }

    /// Takes the next batch with the numbers of its messages.
    pub(super) fn take_batch(&mut self) -> Option<Batch> {
        self.boundaries.as_ref()?;
        let bytes = self.take_bytes()?;
        self.boundaries.as_mut().map(|boundaries| boundaries.take(&bytes))
    }

    /// All queued messages, the oldest first.
    pub(super) fn messages(&self) -> impl Iterator<Item = QueuedMessage> {
        self.boundaries.iter().flat_map(|boundaries| boundaries.messages())
    }

    /// Puts `message` in the place of a queued one, or removes that if it is empty. Returns the old length; `None` if
    /// no such message is queued.
    pub(super) fn replace(&mut self, number: u64, message: Bytes) -> Option<usize> {
        let boundaries = self.boundaries.as_mut()?;
        let range = boundaries.range(number)?;
        boundaries.resize(number, message.len());
        let length = range.len();
        self.splice(range, message);
        Some(length)
    }

    /// `range` is a whole message, counted from the oldest one.
    fn splice(&mut self, mut range: Range<usize>, message: Bytes) {
        for index in 0..self.chunks.len() {
            let length = self.chunks[index].len();
            if range.end <= length {
                let Some(chunk) = self.chunks.remove(index) else { return };
                let part = |range: Range<usize>| match range.len() {
                    // What is small must not keep all of the chunk.
                    ..=COPY_LIMIT => Bytes::copy_from_slice(&chunk[range]),
                    _ => chunk.slice(range),
                };
                let parts = [part(0..range.start), message, part(range.end..length)];
                for part in parts.into_iter().rev().filter(|part| !part.is_empty()) {
                    self.chunks.insert(index, part);
                }
                return;
            }
            range = range.start - length..range.end - length;
        }
        if self.single.is_empty() {
            self.tail.splice(range, message);
        } else {
            self.single = message;
        }
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

    fn numbered() -> Queue {
        let mut queue = Queue::default();
        assert!(queue.keep_boundaries());
        queue
    }

    fn queued(queue: &Queue) -> Vec<(u64, usize)> {
        queue.messages().map(|message| (message.number, message.length)).collect()
    }

    /// Appends messages of these lengths, each filled with its own letter.
    fn fill(queue: &mut Queue, lengths: &[usize]) -> Vec<Vec<u8>> {
        let message = |(index, length): (usize, &usize)| vec![b'a' + index as u8; *length];
        let messages: Vec<_> = lengths.iter().enumerate().map(message).collect();
        for (index, message) in messages.iter().enumerate() {
            if index % 2 == 0 { queue.append(&Bytes::from(message.clone())) } else { queue.append_copy(message) }
        }
        messages
    }

    fn drain(queue: &mut Queue) -> Vec<u8> {
        std::iter::from_fn(|| queue.take()).flatten().collect()
    }

    /// In every way in which messages can lie: alone, joined, large, and mixed.
    const LENGTHS: [&[usize]; 6] = [&[5], &[5, 6, 7], &[3000], &[5, 6, 3000, 7, 8], &[70_000, 3000, 5], &[5, 70_000]];

    #[test]
    fn every_message_has_a_number_and_a_length_and_every_batch_says_which_it_holds() {
        for lengths in LENGTHS {
            let mut queue = numbered();
            let messages = fill(&mut queue, lengths);
            let expected: Vec<_> = (1..).zip(lengths.iter().copied()).collect();
            assert_eq!(queued(&queue), expected);
            let mut taken = Vec::new();
            while let Some(batch) = queue.take_batch() {
                assert_eq!(batch.lengths.iter().sum::<usize>(), batch.bytes.len());
                let mut rest = batch.bytes.clone();
                for (number, length) in batch.numbers().zip(&batch.lengths) {
                    assert_eq!(rest.split_to(*length), messages[number as usize - 1]);
                    taken.push((number, *length));
                }
            }
            assert_eq!(taken, expected);
            queue.append(&Bytes::from_static(b"next"));
            assert_eq!(queued(&queue), [(lengths.len() as u64 + 1, 4)]);
        }
    }

    #[test]
    fn any_queued_message_can_be_removed_or_replaced() {
        for lengths in LENGTHS {
            for (index, length) in lengths.iter().enumerate() {
                for replacement in [&b""[..], b"new"] {
                    let mut queue = numbered();
                    let mut messages = fill(&mut queue, lengths);
                    let number = index as u64 + 1;
                    assert_eq!(queue.replace(number, Bytes::from_static(replacement)), Some(*length));
                    messages[index] = replacement.to_vec();
                    messages.retain(|message| !message.is_empty());
                    let expected: Vec<_> = (1..).zip(messages.iter().map(Vec::len)).collect();
                    assert_eq!(queued(&queue), expected, "message {number} of {lengths:?}");
                    assert_eq!(drain(&mut queue), messages.concat(), "message {number} of {lengths:?}");
                    assert_eq!(queue.replace(number, Bytes::new()), None, "it has been taken");
                }
            }
        }
    }

    #[test]
    fn a_batch_that_did_not_leave_comes_first_again_under_its_numbers() {
        for lengths in LENGTHS {
            let mut queue = numbered();
            let messages = fill(&mut queue, lengths);
            let batch = queue.take_batch().unwrap();
            assert!(queue.put_back());
            assert!(!queue.put_back(), "once");
            queue.append_copy(b"later");
            assert_eq!(queued(&queue)[0], (1, lengths[0]));
            assert_eq!(queued(&queue).len(), lengths.len() + 1);
            let again = queue.take_batch().unwrap();
            assert_eq!(again.first, 1);
            assert!(again.bytes.starts_with(&batch.bytes));
            queue.left();
            assert!(!queue.put_back(), "it has left");
            let all = [again.bytes.to_vec(), drain(&mut queue)].concat();
            assert_eq!(all, [messages.concat(), b"later".to_vec()].concat());
        }
    }

    #[test]
    fn boundaries_begin_with_an_empty_queue_and_are_not_kept_unless_asked_for() {
        let mut queue = Queue::default();
        queue.append(&Bytes::from_static(b"a"));
        assert!(!queue.keep_boundaries());
        assert_eq!(queue.messages().count(), 0);
        assert_eq!(queue.replace(1, Bytes::new()), None);
        assert!(queue.take().is_some() && !queue.put_back());
        queue.append(&Bytes::from(vec![0; 3000]));
        assert!(!queue.keep_boundaries());
        queue.clear();
        queue.append_copy(b"a");
        assert!(!queue.keep_boundaries());
        queue.clear();
        assert!(queue.keep_boundaries() && queue.keep_boundaries());
        fill(&mut queue, &[1, 2]);
        queue.clear();
        queue.append_copy(b"three");
        assert_eq!(queued(&queue), [(3, 5)], "what was dropped keeps its number");
    }
}
