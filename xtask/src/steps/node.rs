//! Steps that run on Node, most of them with programs of this workspace.

use std::sync::OnceLock;

use anyhow::Result;

use crate::{chromium, demo, npm, process, workspace::Workspace};

/// Builds the pages of the examples, once in a run.
pub(super) fn page(workspace: &Workspace) -> Result<()> {
    static BUILT: OnceLock<()> = OnceLock::new();
    if BUILT.get().is_none() {
        for example in demo::PAGES {
            npm::script(&workspace.root.join("examples").join(example).join("web"), "build")?;
        }
        let _ = BUILT.set(());
    }
    Ok(())
}

pub(super) fn client(workspace: &Workspace) -> Result<()> {
    tests(workspace, "test:node")
}

pub(super) fn matrix(workspace: &Workspace) -> Result<()> {
    tests(workspace, "test:matrix")
}

pub(super) fn proxies(workspace: &Workspace) -> Result<()> {
    tests(workspace, "test:proxies")
}

pub(super) fn cluster(workspace: &Workspace) -> Result<()> {
    tests(workspace, "test:cluster")
}

pub(super) fn types(workspace: &Workspace) -> Result<()> {
    tests(workspace, "test:types")
}

pub(super) fn leaks(workspace: &Workspace) -> Result<()> {
    tests(workspace, "test:leaks")
}

pub(super) fn contract(workspace: &Workspace) -> Result<()> {
    tests(workspace, "test:contract")
}

/// The generated files in bundlers, test runners and runtimes. Their packages are large and only this step needs them.
pub(super) fn toolchains(workspace: &Workspace) -> Result<()> {
    npm::install(&workspace.root.join("tests/node/toolchains"))?;
    tests(workspace, "test:toolchains")
}

pub(super) fn browser(workspace: &Workspace) -> Result<()> {
    page(workspace)?;
    tests(workspace, "test:browser")
}

/// Runs a script of the npm project `tests/node`, which finds the programs under test by these variables.
fn tests(workspace: &Workspace, script: &str) -> Result<()> {
    super::programs(workspace)?;
    let mut command = npm::script_command(&workspace.root.join("tests/node"), script);
    command.env("HUBS_TARGET", &workspace.target);
    if let Some(browser) = chromium::find() {
        command.env("CHROMIUM", browser);
    }
    process::run_command(&mut command)
}
