//! Logs that are kept in memory.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{Appended, LogKey, LogLimits, LogPosition, LogRead};
use crate::{
    backplane::{Gap, LogEntry},
    ids::ShrinkSpare,
};

/// How much longer than its entries a log itself is known.
const KNOWN_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How many bytes all logs together may keep. Above it, the one that was written to least recently is forgotten.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// How often what is too old is looked for in all logs.
const SWEEP: Duration = Duration::from_secs(10);

/// How many keys a log has at least before those that are too old are looked for.
const KEYS: usize = 64;

/// The logs of a cluster in one process.
#[derive(Debug, Default)]
pub(super) struct Logs {
    logs: HashMap<String, Log>,
    swept: Option<Instant>,
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
    /// From how many keys on those that are too old are removed.
    most_keys: usize,
    known_until: Instant,
}

impl Logs {
    pub(super) fn append(&mut self, name: &str, entry: Bytes, key: Option<LogKey<'_>>, limits: LogLimits) -> Appended {
        let now = Instant::now();
        self.sweep(now);
        let log = self.kept(name, limits, now);
        if let Some((first, until)) = key.and_then(|key| log.keys.get(key.text))
            && *until > now
        {
            return *first;
        }
        let before = log.end.tag;
        log.end = LogPosition { number: log.end.number + 1, tag: random() as u32, ..log.end };
        let appended = Appended { position: log.end, before };
        log.bytes += entry.len();
        log.entries.push_back((LogEntry { position: log.end, before, payload: entry }, now));
        log.trim(limits);
        if let Some(LogKey { text, kept_for }) = key {
            log.add_key(text, appended, now + kept_for, now);
        }
        appended
    }

    /// Removes what is too old from all logs, and forgets logs that are, and others where there is too much.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.duration_since(swept) < SWEEP) {
            return;
        }
        self.swept = Some(now);
        self.logs.retain(|_, log| {
            log.expire(now);
            log.known_until > now
        });
        let mut bytes: usize = self.logs.values().map(|log| log.bytes).sum();
        while bytes > MOST_BYTES {
            let oldest = self.logs.iter().min_by_key(|(_, log)| log.known_until).map(|(name, _)| name.clone());
            let removed = oldest.and_then(|name| self.logs.remove(&name));
            bytes -= removed.map_or(bytes, |log| log.bytes);
        }
        self.logs.shrink_spare();
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
        Self { end, entries, bytes: 0, age: Duration::ZERO, keys, most_keys: KEYS, known_until: now + KNOWN_FOR }
    }

    fn add_key(&mut self, text: &str, appended: Appended, until: Instant, now: Instant) {
        if self.keys.len() >= self.most_keys {
            self.keys.retain(|_, (_, until)| *until > now);
            self.most_keys = KEYS.max(2 * self.keys.len());
        }
        self.keys.insert(text.to_owned(), (appended, until));
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

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LogLimits = LogLimits { entries: 1_000, bytes: 1 << 30, age: Duration::from_secs(60) };

    fn append(logs: &mut Logs, name: &str, size: usize, key: Option<&str>) -> Appended {
        let key = key.map(|text| LogKey { text, kept_for: Duration::from_secs(1) });
        logs.append(name, Bytes::from(vec![0; size]), key, LIMITS)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_too_old_is_removed_from_logs_that_are_not_used() {
        let mut logs = Logs::default();
        (0..100).for_each(|name| _ = append(&mut logs, &name.to_string(), 1_000, None));
        tokio::time::advance(LIMITS.age).await;
        append(&mut logs, "another", 1, None);
        assert_eq!(logs.logs.values().map(|log| log.bytes).sum::<usize>(), 1);
        tokio::time::advance(KNOWN_FOR).await;
        append(&mut logs, "another", 1, None);
        assert_eq!(logs.logs.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn all_logs_together_keep_no_more_than_they_may() {
        let mut logs = Logs::default();
        for name in 0..5 {
            append(&mut logs, &name.to_string(), MOST_BYTES / 4, None);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        tokio::time::advance(SWEEP).await;
        append(&mut logs, "4", 1, None);
        let mut names: Vec<_> = logs.logs.keys().cloned().collect();
        names.sort();
        assert_eq!(names, ["1", "2", "3", "4"]);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_are_too_old_are_forgotten() {
        let mut logs = Logs::default();
        let first = append(&mut logs, "log", 1, Some("first"));
        assert_eq!(append(&mut logs, "log", 1, Some("first")), first);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_ne!(append(&mut logs, "log", 1, Some("first")), first);
        for number in 0..10 * KEYS {
            append(&mut logs, "log", 1, Some(&number.to_string()));
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        assert!(logs.logs["log"].keys.len() <= KEYS, "{}", logs.logs["log"].keys.len());
    }
}
