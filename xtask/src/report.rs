//! The table at the end of a run of steps or jobs.

use std::{fmt::Write as _, time::Duration};

/// What a step or a job cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) wall: Duration,
    /// Processor time, where that is known.
    pub(crate) cpu: Option<Duration>,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It passed.
    Passed(Spent),
    /// It failed, for this reason.
    Failed(Spent, String),
    /// An earlier step failed.
    NotRun,
}

/// The table of a task that took `wall`, how to repeat what failed, and the counts as the last line.
pub(crate) fn render(task: &str, rows: &[(&str, Outcome)], wall: Duration) -> String {
    let mut text = String::from("\n            result   seconds     CPU\n");
    for (name, outcome) in rows {
        let (word, spent) = match outcome {
            Outcome::Passed(spent) => ("passed", Some(*spent)),
            Outcome::Failed(spent, _) => ("FAILED", Some(*spent)),
            Outcome::NotRun => ("not run", None),
        };
        line(&mut text, name, word, spent);
    }
    let passed: Vec<Spent> = rows.iter().filter_map(|(_, outcome)| spent(outcome)).collect();
    let total = Spent { wall, cpu: passed.iter().map(|spent| spent.cpu).sum() };
    line(&mut text, "all", "", Some(total));
    for (name, outcome) in rows {
        if let Outcome::Failed(_, reason) = outcome {
            let _ = writeln!(text, "\n{name}: {reason}\nthis alone: cargo xtask {task} --only {name}");
        }
    }
    let passed = rows.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Passed(_))).count();
    let failed = rows.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed(..))).count();
    let _ = write!(text, "\n{passed} passed, {failed} failed");
    text
}

fn spent(outcome: &Outcome) -> Option<Spent> {
    match outcome {
        Outcome::Passed(spent) | Outcome::Failed(spent, _) => Some(*spent),
        Outcome::NotRun => None,
    }
}

fn line(text: &mut String, name: &str, word: &str, spent: Option<Spent>) {
    let seconds = |time: Option<Duration>| time.map(|time| format!("{:.1}", time.as_secs_f64())).unwrap_or_default();
    let (wall, cpu) = (seconds(spent.map(|spent| spent.wall)), seconds(spent.and_then(|spent| spent.cpu)));
    let _ = writeln!(text, "{}", format!("{name:<11} {word:<8} {wall:>7} {cpu:>7}").trim_end());
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, Spent, render};

    fn spent(wall: u64, cpu: u64) -> Spent {
        Spent { wall: Duration::from_millis(wall), cpu: Some(Duration::from_millis(cpu)) }
    }

    #[test]
    fn a_failure_names_the_command_that_repeats_it() {
        let rows = [
            ("fmt", Outcome::Passed(spent(1_240, 900))),
            ("rust", Outcome::Failed(spent(62_000, 110_000), "`cargo test` failed".to_owned())),
            ("node", Outcome::NotRun),
        ];
        let expected = "
            result   seconds     CPU
fmt         passed       1.2     0.9
rust        FAILED      62.0   110.0
node        not run
all                     63.2   110.9

rust: `cargo test` failed
this alone: cargo xtask test --only rust

1 passed, 1 failed";
        assert_eq!(render("test", &rows, Duration::from_millis(63_240)), expected);
    }
}
