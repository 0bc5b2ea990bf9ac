//! `cargo xtask soak`: checks that take longer than a minute. Each is a job; a long form of a test that also runs in
//! `cargo xtask test` reads these variables:
//!
//! - `HUBS_SOAK=1`: run the long form;
//! - `HUBS_SOAK_MINUTES`: for how long, where the test can run for any time.

mod fuzz;
mod jobs;
mod mutants;
mod options;

use std::{process::Command, time::Instant};

use anyhow::Result;

use crate::{
    cpu,
    report::{self, Outcome, Spent},
    workspace::Workspace,
};
pub(crate) use jobs::ALL;
pub(crate) use options::Options;

/// What a job gets.
#[derive(Debug)]
pub(crate) struct Soak<'a> {
    workspace: &'a Workspace,
    minutes: u32,
}

impl Soak<'_> {
    /// The command, told to run its long forms.
    fn long<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("HUBS_SOAK", "1").env("HUBS_SOAK_MINUTES", self.minutes.to_string())
    }
}

/// One job.
#[derive(Debug)]
pub(crate) struct Job {
    /// Its name in `--only`.
    pub(crate) name: &'static str,
    /// What it does, in one line.
    pub(crate) what: &'static str,
    /// Runs it, and returns its figures, a line each.
    run: fn(&Soak<'_>) -> Result<Vec<String>>,
}

/// Runs the selected jobs, all of them even if one fails, and prints the table and the figures. Returns whether all passed.
#[expect(clippy::disallowed_methods, reason = "how long the jobs take is real time, and no test pauses it")]
pub(crate) fn run(workspace: &Workspace, options: &Options) -> bool {
    let start = Instant::now();
    let soak = Soak { workspace, minutes: options.minutes };
    let (mut rows, mut figures) = (Vec::new(), Vec::new());
    for job in ALL.iter().filter(|job| options.takes(job)) {
        println!("\n== {}: {}", job.name, job.what);
        let (outcome, lines) = run_job(job, &soak);
        rows.push((job.name, outcome));
        figures.extend(lines.into_iter().map(|line| format!("{}: {line}", job.name)));
    }
    println!("{}\n{}", figures.join("\n"), report::render("soak", &rows, start.elapsed()));
    rows.iter().all(|(_, outcome)| matches!(outcome, Outcome::Passed(_)))
}

#[expect(clippy::disallowed_methods, reason = "how long a job takes is real time, and no test pauses it")]
fn run_job(job: &Job, soak: &Soak<'_>) -> (Outcome, Vec<String>) {
    let (start, before) = (Instant::now(), cpu::of_children());
    let result = (job.run)(soak);
    let spent =
        Spent { wall: start.elapsed(), cpu: cpu::of_children().zip(before).map(|(after, before)| after - before) };
    match result {
        Ok(figures) => (Outcome::Passed(spent), figures),
        Err(error) => (Outcome::Failed(spent, format!("{error:#}")), Vec::new()),
    }
}
