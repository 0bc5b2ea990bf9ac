//! Numbers and lengths of queued messages, for connections that ask for them.

use std::{collections::VecDeque, ops::Range};

use bytes::Bytes;

/// So many entries stay allocated while nothing is queued.
const SPARE: usize = 64;

/// Where each queued message begins and ends. Messages are numbered from 1 in the order in which they leave.
#[derive(Debug)]
pub(super) struct Boundaries {
    /// The number of the oldest queued message.
    first: u64,
    entries: VecDeque<Entry>,
    /// What was taken last and has not left yet.
    under_way: Option<Batch>,
    /// Whether what was taken is kept until it has left: numbers and repeating need it, replacing does not.
    keeps_taken: bool,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    length: usize,
    /// What the messages that replace each other have in common; zero for one that must arrive.
    tag: u64,
}

/// A message that is queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueuedMessage {
    /// Its number. Removing an older message makes it one less; it is final when the message is taken.
    pub(crate) number: u64,
    /// Its length in bytes.
    pub(crate) length: usize,
}

/// Whole messages that leave together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) bytes: Bytes,
    /// The number of the first message.
    pub(crate) first: u64,
    /// The length of each message.
    pub(crate) lengths: Vec<usize>,
}

impl Batch {
    /// The numbers of its messages.
    #[cfg_attr(not(test), expect(dead_code, reason = "for stateful reconnect"))]
    pub(crate) fn numbers(&self) -> Range<u64> {
        self.first..self.first + self.lengths.len() as u64
    }
}

impl Boundaries {
    pub(super) fn new() -> Self {
        Self { first: 1, entries: VecDeque::new(), under_way: None, keeps_taken: true }
    }

    /// For a queue that holds so many bytes already, of which none is ever replaced. Only tags are of use then: numbers
    /// begin anew.
    pub(super) fn after(length: usize) -> Self {
        let mut boundaries = Self { keeps_taken: false, ..Self::new() };
        if length > 0 {
            boundaries.append(length);
        }
        boundaries
    }

    pub(super) fn append(&mut self, length: usize) {
        self.entries.push_back(Entry { length, tag: 0 });
    }

    /// Notes a message that was appended with a tag.
    pub(super) fn append_tagged(&mut self, length: usize, tag: u64) {
        self.entries.push_back(Entry { length, tag });
    }

    /// The number of the oldest message with this tag.
    pub(super) fn oldest(&self, tag: u64) -> Option<u64> {
        let index = self.entries.iter().position(|entry| entry.tag == tag)?;
        Some(self.first + index as u64)
    }

    /// Notes that a batch was taken.
    pub(super) fn take(&mut self, bytes: &Bytes) -> Batch {
        let (first, mut rest) = (self.first, bytes.len());
        let mut lengths = Vec::new();
        while let Some(entry) = self.entries.front_mut().filter(|_| rest > 0) {
            if entry.length > rest {
                // Messages that came before boundaries were kept are one entry.
                entry.length -= rest;
                break;
            }
            rest -= entry.length;
            lengths.push(entry.length);
            self.entries.pop_front();
        }
        self.first += lengths.len() as u64;
        if self.entries.is_empty() && self.entries.capacity() > SPARE {
            self.entries = VecDeque::new();
        }
        let batch = Batch { bytes: bytes.clone(), first, lengths };
        if self.keeps_taken {
            self.under_way = Some(batch.clone());
        }
        batch
    }

    /// Notes that what was taken has left.
    pub(super) fn left(&mut self) {
        self.under_way = None;
    }

    /// Notes that what was taken is queued again, and returns its bytes.
    pub(super) fn put_back(&mut self) -> Option<Bytes> {
        let Batch { bytes, first, lengths } = self.under_way.take()?;
        self.first = first;
        lengths.iter().rev().for_each(|length| self.entries.push_front(Entry { length: *length, tag: 0 }));
        Some(bytes)
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = QueuedMessage> {
        (self.first..).zip(&self.entries).map(|(number, entry)| QueuedMessage { number, length: entry.length })
    }

    /// Where a queued message lies, in bytes from the oldest one.
    pub(super) fn range(&self, number: u64) -> Option<Range<usize>> {
        let index = self.index(number)?;
        let start = self.entries.iter().take(index).map(|entry| entry.length).sum();
        Some(start..start + self.entries[index].length)
    }

    /// Notes a new length of a queued message; zero removes it.
    pub(super) fn resize(&mut self, number: u64, length: usize) {
        let Some(index) = self.index(number) else { return };
        if length == 0 {
            self.entries.remove(index);
        } else {
            self.entries[index].length = length;
        }
    }

    fn index(&self, number: u64) -> Option<usize> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        (index < self.entries.len()).then_some(index)
    }

    /// Notes that nothing is queued any more.
    pub(super) fn clear(&mut self) {
        self.first += self.entries.len() as u64;
        self.entries.clear();
    }
}
