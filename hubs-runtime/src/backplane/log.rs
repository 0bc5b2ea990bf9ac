//! Logs that nodes share: entries with dense numbers, kept within limits.

use std::time::Duration;

use bytes::Bytes;

/// The place of one entry in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogPosition {
    /// Another one each time the log is begun.
    pub epoch: u64,
    /// Its number. The first entry is 1, and no number is left out.
    pub number: u64,
    /// Random: tells entries apart that got the same number, since the backplane has lost the first one.
    pub tag: u32,
}

/// One entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place.
    pub position: LogPosition,
    /// The tag of the entry before it; of the first one 0. It tells whether an entry follows another.
    pub before: u32,
    /// What was appended.
    pub payload: Bytes,
}

/// What an append has added, or has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The place of the entry.
    pub position: LogPosition,
    /// The tag of the entry before it; of the first one 0.
    pub before: u32,
}

/// Names an entry, so that it is added once although an append is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogKey<'a> {
    /// The name.
    pub text: &'a str,
    /// How long it is known.
    pub kept_for: Duration,
}

/// How much of a log is kept. What exceeds it is removed, the oldest entries first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// Entries.
    pub entries: usize,
    /// Bytes of their payloads. The newest entry is kept, whatever its size.
    pub bytes: usize,
    /// How long an entry is kept. What is known of the log itself is kept longer.
    pub age: Duration,
}

/// What was read from a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogRead {
    /// Everything after the position, up to the count that was asked for.
    Entries(Vec<LogEntry>),
    /// The log does not go on from this position.
    Gap(Gap),
}

/// Why a log does not go on from a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gap {
    /// Entries that came after it were removed, by the limits of the log.
    Trimmed,
    /// The log was begun again, or is gone.
    Epoch,
    /// The backplane has lost the entry and has given its number to another one.
    Diverged,
}
