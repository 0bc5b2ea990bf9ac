//! Python and the packages that its tests want, in a virtual environment under the target folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{process, steps, workspace::Workspace};

/// The oldest Python that the packages run on, as `sys.version_info` has it.
const OLDEST: (u32, u32) = (3, 10);

/// Installs what is missing and returns the interpreter that has it.
pub(crate) fn interpreter(workspace: &Workspace) -> Result<PathBuf> {
    install(&workspace.target.join("python"), &workspace.root.join("tests/python/requirements.txt"))
}

/// Runs the tests in `tests/python`.
pub(crate) fn test(workspace: &Workspace) -> Result<()> {
    steps::programs(workspace)?;
    let tests = workspace.root.join("tests/python");
    let python = interpreter(workspace)?;
    let arguments = ["-B", "-W", "ignore::ResourceWarning", "-m", "unittest", "-v"];
    let mut command = process::command(&tests, &python.to_string_lossy(), &arguments);
    process::run_command(command.env("HUBS_TARGET", &workspace.target))
}

/// The interpreter of a virtual environment that has the required packages.
fn install(environment: &Path, requirements: &Path) -> Result<PathBuf> {
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = fs::read(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let installed = environment.join("installed-requirements.txt");
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let system = find()?;
    let here = Path::new(".");
    process::run(here, system, &["-m", "venv", "--clear", &environment.to_string_lossy()])
        .context("Python has no `venv` (Debian: `apt-get install python3-venv`)")?;
    let list = requirements.to_string_lossy();
    let arguments = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", &list];
    process::run(here, &python.to_string_lossy(), &arguments)?;
    fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

/// The Python of this machine.
fn find() -> Result<&'static str> {
    let (major, minor) = OLDEST;
    let probe = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    match ["python3", "python"].into_iter().find(|name| process::succeeds(name, &["-c", &probe])) {
        Some(found) => Ok(found),
        None => bail!(
            "install Python {major}.{minor} or newer (Debian: `apt-get install python3-venv`), then run this again"
        ),
    }
}
