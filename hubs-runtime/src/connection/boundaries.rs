//! Where each queued message begins and ends, for queues with messages that newer ones may replace.

use std::{collections::VecDeque, ops::Range};

/// So many entries stay allocated while nothing is queued.
const SPARE: usize = 64;

#[derive(Debug)]
pub(super) struct Boundaries {
    /// The queued messages, the oldest first.
    entries: VecDeque<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    length: usize,
    /// What the messages that replace each other have in common; zero for one that must arrive.
    tag: u64,
}

impl Boundaries {
    /// For a queue that holds so many bytes already, which must all arrive.
    pub(super) fn after(length: usize) -> Self {
        let mut boundaries = Self { entries: VecDeque::new() };
        if length > 0 {
            boundaries.append(length, 0);
        }
        boundaries
    }

    pub(super) fn append(&mut self, length: usize, tag: u64) {
        self.entries.push_back(Entry { length, tag });
    }

    /// Removes the oldest message with this tag. Returns where it lay, in bytes from the oldest message.
    pub(super) fn remove_oldest(&mut self, tag: u64) -> Option<Range<usize>> {
        let index = self.entries.iter().position(|entry| entry.tag == tag)?;
        let start = self.entries.iter().take(index).map(|entry| entry.length).sum();
        let length = self.entries.remove(index)?.length;
        Some(start..start + length)
    }

    /// Notes that so many bytes were taken, the oldest first.
    pub(super) fn take(&mut self, mut bytes: usize) {
        while let Some(entry) = self.entries.front_mut().filter(|_| bytes > 0) {
            if entry.length > bytes {
                // What was queued before boundaries were kept is one entry, and may leave in parts.
                entry.length -= bytes;
                break;
            }
            bytes -= entry.length;
            self.entries.pop_front();
        }
        if self.entries.is_empty() && self.entries.capacity() > SPARE {
            self.clear();
        }
    }

    /// Notes that nothing is queued any more.
    pub(super) fn clear(&mut self) {
        self.entries = VecDeque::new();
    }
}
