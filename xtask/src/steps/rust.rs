//! Steps that need nothing but cargo.

use anyhow::{Result, bail};

use crate::{
    build::{self, EVERYTHING},
    process, python,
    workspace::Workspace,
};

/// Plain TCP, any other socket, and a stream of HTTP/2.
const KINDS_OF_SOCKETS: usize = 3;

pub(super) fn fmt(workspace: &Workspace) -> Result<()> {
    process::run(&workspace.root, "cargo", &["fmt", "--all", "--check"])
}

pub(super) fn clippy(workspace: &Workspace) -> Result<()> {
    let arguments = [&["clippy"], &EVERYTHING[..], &["--all-targets", "--", "-D", "warnings"]].concat();
    process::run(&workspace.root, "cargo", &arguments)
}

pub(super) fn test(workspace: &Workspace) -> Result<()> {
    build::programs(workspace)?;
    let mut command =
        process::command(&workspace.root, "cargo", &[&["test", "--no-fail-fast"], &EVERYTHING[..]].concat());
    process::run_command(command.env("HUBS_CARGO_HUBS", build::cargo_hubs(workspace)))
}

/// Features of hubs-runtime that only turn on features of its dependencies. No code of ours depends on them, so one run
/// with all of them is enough.
const FORWARDED: [&str; 2] = ["chrono", "uuid"];

pub(super) fn features(workspace: &Workspace) -> Result<()> {
    lint_feature(workspace, "", false)?;
    for (feature, turns_on) in workspace.features.iter().filter(|(name, _)| *name != "default") {
        if !FORWARDED.contains(&feature.as_str()) {
            let has_server = feature == "server" || turns_on.iter().any(|other| other == "server");
            lint_feature(workspace, feature, has_server)?;
        }
    }
    lint_feature(workspace, &FORWARDED.join(","), false)
}

/// Both ends share the lower rooms, so parts of them are unused without the server; with it, none may be.
fn lint_feature(workspace: &Workspace, features: &str, all_used: bool) -> Result<()> {
    let package = ["clippy", "-p", "hubs-runtime", "--no-default-features", "--features", features];
    let unused: &[&str] = if all_used { &[] } else { &["-A", "dead_code", "-A", "unused_imports"] };
    process::run(&workspace.root, "cargo", &[&package[..], &["--", "-D", "warnings"], unused].concat())
}

pub(super) fn doc(workspace: &Workspace) -> Result<()> {
    let arguments = [&["doc"], &EVERYTHING[..], &["--no-deps"]].concat();
    process::run_command(process::command(&workspace.root, "cargo", &arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

pub(super) fn generated(workspace: &Workspace) -> Result<()> {
    build::programs(workspace)?;
    let cargo_hubs = build::cargo_hubs(workspace);
    let hubs = |word| process::run(&workspace.root, &cargo_hubs.to_string_lossy(), &["hubs", word]);
    hubs("check")?;
    let changes = || process::output(&workspace.root, "git", &["diff"]);
    let files = || process::output(&workspace.root, "git", &["status", "--porcelain", "--untracked-files=all"]);
    let before = (changes()?, files()?);
    hubs("generate")?;
    if before != (changes()?, files()?) {
        bail!("`cargo hubs generate` changed files that `cargo hubs check` had passed; `git diff` shows them");
    }
    Ok(())
}

/// These tests of the library are ignored in the step `rust`, which does not need Python.
pub(super) fn autobahn(workspace: &Workspace) -> Result<()> {
    let tests = [&["test"], &EVERYTHING[..], &["--lib", "autobahn", "--", "--ignored"]].concat();
    let listed = process::output(&workspace.root, "cargo", &[&tests[..], &["--list"]].concat())?;
    if listed.lines().filter(|line| line.ends_with(": test")).count() != KINDS_OF_SOCKETS {
        bail!("there should be {KINDS_OF_SOCKETS} tests of Autobahn's cases, and cargo lists:\n{listed}");
    }
    let mut command = process::command(&workspace.root, "cargo", &[&tests[..], &["--test-threads=1"]].concat());
    process::run_command(command.env("HUBS_PYTHON", python::interpreter(workspace)?))
}

pub(super) fn deny(workspace: &Workspace) -> Result<()> {
    if process::succeeds("cargo", &["deny", "--version"]) {
        return process::run(&workspace.root, "cargo", &["deny", "check", "bans", "licenses", "sources"]);
    }
    // `cargo deny` takes longer to build than this repository, so it is not installed here.
    println!("cargo-deny is not installed; the test `dependencies` checks the same lists of deny.toml:");
    let arguments = [&["test"], &EVERYTHING[..], &["--test", "budgets", "dependencies"]].concat();
    process::run(&workspace.root, "cargo", &arguments)
}
