//! Puts the entries of a log that are heard of into their order: some are not heard of, or twice, or late, or come from a
//! log that is gone. What cannot follow is read from the log. No I/O and no time.

use std::{
    collections::{BTreeMap, VecDeque},
    marker::PhantomData,
};

use crate::backplane::{Gap, LogEntry, LogPosition, LogRead};

/// How many entries may be held that have come too early. The others are read.
const HELD: usize = 1_000;

/// Of how many entries the tags are remembered, to know them when they come again.
const REMEMBERED: usize = 64;

/// What a follower goes by. All of it, except in a test that takes one rule out to see that it is needed.
pub(crate) trait Rules {
    /// An entry of another epoch is not believed.
    const EPOCH: bool = true;
    /// An entry is given out once.
    const ONCE: bool = true;
    /// An entry that comes too early is held.
    const ORDER: bool = true;
    /// An entry follows only the one that it names.
    const CHAIN: bool = true;
    /// An entry that has the number of another one is not believed.
    const TAG: bool = true;
    /// What the log does not have is given up.
    const GIVE_UP: bool = true;
}

/// All rules.
#[derive(Debug, Clone)]
pub(crate) struct All;

impl Rules for All {}

/// How far a log was followed.
#[derive(Debug, Clone)]
pub(crate) struct Follower<R = All> {
    last: LogPosition,
    /// The last entries before it and itself: their numbers and tags.
    taken: VecDeque<(u64, u32)>,
    /// Those that have come too early, by their numbers.
    early: BTreeMap<u64, LogEntry>,
    /// Whether something was heard that only the log itself can explain.
    doubts: bool,
    rules: PhantomData<R>,
}

impl<R: Rules> Follower<R> {
    /// Follows a log from this position on.
    pub(crate) fn new(last: LogPosition) -> Self {
        Self {
            last,
            taken: VecDeque::from([(last.number, last.tag)]),
            early: BTreeMap::new(),
            doubts: false,
            rules: PhantomData,
        }
    }

    /// The last entry that was given out.
    pub(crate) fn last(&self) -> LogPosition {
        self.last
    }

    /// Whether the log must be read after [`Follower::last`], since something is missing or contradicts it.
    pub(crate) fn must_read(&self) -> bool {
        self.doubts || !self.early.is_empty()
    }

    /// Whether what is missing may still come by itself.
    pub(crate) fn may_wait(&self) -> bool {
        !self.doubts
    }

    /// Takes an entry that was heard of. Gives those that follow now, in order.
    pub(crate) fn heard(&mut self, entry: LogEntry) -> Vec<LogEntry> {
        let LogPosition { epoch, number, tag } = entry.position;
        if R::EPOCH && epoch != self.last.epoch {
            self.doubts = true;
        } else if R::ONCE && number <= self.last.number {
            self.doubts |= R::TAG && !self.taken.contains(&(number, tag)) && !self.is_older(number);
        } else if !R::ORDER || number <= self.last.number {
            let mut follows = Vec::new();
            self.take(entry, &mut follows);
            return follows;
        } else if self.early.len() < HELD {
            let other = self.early.insert(number, entry);
            self.doubts |= other.is_some_and(|other| other.position.tag != tag);
            return self.follow();
        }
        Vec::new()
    }

    /// Takes what was read after [`Follower::last`], `whole` if it reaches the end of the log. Gives the entries that follow
    /// now, in order.
    pub(crate) fn read(&mut self, read: LogRead, whole: bool) -> Result<Vec<LogEntry>, Gap> {
        let entries = match read {
            LogRead::Entries(entries) => entries,
            LogRead::Gap(gap) => return Err(gap),
        };
        self.doubts = false;
        let mut follows = Vec::new();
        for entry in entries {
            if entry.position.number <= self.last.number {
                continue;
            }
            if !self.is_next(&entry) {
                return Err(Gap::Diverged);
            }
            self.take(entry, &mut follows);
        }
        self.early = self.early.split_off(&(self.last.number + 1));
        follows.extend(self.follow());
        if R::GIVE_UP && whole && !self.doubts {
            // What the log does not have was lost before it was kept, or comes again.
            self.early.clear();
        }
        Ok(follows)
    }

    /// Gives out what was held and is next.
    fn follow(&mut self) -> Vec<LogEntry> {
        let mut follows = Vec::new();
        while let Some(entry) = self.early.remove(&(self.last.number + 1)) {
            if !self.is_next(&entry) {
                self.doubts = true;
                break;
            }
            self.take(entry, &mut follows);
        }
        follows
    }

    fn is_next(&self, entry: &LogEntry) -> bool {
        let LogPosition { epoch, number, .. } = entry.position;
        let follows = epoch == self.last.epoch && entry.before == self.last.tag;
        number == self.last.number + 1 && (follows || !R::CHAIN)
    }

    fn take(&mut self, entry: LogEntry, follows: &mut Vec<LogEntry>) {
        self.last = entry.position;
        self.taken.push_back((self.last.number, self.last.tag));
        if self.taken.len() > REMEMBERED {
            self.taken.pop_front();
        }
        follows.push(entry);
    }

    /// Whether its tag is not remembered any more.
    fn is_older(&self, number: u64) -> bool {
        self.taken.front().is_some_and(|(first, _)| number < *first)
    }
}

#[cfg(test)]
mod model;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const NONE: [u64; 0] = [];
    const START: LogPosition = LogPosition { epoch: 7, number: 0, tag: 0 };

    fn entry(number: u64) -> LogEntry {
        let tag = |number: u64| if number == 0 { 0 } else { number as u32 + 100 };
        let position = LogPosition { epoch: 7, number, tag: tag(number) };
        LogEntry { position, before: tag(number - 1), payload: Bytes::new() }
    }

    fn numbers(entries: &[LogEntry]) -> Vec<u64> {
        entries.iter().map(|entry| entry.position.number).collect()
    }

    #[test]
    fn entries_are_given_out_once_and_in_order() {
        let mut follower = Follower::<All>::new(START);
        assert_eq!(numbers(&follower.heard(entry(2))), NONE);
        assert!(follower.must_read() && follower.may_wait());
        assert_eq!(numbers(&follower.heard(entry(1))), [1, 2]);
        assert!(!follower.must_read());
        assert_eq!(numbers(&follower.heard(entry(2))), NONE);
        assert!(!follower.must_read(), "it was heard twice");
        assert_eq!(numbers(&follower.heard(entry(5))), NONE);
        let read = LogRead::Entries(vec![entry(3), entry(4)]);
        assert_eq!(follower.read(read, false).map(|read| numbers(&read)), Ok(vec![3, 4, 5]));
    }

    #[test]
    fn another_epoch_or_tag_is_not_believed() {
        let strange = [
            LogEntry { position: LogPosition { epoch: 8, number: 2, tag: 1 }, ..entry(2) },
            LogEntry { position: LogPosition { epoch: 7, number: 1, tag: 1 }, ..entry(1) },
            LogEntry { before: 1, ..entry(2) },
        ];
        for strange in strange {
            let mut follower = Follower::<All>::new(START);
            follower.heard(entry(1));
            assert_eq!(numbers(&follower.heard(strange)), NONE);
            assert!(follower.must_read() && !follower.may_wait());
            assert_eq!(follower.read(LogRead::Gap(Gap::Diverged), true), Err(Gap::Diverged));
        }
    }
}
