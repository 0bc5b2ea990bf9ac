//! Runs other programs: prints the command, passes its output through, and turns a failure into one line.

use std::{
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::limit;

/// How long any one program may run. The longest is a first build with all tests and their run.
const LIMIT: Duration = Duration::from_secs(45 * 60);

/// How long any one program of `cargo xtask soak` may run.
const LONG_LIMIT: Duration = Duration::from_secs(12 * 60 * 60);

/// A program with its arguments, to be run in `directory`. It does not get what `cargo xtask` set for this program: build
/// scripts that watch these variables would run again, and what stands on them would be compiled again.
pub(crate) fn command(directory: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    let set_by_cargo = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(set_by_cargo)) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(directory).stdin(Stdio::null());
    command
}

/// Runs a program to its end, or to the limit. An exit code other than 0 is an error.
pub(crate) fn run(directory: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    run_command(&mut command(directory, program, arguments))
}

/// Runs a prepared command to its end. An exit code other than 0 is an error.
pub(crate) fn run_command(command: &mut Command) -> Result<()> {
    run_within(command, LIMIT)
}

/// As [`run_command`], for jobs that may take hours.
pub(crate) fn run_long(command: &mut Command) -> Result<()> {
    run_within(command, LONG_LIMIT)
}

/// Runs a prepared command, which may take hours, and returns its exit code; `None` if a signal or the limit ended it.
pub(crate) fn status(command: &mut Command) -> Result<Option<i32>> {
    Ok(wait(command, LONG_LIMIT)?.and_then(|status| status.code()))
}

fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    match wait(command, limit)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`{}` failed ({status})", describe(command)),
        None => bail!("`{}` was ended after {} minutes", describe(command), limit.as_secs() / 60),
    }
}

fn wait(command: &mut Command, limit: Duration) -> Result<Option<ExitStatus>> {
    let line = describe(command);
    println!("$ {line}");
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    Ok(limit::wait(&mut child, limit)?)
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn output(directory: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = command(directory, program, arguments);
    let line = describe(&command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program starts and exits with 0; prints nothing.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let status =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
