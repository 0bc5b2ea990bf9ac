//! Messages that are kept until the peer has acknowledged them, and those that wait behind them. Messages are numbered
//! from 1, in the order in which they were queued, which is the order in which they leave.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

use super::Parked;

/// How many bytes go into one transport message, unless a single hub message is larger.
pub(crate) const BATCH_LIMIT: usize = 64 * 1024;

/// Messages up to this size are copied together; larger ones leave alone and are shared with the other receivers.
pub(crate) const COPY_LIMIT: usize = 2 * 1024;

/// How much may have left without an acknowledgement. One message more may leave in any case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplayLimits {
    pub(crate) bytes: usize,
    pub(crate) messages: usize,
}

/// The peer acknowledges messages that it was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotSent;

/// A message, and what those that replace each other have in common; zero for one that must arrive.
#[derive(Debug)]
struct Kept {
    bytes: Bytes,
    tag: u64,
}

#[derive(Debug)]
pub(crate) struct Replay {
    limits: ReplayLimits,
    /// Messages without a number: they leave first, and are not sent again.
    uncounted: Vec<u8>,
    /// Messages that are not acknowledged, the oldest first.
    messages: VecDeque<Kept>,
    /// The number of the oldest.
    first: u64,
    /// How many of them were taken for the current socket.
    taken: usize,
    /// The highest number that was ever taken.
    reached: u64,
    /// The number that the peer expects next is at least this.
    expected: u64,
    /// The highest number that the peer has acknowledged.
    acknowledged: u64,
    /// The highest number that was taken for an earlier socket.
    reached_before: u64,
    /// Bytes of those that were taken.
    unacknowledged: usize,
    /// Bytes of those that wait.
    waiting: usize,
    /// The last message of the connection.
    close: Option<Bytes>,
    /// Whether the peer counts: before, no message with a number may leave.
    started: bool,
    /// Whether there is no socket.
    away: bool,
    parked: Option<Parked>,
    /// Since when messages wait for an acknowledgement, as far as the hub's clock has seen.
    blocked: Option<Instant>,
}

impl Replay {
    /// `started`: whether messages may leave at once.
    pub(crate) fn new(limits: ReplayLimits, started: bool) -> Self {
        Self {
            limits,
            uncounted: Vec::new(),
            messages: VecDeque::new(),
            first: 1,
            taken: 0,
            reached: 0,
            expected: 1,
            acknowledged: 0,
            reached_before: 0,
            unacknowledged: 0,
            waiting: 0,
            close: None,
            started,
            away: false,
            parked: None,
            blocked: None,
        }
    }

    pub(crate) fn append(&mut self, message: Bytes) {
        self.append_tagged(message, 0);
    }

    /// Appends a message that a later one with the same tag may replace.
    pub(crate) fn append_tagged(&mut self, bytes: Bytes, tag: u64) {
        self.waiting += bytes.len();
        if let Some(parked) = &self.parked {
            parked.add(bytes.len());
        }
        self.messages.push_back(Kept { bytes, tag });
    }

    /// Removes the oldest message with this tag that has never left: it has no number yet. Returns its length.
    pub(crate) fn remove_oldest(&mut self, tag: u64) -> Option<usize> {
        let numbered = usize::try_from(self.reached + 1 - self.first).unwrap_or(usize::MAX);
        let mut unnumbered = self.messages.iter().enumerate().skip(numbered);
        let index = unnumbered.find(|(_, kept)| kept.tag == tag)?.0;
        let length = self.messages.remove(index)?.bytes.len();
        self.waiting -= length;
        if let Some(parked) = &self.parked {
            parked.remove(length);
        }
        Some(length)
    }

    /// Without a socket such a message is of no use to the next one.
    pub(crate) fn append_uncounted(&mut self, message: &[u8]) -> usize {
        if self.away {
            return 0;
        }
        self.uncounted.extend_from_slice(message);
        message.len()
    }

    pub(crate) fn append_close(&mut self, message: &[u8]) {
        self.close = Some(Bytes::copy_from_slice(message));
    }

    /// The peer counts from now on.
    pub(crate) fn start(&mut self) {
        self.started = true;
    }

    /// Whether messages wait that may not leave now.
    pub(crate) fn withholds(&self) -> bool {
        self.uncounted.is_empty() && self.close.is_none() && self.taken < self.messages.len() && !self.is_open()
    }

    fn is_open(&self) -> bool {
        self.started && !self.away && self.has_room()
    }

    fn has_room(&self) -> bool {
        self.unacknowledged < self.limits.bytes && self.taken < self.limits.messages
    }

    /// Takes the next batch. The Close message ends all waiting, as nothing is sent again after it.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        let batch = self.take_batch();
        self.drop_acknowledged();
        batch
    }

    fn take_batch(&mut self) -> Option<Bytes> {
        let mut batch = std::mem::take(&mut self.uncounted);
        while let Some(Kept { bytes: message, .. }) = self.messages.get(self.taken) {
            let fits = batch.is_empty() || batch.len() + message.len() <= BATCH_LIMIT;
            if !fits || (self.close.is_none() && !self.is_open()) {
                break;
            }
            let large = (batch.is_empty() && message.len() > COPY_LIMIT).then(|| message.clone());
            if large.is_none() {
                batch.extend_from_slice(message);
            }
            self.taken += 1;
            self.reached = self.reached.max(self.first + self.taken as u64 - 1);
            self.unacknowledged += message.len();
            self.waiting -= message.len();
            if large.is_some() {
                return large;
            }
        }
        if self.taken == self.messages.len()
            && let Some(close) = self.close.take()
        {
            batch.extend_from_slice(&close);
        }
        (!batch.is_empty()).then(|| Bytes::from(batch))
    }

    /// The peer has received all messages up to this one. Numbers that it has acknowledged before change nothing.
    pub(crate) fn acknowledge(&mut self, number: i64) -> Result<(), NotSent> {
        let Ok(number) = u64::try_from(number) else { return Ok(()) };
        if number > self.reached {
            return Err(NotSent);
        }
        // An acknowledgement names the highest number that came over any socket, also while a peer is still being sent
        // older messages again. Only one for a message that is new on this socket shows how far it is.
        if number > self.reached_before {
            self.expected = self.expected.max(number + 1);
        }
        self.acknowledged = self.acknowledged.max(number);
        self.drop_acknowledged();
        Ok(())
    }

    /// Drops messages that are acknowledged and were taken for this socket. The peer counts those that come, so that one
    /// which it was told to expect again is sent although it has it.
    fn drop_acknowledged(&mut self) {
        while self.taken > 0 && self.first <= self.acknowledged {
            let Some(Kept { bytes, .. }) = self.messages.pop_front() else { break };
            self.first += 1;
            self.taken -= 1;
            self.unacknowledged -= bytes.len();
        }
        if self.has_room() {
            self.blocked = None;
        }
        if self.messages.is_empty() {
            self.messages = VecDeque::new();
        }
    }

    /// The socket is lost: all that is not acknowledged waits again. Returns its bytes.
    pub(crate) fn rewind(&mut self) -> usize {
        self.uncounted = Vec::new();
        self.waiting += std::mem::take(&mut self.unacknowledged);
        (self.taken, self.away, self.blocked) = (0, true, None);
        self.waiting
    }

    /// Counts this connection among those that wait for a socket.
    pub(crate) fn park(&mut self, parked: impl FnOnce(usize) -> Parked) {
        self.parked = Some(parked(self.waiting));
    }

    /// The next socket begins with these bytes: they say that the number [`Replay::expected`] comes next, and stand for the
    /// messages before the first that is kept.
    pub(crate) fn resume(&mut self, start: Vec<u8>) {
        (self.away, self.started, self.parked) = (false, true, None);
        self.reached_before = self.reached;
        self.uncounted = start;
    }

    /// The number that is sent next, and how many messages are missing from there to the first that is kept. The peer has
    /// received those, but expects them again: the official clients end a connection whose numbers leave any out.
    pub(crate) fn expected(&self) -> (u64, u64) {
        (self.expected, self.first - self.expected)
    }

    /// For how long messages have waited for an acknowledgement.
    pub(crate) fn blocked(&mut self, now: Instant) -> Option<Duration> {
        let blocked = self.started && !self.away && !self.has_room() && self.taken < self.messages.len();
        self.blocked = if blocked { self.blocked.or(Some(now)) } else { None };
        self.blocked.map(|since| now - since)
    }

    /// Drops all messages. Returns the bytes of those that waited.
    pub(crate) fn clear(&mut self) -> usize {
        let waiting = self.waiting + std::mem::take(&mut self.uncounted).len();
        (self.messages, self.taken, self.parked) = (VecDeque::new(), 0, None);
        (self.unacknowledged, self.waiting) = (0, 0);
        waiting
    }

    /// The connection ends: it is not counted among those that wait any more.
    pub(crate) fn leave(&mut self) {
        self.parked = None;
    }
}
