//! The steps of `cargo xtask test`, in the order they run: what is quick and fails often comes first. One cargo
//! at a time, so that two cores are enough.

use std::{env, fs, path::PathBuf, time::Instant};

use anyhow::{Result, bail};

use crate::{
    bench, chromium, npm, process, python,
    report::{self, Outcome},
    workspace::Workspace,
};

/// Plain TCP, any other socket, and a stream of HTTP/2.
const KINDS_OF_SOCKETS: usize = 3;

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// What it does, in a line.
    pub(crate) what: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

/// Every step.
pub(crate) const ALL: &[Step] = &[
    Step { name: "setup", what: "installs npm packages, and Chromium, valgrind and strace where it can", run: setup },
    Step { name: "fmt", what: "cargo fmt --check", run: fmt },
    Step { name: "clippy", what: "clippy of everything, no warnings", run: clippy },
    Step { name: "rust", what: "unit, integration, compile-fail, snapshot, layering and doc tests", run: rust },
    Step { name: "features", what: "hubs-runtime builds with each of its features alone", run: features },
    Step { name: "doc", what: "cargo doc, no warnings", run: doc },
    Step { name: "generated", what: "cargo hubs check, and that generating changes nothing", run: generated },
    Step { name: "page", what: "type-checks and builds the chat's page", run: page },
    Step { name: "node", what: "the official JavaScript client and raw sockets against a server", run: node },
    Step {
        name: "matrix",
        what: "every feature over every transport and protocol, in Node and in Chromium",
        run: matrix,
    },
    Step { name: "types", what: "values of hard types, there and back, under both protocols", run: types },
    Step { name: "leaks", what: "10 000 rounds of everything, then the server is back at its start", run: leaks },
    Step { name: "python", what: "other people's clients, in Python, against a server", run: python },
    Step { name: "autobahn", what: "Autobahn's WebSocket cases over every kind of socket", run: autobahn },
    Step { name: "contract", what: "what a changed contract breaks, and a stranger's first step", run: contract },
    Step {
        name: "browser",
        what: "two Chromium pages chat with each other; Vue and React components come and go",
        run: browser,
    },
    Step {
        name: "counts",
        what: "instructions and system calls of a call, no more than 5 % above the baseline",
        run: counts,
    },
    Step { name: "deny", what: "cargo deny, where it is installed", run: deny },
    Step { name: "package", what: "cargo package of every crate that is published", run: package },
];

/// Which steps to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    only: Vec<String>,
    skip: Vec<String>,
    keep_going: bool,
}

impl Selection {
    /// Reads the options of `cargo xtask test`.
    pub(crate) fn parse(options: &[&str]) -> Result<Self, String> {
        let mut selection = Self::default();
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match *option {
                "--keep-going" => selection.keep_going = true,
                "--only" => selection.only.extend(names(option, options.next())?),
                "--skip" => selection.skip.extend(names(option, options.next())?),
                _ => return Err(format!("`test` has no option `{option}`")),
            }
        }
        Ok(selection)
    }

    fn takes(&self, step: &Step) -> bool {
        let listed = |names: &[String]| names.iter().any(|name| name == step.name);
        (self.only.is_empty() || listed(&self.only)) && !listed(&self.skip)
    }
}

fn names(option: &str, list: Option<&&str>) -> Result<Vec<String>, String> {
    let list = list.ok_or_else(|| format!("`{option}` needs the names of steps"))?;
    let names: Vec<String> = list.split(',').map(str::to_owned).collect();
    match names.iter().find(|name| ALL.iter().all(|step| step.name != name.as_str())) {
        Some(unknown) => Err(format!("there is no step `{unknown}`; `cargo xtask test --list` names them")),
        None => Ok(names),
    }
}

/// Runs the steps that were selected and prints the table. Gives whether all went well.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> bool {
    let mut rows = Vec::new();
    let mut failed = false;
    for step in ALL.iter().filter(|step| selection.takes(step)) {
        let outcome = if failed && !selection.keep_going { Outcome::NotRun } else { run_step(step, workspace) };
        failed |= matches!(outcome, Outcome::Failed(..));
        rows.push((step.name, outcome));
    }
    println!("{}", report::render(&rows));
    !failed
}

#[expect(clippy::disallowed_methods, reason = "how long a step takes is real time, and no test pauses it")]
fn run_step(step: &Step, workspace: &Workspace) -> Outcome {
    println!("\n== {}: {}", step.name, step.what);
    let start = Instant::now();
    match (step.run)(workspace) {
        Ok(()) => Outcome::Passed(start.elapsed()),
        Err(error) => Outcome::Failed(start.elapsed(), format!("{error:#}")),
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
    bench::counts::install()?;
    Ok(())
}

fn fmt(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["fmt", "--all", "--check"])
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    process::run(&workspace.root, "cargo", &arguments)
}

fn rust(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["test", "--workspace", "--all-features"])
}

fn features(workspace: &Workspace) -> Result<()> {
    lint_feature(workspace, &[], false)?;
    for (feature, turns_on) in workspace.features.iter().filter(|(name, _)| *name != "default") {
        let has_server = feature == "server" || turns_on.iter().any(|other| other == "server");
        lint_feature(workspace, &[&format!("--features={feature}")], has_server)?;
    }
    Ok(())
}

/// Both ends share the lower rooms, so without the server part of them has no user, and may have none.
fn lint_feature(workspace: &Workspace, features: &[&str], all_used: bool) -> Result<()> {
    let package = ["clippy", "-p", "hubs-runtime", "--no-default-features"];
    let unused: &[&str] = if all_used { &[] } else { &["-A", "dead_code", "-A", "unused_imports"] };
    process::run(&workspace.root, "cargo", &[&package[..], features, &["--", "-D", "warnings"], unused].concat())
}

fn doc(workspace: &Workspace) -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--all-features"];
    let mut command = process::command(&workspace.root, "cargo", &arguments);
    process::run_command(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn generated(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["hubs", "check"])?;
    let changes = || process::output(&workspace.root, "git", &["diff"]);
    let files = || process::output(&workspace.root, "git", &["status", "--porcelain", "--untracked-files=all"]);
    let before = (changes()?, files()?);
    process::run(&workspace.root, "cargo", &["hubs", "generate"])?;
    if before != (changes()?, files()?) {
        bail!("`cargo hubs generate` changed files that `cargo hubs check` had passed; `git diff` shows them");
    }
    Ok(())
}

fn page(workspace: &Workspace) -> Result<()> {
    npm::script(&workspace.root.join("examples/chat/web"), "build")
}

fn node(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["build", "-p", "hubs-fixture-server"])?;
    node_tests(workspace, "test:node")
}

fn matrix(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["build", "-p", "hubs-fixture-server"])?;
    node_tests(workspace, "test:matrix")
}

fn types(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["build", "-p", "hubs-fixture-types"])?;
    node_tests(workspace, "test:types")
}

fn leaks(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["build", "-p", "hubs-fixture-server"])?;
    node_tests(workspace, "test:leaks")
}

fn python(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["build", "-p", "hubs-fixture-server"])?;
    python::test(workspace)
}

/// Its tests are among those of the library, which the step `rust` has built; they are left out there for want of Python.
fn autobahn(workspace: &Workspace) -> Result<()> {
    let tests = ["test", "--workspace", "--all-features", "--lib", "autobahn", "--", "--ignored"];
    let listed = process::output(&workspace.root, "cargo", &[&tests[..], &["--list"]].concat())?;
    if listed.lines().filter(|line| line.ends_with(": test")).count() != KINDS_OF_SOCKETS {
        bail!("there should be {KINDS_OF_SOCKETS} tests of Autobahn's cases, and these are there:\n{listed}");
    }
    let mut command = process::command(&workspace.root, "cargo", &[&tests[..], &["--test-threads=1"]].concat());
    process::run_command(command.env("HUBS_PYTHON", python::interpreter(workspace)?))
}

fn contract(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["build", "-p", "hubs-codegen"])?;
    node_tests(workspace, "test:contract")
}

fn browser(workspace: &Workspace) -> Result<()> {
    page(workspace)?;
    process::run(&workspace.root, "cargo", &["build", "-p", "chat-server", "-p", "hubs-codegen"])?;
    node_tests(workspace, "test:browser")
}

/// Runs a script of the npm project `tests/node`, which finds the programs under test by these variables.
fn node_tests(workspace: &Workspace, script: &str) -> Result<()> {
    let mut command = npm::script_command(&workspace.root.join("tests/node"), script);
    command.env("HUBS_TARGET", &workspace.target);
    if let Some(browser) = chromium::find() {
        command.env("CHROMIUM", browser);
    }
    process::run_command(&mut command)
}

fn counts(workspace: &Workspace) -> Result<()> {
    bench::counts::run(workspace, false)
}

fn deny(workspace: &Workspace) -> Result<()> {
    if process::succeeds("cargo", &["deny", "--version"]) {
        return process::run(&workspace.root, "cargo", &["deny", "check", "bans", "licenses", "sources"]);
    }
    // `cargo deny` takes longer to build than all of this repository, so it is not installed here.
    println!("cargo-deny is not installed; the same lists of deny.toml are checked by the test `dependencies`:");
    process::run(&workspace.root, "cargo", &["test", "-p", "hubs-tests", "--test", "budgets", "dependencies"])
}

fn package(workspace: &Workspace) -> Result<()> {
    forget_unpacked(workspace)?;
    let mut arguments = vec!["package", "--allow-dirty"];
    for name in &workspace.publishable {
        arguments.extend(["-p", name]);
    }
    process::run(&workspace.root, "cargo", &arguments)
}

/// Removes what cargo unpacked the last time: it knows it by path and version alone, and would check the new packages
/// against their old selves.
fn forget_unpacked(workspace: &Workspace) -> Result<()> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"))) else { return Ok(()) };
    let Ok(registries) = fs::read_dir(home.join("registry/src")) else { return Ok(()) };
    for registry in registries {
        let registry = registry?;
        // The registry that `cargo package` makes in the target folder has no host.
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        for unpacked in fs::read_dir(registry.path())? {
            let unpacked = unpacked?;
            let name = unpacked.file_name().to_string_lossy().into_owned();
            if workspace.publishable.iter().any(|ours| name.starts_with(&format!("{ours}-"))) {
                fs::remove_dir_all(unpacked.path())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ALL, Selection};

    fn selected(options: &[&str]) -> Vec<&'static str> {
        let selection = Selection::parse(options).expect("the options are right");
        ALL.iter().filter(|step| selection.takes(step)).map(|step| step.name).collect()
    }

    #[test]
    fn steps_are_selected_by_name() {
        assert_eq!(selected(&["--only", "node,fmt"]), ["fmt", "node"]);
        assert_eq!(selected(&[]).len(), ALL.len());
        assert!(!selected(&["--skip", "browser", "--keep-going"]).contains(&"browser"));
    }

    #[test]
    fn an_unknown_step_is_not_silently_skipped() {
        let mistake = Selection::parse(&["--only", "nodes"]).expect_err("there is no such step");
        assert_eq!(mistake, "there is no step `nodes`; `cargo xtask test --list` names them");
    }
}
