//! Numbers and lengths of queued messages, for connections that ask for them.

use std::{collections::VecDeque, ops::Range};

use bytes::Bytes;

/// Where each queued message begins and ends. Messages are numbered from 1 in the order in which they leave.
#[derive(Debug)]
pub(super) struct Boundaries {
    /// The number of the oldest queued message.
    first: u64,
    lengths: VecDeque<usize>,
    /// What was taken last and has not left yet.
    under_way: Option<Batch>,
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
        Self { first: 1, lengths: VecDeque::new(), under_way: None }
    }

    pub(super) fn append(&mut self, length: usize) {
        self.lengths.push_back(length);
    }

    /// Notes that a batch was taken.
    pub(super) fn take(&mut self, bytes: &Bytes) -> Batch {
        let (first, mut rest) = (self.first, bytes.len());
        let mut lengths = Vec::new();
        while let Some(length) = self.lengths.front().copied().filter(|length| *length <= rest && rest > 0) {
            self.lengths.pop_front();
            lengths.push(length);
            rest -= length;
        }
        self.first += lengths.len() as u64;
        let batch = Batch { bytes: bytes.clone(), first, lengths };
        self.under_way = Some(batch.clone());
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
        lengths.iter().rev().for_each(|length| self.lengths.push_front(*length));
        Some(bytes)
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = QueuedMessage> {
        (self.first..).zip(&self.lengths).map(|(number, length)| QueuedMessage { number, length: *length })
    }

    /// Where a queued message lies, in bytes from the oldest one.
    pub(super) fn range(&self, number: u64) -> Option<Range<usize>> {
        let index = self.index(number)?;
        let start = self.lengths.iter().take(index).sum();
        Some(start..start + self.lengths[index])
    }

    /// Notes a new length of a queued message; zero removes it.
    pub(super) fn resize(&mut self, number: u64, length: usize) {
        let Some(index) = self.index(number) else { return };
        if length == 0 {
            self.lengths.remove(index);
        } else {
            self.lengths[index] = length;
        }
    }

    fn index(&self, number: u64) -> Option<usize> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        (index < self.lengths.len()).then_some(index)
    }

    /// Notes that nothing is queued any more.
    pub(super) fn clear(&mut self) {
        self.first += self.lengths.len() as u64;
        self.lengths.clear();
    }
}
