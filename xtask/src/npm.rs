//! Node and the packages of the repository's npm projects.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest Node that the page's tools and the tests run on.
const OLDEST_NODE: u32 = 20;

/// Fails, and says what to do, where Node or npm is missing or too old.
pub(crate) fn check_node() -> Result<()> {
    let how = format!("install Node {OLDEST_NODE} or newer with npm (https://nodejs.org), then run this again");
    let here = Path::new(".");
    let version = process::output(here, "node", &["--version"]).with_context(|| how.clone())?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node {} is too old: {how}", version.trim());
    }
    process::output(here, NPM, &["--version"]).with_context(|| how)?;
    Ok(())
}

/// Installs the locked packages of an npm project, unless they are there already.
pub(crate) fn install(project: &Path) -> Result<()> {
    let lock = project.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let installed = installed_lock(project);
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("in {}:", project.display());
    process::run(project, NPM, &["ci", "--no-audit", "--no-fund"])?;
    fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))
}

/// Runs a script of an npm project.
pub(crate) fn script(project: &Path, name: &str) -> Result<()> {
    process::run_command(&mut script_command(project, name))
}

/// The command that runs a script of an npm project.
pub(crate) fn script_command(project: &Path, name: &str) -> Command {
    println!("in {}:", project.display());
    process::command(project, NPM, &["run", "--silent", name])
}

/// The program: on Windows npm is a script with an extension.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// A copy of the lock file that `node_modules` was installed from.
fn installed_lock(project: &Path) -> PathBuf {
    project.join("node_modules").join(".installed-lock.json")
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("twenty"), None);
    }
}
