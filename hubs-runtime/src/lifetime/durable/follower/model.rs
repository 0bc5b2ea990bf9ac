//! A log and those who tell of it, at random: entries are told late, twice, in another order or not at all; the log is trimmed,
//! begun anew, or loses its end and gives the numbers to others. What a follower gives out is compared with the log, and each
//! of its rules is taken out once, which has to be found.

use bytes::Bytes;

use super::{All, Follower, Gap, LogEntry, LogPosition, LogRead, Rules};
use crate::lifetime::dice::Dice;

/// How many runs find a rule that is missing, and how many steps each has.
const RUNS: u64 = 4_000;
const STEPS: usize = 60;

/// A log that can do what real ones do.
struct Log {
    epoch: u64,
    /// All entries of this epoch, the first one first.
    entries: Vec<LogEntry>,
    /// How many of them are not kept any more.
    trimmed: usize,
    tags: u32,
}

impl Log {
    fn end(&self) -> LogPosition {
        self.entries.last().map_or(LogPosition { epoch: self.epoch, number: 0, tag: 0 }, |entry| entry.position)
    }

    fn append(&mut self) -> LogEntry {
        self.tags += 1;
        let end = self.end();
        let position = LogPosition { number: end.number + 1, tag: self.tags, ..end };
        let entry = LogEntry { position, before: end.tag, payload: Bytes::new() };
        self.entries.push(entry.clone());
        entry
    }

    fn read(&self, after: LogPosition, count: usize) -> LogRead {
        let at = after.number as usize;
        if after.epoch != self.epoch {
            return LogRead::Gap(Gap::Epoch);
        }
        if at < self.trimmed {
            return LogRead::Gap(Gap::Trimmed);
        }
        let tag = if at == 0 { Some(0) } else { self.entries.get(at - 1).map(|entry| entry.position.tag) };
        if tag != Some(after.tag) {
            return LogRead::Gap(Gap::Diverged);
        }
        LogRead::Entries(self.entries[at..].iter().take(count).cloned().collect())
    }
}

/// One run.
struct Run<R> {
    dice: Dice,
    log: Log,
    follower: Follower<R>,
    /// What is told, and has not arrived.
    told: Vec<LogEntry>,
    /// Whether all that is told arrives.
    is_lossless: bool,
    /// From where on, and what was given out since.
    since: LogPosition,
    given: Vec<LogPosition>,
}

impl<R: Rules> Run<R> {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        (0..4).for_each(|_| _ = dice.below(2));
        let log = Log { epoch: 1, entries: Vec::new(), trimmed: 0, tags: 0 };
        let since = log.end();
        let is_lossless = dice.one_in(2);
        let (told, given) = Default::default();
        Self { dice, follower: Follower::new(since), log, told, is_lossless, since, given }
    }

    fn run(mut self) -> Result<(), String> {
        for _ in 0..STEPS {
            self.step()?;
        }
        while !self.told.is_empty() {
            self.hear()?;
        }
        if !self.is_lossless {
            // The first look may let what was held follow, which another server has lost.
            self.read()?;
            self.read()?;
        }
        for _ in 0..STEPS {
            if self.follower.must_read() {
                self.read()?;
            }
        }
        if self.follower.must_read() {
            return Err("it reads without end".to_owned());
        }
        if self.follower.last() != self.log.end() {
            return Err(format!("it is at {:?} and the log at {:?}", self.follower.last(), self.log.end()));
        }
        let expected = self.log.entries[self.since.number as usize..].iter().map(|entry| entry.position);
        let expected: Vec<_> = expected.collect();
        if self.given == expected { Ok(()) } else { Err(format!("{:?} in place of {expected:?}", self.given)) }
    }

    fn step(&mut self) -> Result<(), String> {
        match self.dice.below(24) {
            0 if !self.log.entries.is_empty() => {
                self.log.trimmed += self.dice.below((self.log.entries.len() - self.log.trimmed) as u64 + 1) as usize;
            }
            1 if self.dice.one_in(4) => {
                self.log = Log { epoch: self.log.epoch + 1, entries: Vec::new(), trimmed: 0, tags: self.log.tags };
                // It is known by its first entry.
                self.append();
            }
            2 if self.dice.one_in(2) => self.lose_the_end(),
            3..=9 => self.append(),
            10..=18 if !self.told.is_empty() => self.hear()?,
            19..=21 if self.follower.must_read() => self.read()?,
            _ => {}
        }
        Ok(())
    }

    fn append(&mut self) {
        let entry = self.log.append();
        if self.is_lossless || !self.dice.one_in(5) {
            self.told.push(entry);
        }
    }

    /// Another server takes over that lacks the last entries; others are appended. Where there are fewer, only a look at the
    /// log tells what is lost.
    fn lose_the_end(&mut self) {
        let kept = self.log.entries.len() - self.log.trimmed;
        let lost = self.dice.below(3.min(kept as u64) + 1) as usize;
        self.log.entries.truncate(self.log.entries.len() - lost);
        let appended = if self.is_lossless { lost } else { self.dice.below(lost as u64 + 1) as usize };
        (0..appended).for_each(|_| self.append());
    }

    fn hear(&mut self) -> Result<(), String> {
        let at = self.dice.below(self.told.len() as u64) as usize;
        let entry = if self.dice.one_in(6) { self.told[at].clone() } else { self.told.swap_remove(at) };
        let follows = self.follower.heard(entry);
        self.give(&follows)
    }

    fn read(&mut self) -> Result<(), String> {
        let count = 1 + self.dice.below(4) as usize;
        let after = self.follower.last();
        let read = self.log.read(after, count);
        let whole = matches!(&read, LogRead::Entries(entries) if entries.len() < count);
        match self.follower.read(read, whole) {
            Ok(follows) => {
                self.give(&follows)?;
                if whole { Ok(()) } else { self.read() }
            }
            Err(gap) if matches!(self.log.read(after, 1), LogRead::Gap(real) if real == gap) => {
                self.since = self.log.end();
                self.given.clear();
                self.follower = Follower::new(self.since);
                Ok(())
            }
            Err(gap) => Err(format!("the log goes on from {after:?}, and the follower says {gap:?}")),
        }
    }

    /// What is given out follows what was given out before.
    fn give(&mut self, follows: &[LogEntry]) -> Result<(), String> {
        for entry in follows {
            let last = self.given.last().copied().unwrap_or(self.since);
            let LogPosition { epoch, number, .. } = entry.position;
            if epoch != last.epoch || number != last.number + 1 {
                return Err(format!("{:?} is given out after {last:?}", entry.position));
            }
            self.given.push(entry.position);
        }
        Ok(())
    }
}

fn runs<R: Rules>() -> Result<(), String> {
    (1..=RUNS).try_for_each(|seed| Run::<R>::new(seed).run().map_err(|error| format!("seed {seed}: {error}")))
}

#[test]
fn what_is_given_out_is_what_the_log_has_or_a_gap_is_true() {
    assert_eq!(runs::<All>(), Ok(()));
}

#[test]
fn each_rule_is_needed() {
    macro_rules! without {
        ($($rule:ident),*) => {
            $({
                struct Without;
                impl Rules for Without {
                    const $rule: bool = false;
                }
                let found = runs::<Without>();
                assert!(found.is_err(), "without {} all runs pass", stringify!($rule));
            })*
        };
    }
    without!(EPOCH, ONCE, ORDER, CHAIN, TAG, GIVE_UP);
}
