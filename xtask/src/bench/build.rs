//! Builds what is measured and what measures.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::servers::Choice;
use crate::{npm, process, workspace::Workspace};

/// How this workspace's programs are built: as the rivals are, with all optimisation across crates.
pub(crate) const PROFILE: &str = "bench-lto";

/// Our hub, the floor and the load generator.
pub(crate) fn own(workspace: &Workspace) -> Result<()> {
    let arguments = ["build", "--profile", PROFILE, "-p", "bench-load", "-p", "bench-hub"];
    process::run(&workspace.root, "cargo", &arguments)
}

/// All that a comparison needs.
pub(crate) fn chosen(workspace: &Workspace, choice: &Choice) -> Result<()> {
    own(workspace)?;
    if choice.plain {
        process::run(&workspace.root, "cargo", &["build", "--release", "-p", "bench-hub"])?;
    }
    let folder = workspace.root.join("examples/bench/rivals");
    rust_rivals(workspace, &folder, choice.rivals)?;
    if choice.rivals {
        npm::check_node()?;
        npm::install(&folder.join("node"))?;
    }
    Ok(())
}

/// The thin hub, and socketioxide if it was asked for: a workspace of their own, with a lock file of their own.
fn rust_rivals(workspace: &Workspace, folder: &Path, all: bool) -> Result<()> {
    let target = workspace.target.join("bench-rivals");
    let target = target.to_str().context("the path of the target folder is not UTF-8")?;
    let mut arguments = vec!["build", "--release", "--locked", "--target-dir", target];
    if all {
        arguments.extend(["--features", "socketioxide"]);
    }
    process::run(folder, "cargo", &arguments)
}
