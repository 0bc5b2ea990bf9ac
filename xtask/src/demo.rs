//! `cargo xtask demo`: an example, from its contract to a running server.

use anyhow::Result;

use crate::{npm, process, workspace::Workspace};

/// The examples with a page and a server.
pub(crate) const PAGES: [&str; 3] = ["chat", "notifications", "ticker"];
/// The example that runs two of them on several nodes.
pub(crate) const SCALE_OUT: &str = "scale-out";

/// Builds an example; then runs it until ctrl-c, if asked to.
pub(crate) fn run(workspace: &Workspace, example: &str, serve: bool) -> Result<()> {
    npm::check_node()?;
    let program = if example == SCALE_OUT {
        build(workspace, "chat")?;
        build(workspace, "ticker")?;
        process::run(&workspace.root, "cargo", &["build", "-p", SCALE_OUT])?;
        SCALE_OUT.to_owned()
    } else {
        build(workspace, example)?
    };
    if serve {
        start(workspace, &program)?;
    }
    Ok(())
}

/// Generates the client, builds the page and the server, whose name is returned.
fn build(workspace: &Workspace, example: &str) -> Result<String> {
    let root = &workspace.root;
    let page = root.join("examples").join(example).join("web");
    let server = format!("{example}-server");
    process::run(root, "cargo", &["hubs", "generate", "-p", &format!("{example}-contract")])?;
    npm::install(&page)?;
    npm::script(&page, "build")?;
    process::run(root, "cargo", &["build", "-p", &server])?;
    Ok(server)
}

/// Becomes the program, so that ctrl-c and the exit code are its own.
#[cfg(unix)]
fn start(workspace: &Workspace, program: &str) -> Result<()> {
    use std::os::unix::process::CommandExt as _;

    let program = workspace.binary(program);
    let failure = process::command(&workspace.root, &program.to_string_lossy(), &[]).exec();
    Err(anyhow::Error::new(failure).context(format!("cannot start {}", program.display())))
}

/// Runs the program to its end.
#[cfg(not(unix))]
fn start(workspace: &Workspace, program: &str) -> Result<()> {
    process::run(&workspace.root, &workspace.binary(program).to_string_lossy(), &[])
}
