//! The steps of `cargo xtask test`, in the order they run: quick steps and steps that fail often come first. Once all
//! programs are built, those that need Node or Python run beside those that compile.

mod artifacts;
mod beside;
mod mutants;
mod node;
mod package;
mod rust;
mod selection;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::{
    bench, build, chromium, cpu, disk, faketime, npm, postgres, process, python,
    report::{self, Outcome, Spent},
    servers,
    workspace::Workspace,
};
pub(crate) use selection::Selection;

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    /// Its name in `--only` and `--skip`.
    pub(crate) name: &'static str,
    /// What it does, in one line.
    pub(crate) what: &'static str,
    run: fn(&Workspace) -> Result<()>,
    /// Whether it compiles nothing of this workspace, so that it can run beside the steps that do.
    beside: bool,
}

const fn step(name: &'static str, what: &'static str, run: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, what, run, beside: false }
}

/// A step that runs programs which a step before it has built.
const fn beside(name: &'static str, what: &'static str, run: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, what, run, beside: true }
}

/// Every step.
pub(crate) const ALL: &[Step] = &[
    step(
        "setup",
        "installs npm packages, Chromium, Postgres, Redis, the proxies, Prometheus, libfaketime and valgrind, where it needs no password",
        setup,
    ),
    step("fmt", "cargo fmt --check", rust::fmt),
    step("clippy", "clippy of everything, without warnings", rust::clippy),
    step("rust", "unit, integration, compile-fail, snapshot, layering and doc tests", rust::test),
    step("generated", "cargo hubs check, and that cargo hubs generate changes nothing", rust::generated),
    beside("page", "type-checks and builds the pages of the examples", node::page),
    beside(
        "node",
        "the official JavaScript client and raw sockets against a server; its numbers in Prometheus",
        node::client,
    ),
    beside("matrix", "every feature over every transport and protocol, in Node and in Chromium", node::matrix),
    beside("proxies", "the official client behind nginx, HAProxy and Caddy", node::proxies),
    beside(
        "cluster",
        "the official client on three nodes behind HAProxy, over Redis; nodes and Redis are killed",
        node::cluster,
    ),
    beside("types", "values of many types from Rust to TypeScript and back, in both protocols", node::types),
    beside("leaks", "10 000 clients of every kind, after which the server holds what it held before", node::leaks),
    beside("python", "SignalR clients for Python against a server", python::test),
    beside(
        "contract",
        "what a changed contract breaks; every template of `cargo hubs new`, and `cargo hubs dev`",
        node::contract,
    ),
    beside("toolchains", "the generated files in bundlers, test runners and runtimes", node::toolchains),
    beside("browser", "the pages of the examples in Chromium; Vue and React components", node::browser),
    step("mutants", "a few changes of the library, each of which must fail a unit test", mutants::run),
    step("features", "hubs-runtime with each of its features alone, without warnings", rust::features),
    step("doc", "cargo doc, without warnings", rust::doc),
    step("autobahn", "Autobahn's WebSocket cases over every kind of socket", rust::autobahn),
    step("counts", "instructions and system calls of each kind of work, at most 5 % above the baseline", counts),
    step("deny", "cargo deny, where it is installed", rust::deny),
    step("package", "cargo publish --dry-run of every published crate", package::run),
];

/// Runs the selected steps and prints the table. Returns whether all passed.
#[expect(clippy::disallowed_methods, reason = "how long the steps take is real time, and no test pauses it")]
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<bool> {
    let selected: Vec<&Step> = ALL.iter().filter(|step| selection.takes(step)).collect();
    let start = Instant::now();
    let mut run = Run { workspace, keep_going: selection.keep_going, failed: false, rows: Vec::new() };
    let (first, others) = selected.split_at(selected.iter().position(|step| step.beside).unwrap_or(selected.len()));
    let (second, last): (Vec<&Step>, Vec<&Step>) = others.iter().partition(|step| step.beside);
    run.steps(first);
    if second.is_empty() || last.is_empty() || (run.failed && !run.keep_going) {
        run.steps(others);
    } else {
        build::programs(workspace)?;
        let second = beside::Beside::start(workspace, &second, run.keep_going)?;
        let at = run.rows.len();
        run.steps(&last);
        run.rows.splice(at..at, second.finish());
    }
    beside::report(&run.rows)?;
    println!("{}", report::render("test", &run.rows, start.elapsed()));
    Ok(run.rows.iter().all(|(_, outcome)| matches!(outcome, Outcome::Passed(_))))
}

/// A run of steps.
struct Run<'a> {
    workspace: &'a Workspace,
    keep_going: bool,
    failed: bool,
    rows: Vec<(&'static str, Outcome)>,
}

impl Run<'_> {
    fn steps(&mut self, steps: &[&Step]) {
        for step in steps {
            let skipped = self.failed && !self.keep_going;
            let outcome = if skipped { Outcome::NotRun } else { run_step(step, self.workspace) };
            self.failed |= matches!(outcome, Outcome::Failed(..));
            self.rows.push((step.name, outcome));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a step takes is real time, and no test pauses it")]
fn run_step(step: &Step, workspace: &Workspace) -> Outcome {
    println!("\n== {}: {}", step.name, step.what);
    let (start, before) = (Instant::now(), cpu::of_children());
    let result = (step.run)(workspace);
    let spent =
        Spent { wall: start.elapsed(), cpu: cpu::of_children().zip(before).map(|(after, before)| after - before) };
    match result {
        Ok(()) => Outcome::Passed(spent),
        Err(error) => Outcome::Failed(spent, format!("{error:#}")),
    }
}

/// Builds all programs, unless this is the second process of a run, which starts once they are built.
pub(crate) fn programs(workspace: &Workspace) -> Result<()> {
    if beside::is_second() { Ok(()) } else { build::programs(workspace) }
}

fn setup(workspace: &Workspace) -> Result<()> {
    disk::check(workspace)?;
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !process::succeeds("cargo", &[probe, "--version"]) {
            bail!("`cargo {probe}` is missing: run `rustup component add {component}`, then this again");
        }
    }
    npm::check_node()?;
    for project in workspace.npm_projects() {
        npm::install(&project)?;
    }
    let browser = chromium::install()?;
    println!("browser: {}", browser.display());
    postgres::install()?;
    servers::install()?;
    faketime::install()?;
    bench::counts::install()?;
    Ok(())
}

fn counts(workspace: &Workspace) -> Result<()> {
    bench::counts::run(workspace, false)
}
