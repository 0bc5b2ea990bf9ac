//! Whole messages that wait, in their order: small ones joined, large ones shared. Must not know limits or ends.

use std::{collections::VecDeque, ops::Range};

use bytes::Bytes;

use super::{
    boundaries::Boundaries,
    resume::{BATCH_LIMIT, COPY_LIMIT, Replay},
};

/// How much is made room for when a second message joins a first: more are likely to come, and growing costs more than
/// copying.
const BATCH_START: usize = 1024;

#[derive(Default)]
pub(super) struct Queue {
    /// Whole messages, the oldest first.
    chunks: VecDeque<Bytes>,
    /// A small message that is alone: shared with its other receivers, not copied. Nothing else waits then.
    single: Bytes,
    /// Small messages that came after all chunks, joined. Has no room while there is a `single`.
    tail: Vec<u8>,
    /// Kept from the first message that may be replaced: without, a message costs nothing beside its bytes.
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
            boundaries.append(message.len(), 0);
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
            boundaries.append(message.len(), 0);
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
            boundaries.take(bytes.len());
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

    /// Appends a message that a later one with the same tag may replace.
    pub(super) fn append_tagged(&mut self, message: &Bytes, tag: u64) {
        if let Some(replay) = &mut self.replay {
            return replay.append_tagged(message.clone(), tag);
        }
        let queued = self.chunks.iter().map(Bytes::len).sum::<usize>() + self.single.len() + self.tail.len();
        let boundaries = self.boundaries.get_or_insert_with(|| Box::new(Boundaries::after(queued)));
        boundaries.append(message.len(), tag);
        self.append_bytes(message);
    }

    /// Removes the oldest message with this tag that is queued. Returns its length.
    pub(super) fn remove_oldest(&mut self, tag: u64) -> Option<usize> {
        if let Some(replay) = &mut self.replay {
            return replay.remove_oldest(tag);
        }
        let range = self.boundaries.as_mut()?.remove_oldest(tag)?;
        let length = range.len();
        self.cut(range);
        Some(length)
    }

    /// Removes a whole message, which lies at `range`, counted from the oldest one.
    fn cut(&mut self, mut range: Range<usize>) {
        for index in 0..self.chunks.len() {
            let length = self.chunks[index].len();
            if range.end <= length {
                let Some(chunk) = self.chunks.remove(index) else { return };
                let part = |range: Range<usize>| match range.len() {
                    // What is small must not keep all of the chunk.
                    ..=COPY_LIMIT => Bytes::copy_from_slice(&chunk[range]),
                    _ => chunk.slice(range),
                };
                let parts = [part(range.end..length), part(0..range.start)];
                for part in parts.into_iter().filter(|part| !part.is_empty()) {
                    self.chunks.insert(index, part);
                }
                return;
            }
            range = range.start - length..range.end - length;
        }
        if self.single.is_empty() {
            self.tail.drain(range);
        } else {
            self.single = Bytes::new();
        }
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
