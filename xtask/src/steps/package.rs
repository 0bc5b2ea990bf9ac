//! `cargo publish --dry-run` of what is published: each crate is packed, unpacked, and compiled from what was packed.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{process, workspace::Workspace};

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    forget_unpacked(workspace)?;
    let mut command =
        process::command(&workspace.root, "cargo", &["publish", "--workspace", "--dry-run", "--allow-dirty"]);
    // A folder of its own: in the one of the workspace it would replace the `cargo hubs` that steps beside this one run.
    command.env("CARGO_TARGET_DIR", workspace.target.join("publish"));
    process::run_command(&mut command)
}

/// Removes what cargo unpacked and compiled the last time: cargo tells packages apart by path and version, and would take the
/// old files again.
fn forget_unpacked(workspace: &Workspace) -> Result<()> {
    remove_ours(workspace, &workspace.target.join("publish/debug/.fingerprint"))?;
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"))) else { return Ok(()) };
    let Ok(registries) = fs::read_dir(home.join("registry/src")) else { return Ok(()) };
    for registry in registries {
        let registry = registry?;
        // The registry that `cargo package` makes in the target folder has no host.
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        remove_ours(workspace, &registry.path())?;
    }
    Ok(())
}

/// Removes the folders that are named after a crate of ours.
fn remove_ours(workspace: &Workspace, folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if workspace.publishable.iter().any(|ours| name.starts_with(&format!("{ours}-"))) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
