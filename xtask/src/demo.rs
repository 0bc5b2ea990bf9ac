//! `cargo xtask demo`: an example, from its contract to a running server.

use anyhow::Result;

use crate::{npm, process, workspace::Workspace};

/// Generates the client, builds the page and the server; then runs the server until ctrl-c, if asked to.
pub(crate) fn run(workspace: &Workspace, example: &str, serve: bool) -> Result<()> {
    npm::check_node()?;
    let root = &workspace.root;
    let page = root.join("examples").join(example).join("web");
    let server = format!("{example}-server");
    process::run(root, "cargo", &["hubs", "generate", "-p", &format!("{example}-contract")])?;
    npm::install(&page)?;
    npm::script(&page, "build")?;
    process::run(root, "cargo", &["build", "-p", &server])?;
    if serve {
        start(workspace, &server)?;
    }
    Ok(())
}

/// Becomes the server, so that ctrl-c and the exit code are its own.
#[cfg(unix)]
fn start(workspace: &Workspace, server: &str) -> Result<()> {
    use std::os::unix::process::CommandExt as _;

    let server = workspace.binary(server);
    let failure = process::command(&workspace.root, &server.to_string_lossy(), &[]).exec();
    Err(anyhow::Error::new(failure).context(format!("cannot start {}", server.display())))
}

/// Runs the server to its end.
#[cfg(not(unix))]
fn start(workspace: &Workspace, server: &str) -> Result<()> {
    process::run(&workspace.root, &workspace.binary(server).to_string_lossy(), &[])
}
