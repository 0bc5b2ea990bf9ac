//! Logs that are kept in memory.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{Appended, LogKey, LogLimits, LogPosition, LogRead};
use crate::backplane::{Gap, LogEntry};

/// How much longer than its entries a log itself is known.
const KNOWN_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The logs of a cluster in one process.
#[derive(Debug, Default)]
pub(super) struct Logs {
    logs: HashMap<String, Log>,
}

#[derive(Debug)]
struct Log {
    /// Of the last entry.
    end: LogPosition,
    entries: VecDeque<(LogEntry, Instant)>,
    bytes: usize,
    age: Duration,
    /// The entries that were added with a key, and until when the key is known.
    keys: HashMap<String, (Appended, Instant)>,
    known_until: Instant,
}

impl Logs {
    pub(super) fn append(&mut self, name: &str, entry: Bytes, key: Option<LogKey<'_>>, limits: LogLimits) -> Appended {
        let now = Instant::now();
        let log = self.kept(name, limits, now);
        log.keys.retain(|_, (_, until)| *until > now);
        if let Some((first, _)) = key.and_then(|key| log.keys.get(key.text)) {
            return *first;
        }
        let before = log.end.tag;
        log.end = LogPosition { number: log.end.number + 1, tag: random() as u32, ..log.end };
        let appended = Appended { position: log.end, before };
        log.bytes += entry.len();
        log.entries.push_back((LogEntry { position: log.end, before, payload: entry }, now));
        log.trim(limits);
        if let Some(LogKey { text, kept_for }) = key {
            log.keys.insert(text.to_owned(), (appended, now + kept_for));
        }
        appended
    }

    pub(super) fn end(&mut self, name: &str, limits: LogLimits) -> LogPosition {
        self.kept(name, limits, Instant::now()).end
    }

    pub(super) fn read(&mut self, name: &str, after: LogPosition, count: usize) -> LogRead {
        match self.known(name) {
            None => LogRead::Gap(Gap::Epoch),
            Some(log) => log.read_after(after, count).map_or_else(LogRead::Gap, LogRead::Entries),
        }
    }

    pub(super) fn latest(&mut self, name: &str, count: usize) -> Vec<LogEntry> {
        let Some(log) = self.known(name) else { return Vec::new() };
        let skipped = log.entries.len().saturating_sub(count);
        log.entries.iter().skip(skipped).map(|(entry, _)| entry.clone()).collect()
    }

    /// The log with the entries that are not too old, if it is known.
    fn known(&mut self, name: &str) -> Option<&mut Log> {
        let now = Instant::now();
        let log = self.logs.get_mut(name).filter(|log| log.known_until > now)?;
        log.expire(now);
        Some(log)
    }

    /// The log, begun again if it is gone.
    fn kept(&mut self, name: &str, limits: LogLimits, now: Instant) -> &mut Log {
        let log = self.logs.entry(name.to_owned()).or_insert_with(|| Log::begin(now));
        if log.known_until < now {
            *log = Log::begin(now);
        }
        log.age = limits.age;
        log.known_until = now + limits.age + KNOWN_FOR;
        log.expire(now);
        log
    }
}

impl Log {
    fn begin(now: Instant) -> Self {
        let (entries, keys) = (VecDeque::new(), HashMap::new());
        let end = LogPosition { epoch: random(), number: 0, tag: 0 };
        Self { end, entries, bytes: 0, age: Duration::ZERO, keys, known_until: now + KNOWN_FOR }
    }

    fn trim(&mut self, limits: LogLimits) {
        while self.entries.len() > 1 && (self.entries.len() > limits.entries || self.bytes > limits.bytes) {
            self.remove_first();
        }
    }

    fn expire(&mut self, now: Instant) {
        while self.entries.front().is_some_and(|(_, added)| now.duration_since(*added) >= self.age) {
            self.remove_first();
        }
    }

    fn remove_first(&mut self) {
        let removed = self.entries.pop_front();
        self.bytes -= removed.map_or(0, |(entry, _)| entry.payload.len());
    }

    fn read_after(&self, after: LogPosition, count: usize) -> Result<Vec<LogEntry>, Gap> {
        if after.epoch != self.end.epoch {
            return Err(Gap::Epoch);
        }
        let first = self.entries.front().map_or(self.end.number + 1, |(entry, _)| entry.position.number);
        if after.number + 1 < first {
            return Err(Gap::Trimmed);
        }
        let entries = self.entries.iter().map(|(entry, _)| entry);
        let known = entries.clone().find(|entry| entry.position.number == after.number);
        let next = entries.clone().find(|entry| entry.position.number == after.number + 1);
        let is_other = after.number == self.end.number && after.tag != self.end.tag
            || known.is_some_and(|entry| entry.position.tag != after.tag)
            || next.is_some_and(|entry| entry.before != after.tag);
        if after.number > self.end.number || is_other {
            return Err(Gap::Diverged);
        }
        let later = entries.filter(|entry| entry.position.number > after.number);
        Ok(later.take(count).cloned().collect())
    }
}

/// Without random bytes, positions of an earlier log would be taken for those of this one.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
