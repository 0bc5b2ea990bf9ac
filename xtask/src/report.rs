//! The table at the end of a test run.

use std::{fmt::Write as _, time::Duration};

/// How a step went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It went well.
    Passed(Duration),
    /// It did not, for this reason.
    Failed(Duration, String),
    /// An earlier step failed.
    NotRun,
}

/// The table, how to repeat what failed, and the counts as the last line.
pub(crate) fn render(rows: &[(&str, Outcome)]) -> String {
    let mut text = String::from("\nstep        result   seconds\n");
    for (name, outcome) in rows {
        let (word, seconds) = match outcome {
            Outcome::Passed(time) => ("passed", format!("{:.1}", time.as_secs_f64())),
            Outcome::Failed(time, _) => ("FAILED", format!("{:.1}", time.as_secs_f64())),
            Outcome::NotRun => ("not run", String::new()),
        };
        let _ = writeln!(text, "{}", format!("{name:<11} {word:<8} {seconds:>7}").trim_end());
    }
    for (name, outcome) in rows {
        if let Outcome::Failed(_, reason) = outcome {
            let _ = writeln!(text, "\n{name}: {reason}\nthis step alone: cargo xtask test --only {name}");
        }
    }
    let passed = rows.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Passed(_))).count();
    let failed = rows.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed(..))).count();
    let _ = write!(text, "\n{passed} passed, {failed} failed");
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, render};

    #[test]
    fn a_failure_names_the_command_that_repeats_it() {
        let rows = [
            ("fmt", Outcome::Passed(Duration::from_millis(1_240))),
            ("rust", Outcome::Failed(Duration::from_secs(62), "`cargo test` failed".to_owned())),
            ("node", Outcome::NotRun),
        ];
        let expected = "
step        result   seconds
fmt         passed       1.2
rust        FAILED      62.0
node        not run

rust: `cargo test` failed
this step alone: cargo xtask test --only rust

1 passed, 1 failed";
        assert_eq!(render(&rows), expected);
    }
}
