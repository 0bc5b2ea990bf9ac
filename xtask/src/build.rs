//! The programs under test, built together, so that each crate is compiled once and with one set of features: the one
//! that the tests are built with, too.

use std::path::PathBuf;

use anyhow::Result;

use crate::{process, workspace::Workspace};

/// The packages and features that tests, programs and documentation are built with. `cargo test -p` and the like would
/// select other features of tokio, and compile it and all that stands on it once more.
pub(crate) const EVERYTHING: [&str; 2] = ["--workspace", "--all-features"];

/// Builds all programs of the workspace, but the one that is running.
pub(crate) fn programs(workspace: &Workspace) -> Result<()> {
    let arguments = [&["build"], &EVERYTHING[..], &["--exclude", "xtask", "--bins"]].concat();
    process::run(&workspace.root, "cargo", &arguments)
}

/// `cargo hubs`, once it is built.
pub(crate) fn cargo_hubs(workspace: &Workspace) -> PathBuf {
    workspace.binary("cargo-hubs")
}
