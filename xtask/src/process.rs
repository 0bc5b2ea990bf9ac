//! Runs other programs: says what it runs, passes their output through, turns a failure into one line.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::limit;

/// How long any one program may run. The longest, a first build with all tests, takes a few minutes.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// A program with its arguments, to be run in `directory`.
pub(crate) fn command(directory: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).stdin(Stdio::null());
    command
}

/// Runs a program to its end, or to the limit. An exit code other than 0 is an error.
pub(crate) fn run(directory: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    run_command(&mut command(directory, program, arguments))
}

/// Runs a prepared command to its end. An exit code other than 0 is an error.
pub(crate) fn run_command(command: &mut Command) -> Result<()> {
    let line = describe(command);
    println!("$ {line}");
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    match limit::wait(&mut child, LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`{line}` failed ({status})"),
        None => bail!("`{line}` was ended after {} minutes", LIMIT.as_secs() / 60),
    }
}

/// Runs a program to its end and gives what it printed.
pub(crate) fn output(directory: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = command(directory, program, arguments);
    let line = describe(&command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program starts and ends well; prints nothing.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let status =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
