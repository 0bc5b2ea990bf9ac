//! The steps of `cargo xtask test`, in the order they run: quick steps and steps that fail often come first. One cargo
//! runs at a time, so that two cores are enough.

mod artifacts;
mod mutants;
mod node;
mod package;
mod rust;
mod selection;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::{
    bench, chromium, cpu, npm, postgres, process, proxies, python,
    report::{self, Outcome, Spent},
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
}

const fn step(name: &'static str, what: &'static str, run: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, what, run }
}

/// Every step.
pub(crate) const ALL: &[Step] = &[
    step(
        "setup",
        "installs npm packages, Chromium, Postgres, the proxies and valgrind, where it needs no password",
        setup,
    ),
    step("fmt", "cargo fmt --check", rust::fmt),
    step("clippy", "clippy of everything, without warnings", rust::clippy),
    step("rust", "unit, integration, compile-fail, snapshot, layering and doc tests", rust::test),
    step("mutants", "a few changes of the library, each of which must fail a unit test", mutants::run),
    step("features", "hubs-runtime with each of its features alone, without warnings", rust::features),
    step("doc", "cargo doc, without warnings", rust::doc),
    step("generated", "cargo hubs check, and that cargo hubs generate changes nothing", rust::generated),
    step("page", "type-checks and builds the page of the chat", node::page),
    step("node", "the official JavaScript client and raw sockets against a server", node::client),
    step("matrix", "every feature over every transport and protocol, in Node and in Chromium", node::matrix),
    step("proxies", "the official client behind nginx, HAProxy and Caddy", node::proxies),
    step("types", "values of many types from Rust to TypeScript and back, in both protocols", node::types),
    step("leaks", "10 000 clients of every kind, after which the server holds what it held before", node::leaks),
    step("python", "SignalR clients for Python against a server", python::test),
    step("autobahn", "Autobahn's WebSocket cases over every kind of socket", rust::autobahn),
    step(
        "contract",
        "what a changed contract breaks; every template of `cargo hubs new`, and `cargo hubs dev`",
        node::contract,
    ),
    step("toolchains", "the generated files in bundlers, test runners and runtimes", node::toolchains),
    step("browser", "the chat in two Chromium pages; Vue and React components", node::browser),
    step("counts", "instructions and system calls of each kind of work, at most 5 % above the baseline", counts),
    step("deny", "cargo deny, where it is installed", rust::deny),
    step("package", "cargo publish --dry-run of every published crate", package::run),
];

/// Runs the selected steps and prints the table. Returns whether all passed.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> bool {
    let mut rows = Vec::new();
    let mut failed = false;
    for step in ALL.iter().filter(|step| selection.takes(step)) {
        let outcome = if failed && !selection.keep_going { Outcome::NotRun } else { run_step(step, workspace) };
        failed |= matches!(outcome, Outcome::Failed(..));
        rows.push((step.name, outcome));
    }
    println!("{}", report::render("test", &rows));
    !failed
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

fn setup(workspace: &Workspace) -> Result<()> {
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
    proxies::install()?;
    bench::counts::install()?;
    Ok(())
}

fn counts(workspace: &Workspace) -> Result<()> {
    bench::counts::run(workspace, false)
}
