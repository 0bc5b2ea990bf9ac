//! Logs that are kept in memory.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{LogLimits, LogPosition, LogRead};
use crate::backplane::{Gap, LogEntry};

/// The logs of a cluster in one process.
#[derive(Debug, Default)]
pub(super) struct Logs {
    logs: HashMap<String, Log>,
}

#[derive(Debug)]
struct Log {
    epoch: u64,
    /// The number of the last entry.
    last: u64,
    entries: VecDeque<LogEntry>,
    bytes: usize,
    /// The positions of entries that were added with a key, and until when the key is known.
    keys: HashMap<String, (LogPosition, Instant)>,
    ends: Instant,
}

impl Logs {
    pub(super) fn append(&mut self, name: &str, entry: Bytes, key: Option<&str>, limits: LogLimits) -> LogPosition {
        let now = Instant::now();
        let log = self.kept(name, now);
        if let Some((position, until)) = key.and_then(|key| log.keys.get(key))
            && *until > now
        {
            return *position;
        }
        log.last += 1;
        let position = LogPosition { epoch: log.epoch, number: log.last, tag: random() as u32 };
        log.bytes += entry.len();
        log.entries.push_back(LogEntry { position, payload: entry });
        log.trim(limits);
        log.ends = now + limits.age;
        log.keys.retain(|_, (_, until)| *until > now);
        if let Some(key) = key {
            log.keys.insert(key.to_owned(), (position, log.ends));
        }
        position
    }

    pub(super) fn read(&mut self, name: &str, after: Option<LogPosition>, count: usize) -> LogRead {
        let now = Instant::now();
        let log = self.logs.get(name).filter(|log| log.ends > now);
        match (log, after) {
            (None, None) => LogRead::Entries(Vec::new()),
            (None, Some(_)) => LogRead::Gap(Gap::Epoch),
            (Some(log), None) => LogRead::Entries(log.entries.iter().take(count).cloned().collect()),
            (Some(log), Some(after)) => log.read_after(after, count).map_or_else(LogRead::Gap, LogRead::Entries),
        }
    }

    /// The log, begun again if it is gone.
    fn kept(&mut self, name: &str, now: Instant) -> &mut Log {
        let log = self.logs.entry(name.to_owned()).or_insert_with(|| Log::begin(now));
        if log.ends < now {
            *log = Log::begin(now);
        }
        log
    }
}

impl Log {
    fn begin(now: Instant) -> Self {
        let (entries, keys) = (VecDeque::new(), HashMap::new());
        Self { epoch: random(), last: 0, entries, bytes: 0, keys, ends: now + Duration::from_secs(1) }
    }

    fn trim(&mut self, limits: LogLimits) {
        while self.entries.len() > 1 && (self.entries.len() > limits.entries || self.bytes > limits.bytes) {
            let removed = self.entries.pop_front();
            self.bytes -= removed.map_or(0, |entry| entry.payload.len());
        }
    }

    fn read_after(&self, after: LogPosition, count: usize) -> Result<Vec<LogEntry>, Gap> {
        if after.epoch != self.epoch {
            return Err(Gap::Epoch);
        }
        let first = self.entries.front().map_or(self.last + 1, |entry| entry.position.number);
        if after.number + 1 < first {
            return Err(Gap::Trimmed);
        }
        let known = self.entries.iter().find(|entry| entry.position.number == after.number);
        if after.number > self.last || known.is_some_and(|entry| entry.position.tag != after.tag) {
            return Err(Gap::Diverged);
        }
        let later = self.entries.iter().filter(|entry| entry.position.number > after.number);
        Ok(later.take(count).cloned().collect())
    }
}

/// Without random bytes, positions of an earlier log would be taken for those of this one.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
