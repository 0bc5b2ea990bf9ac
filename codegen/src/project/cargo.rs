//! Runs `cargo build`: shows what it compiles while it does, and keeps what it said for when it fails. Must not know
//! what is built.

use std::{
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use cargo_metadata::Message;

use super::{
    output::{SCRATCH, status},
    workspace::{Subject, Workspace},
};
use crate::{error::Error, progress::Activity, store};

/// `cargo build` in the user's workspace, into this target folder.
pub(crate) fn build_command(workspace: &Workspace, target: &Path) -> Command {
    let mut command = command(workspace, "build", target);
    command.arg("--message-format=json-render-diagnostics");
    command
}

/// The target folder for programs of the user that are built with other features than the user builds them with: in one
/// folder the two would undo each other.
pub(crate) fn own_target(workspace: &Workspace) -> PathBuf {
    workspace.scratch().join("build")
}

/// The cargo that started this program, or the one on the path. It does not get what cargo sets for a program that it
/// runs or tests: build scripts that watch these variables, as `ring`'s, would run again each time.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let set_for_programs = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(set_for_programs)) {
        command.env_remove(name);
    }
    command
}

fn command(workspace: &Workspace, word: &str, target: &Path) -> Command {
    let mut command = cargo();
    command.arg(word);
    // The user's `.cargo/config.toml` and toolchain file hold from here.
    command.current_dir(workspace.root());
    command.env("CARGO_TARGET_DIR", target);
    // The contract is read behind fences for panics, whatever the user's own builds do.
    command.env("CARGO_PROFILE_DEV_PANIC", "unwind");
    command.env("CARGO_TERM_COLOR", if workspace.options.colours { "always" } else { "never" });
    command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    if workspace.options.offline {
        command.arg("--offline");
    }
    command
}

/// Throws away what another checkout with this target folder compiled of packages that are here too. Cargo tells the
/// packages of a workspace apart by their places in it, and takes what was compiled from the same place in another
/// checkout for compiled from here, if only it is newer than the sources here.
pub(crate) fn forget_other_checkouts(workspace: &Workspace) -> Result<(), Error> {
    let owners = workspace.scratch().join("owners");
    let here = workspace.root().to_string_lossy();
    let ours = |name: &String| std::fs::read_to_string(owners.join(name)).is_ok_and(|owner| owner == here);
    let strangers: Vec<_> = workspace.local_packages().into_iter().filter(|name| !ours(name)).collect();
    if strangers.is_empty() {
        return Ok(());
    }
    let mut clean = command(workspace, "clean", &own_target(workspace));
    clean.args(strangers.iter().flat_map(|name| ["--package", name]));
    let output = clean.stdin(Stdio::null()).output().map_err(Error::io("run", "cargo"))?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Build { package: strangers.join("`, `"), output });
    }
    strangers.iter().try_for_each(|name| store::write(&owners.join(name), &here))
}

/// Said before an error or not, as it happens.
const CHANCE: &str = "build failed, waiting for other jobs";

/// Builds and gives the path of the binary.
pub(crate) fn build(
    mut command: Command,
    subject: &Subject<'_>,
    bin: &str,
    shown: &Activity,
) -> Result<PathBuf, Error> {
    let failed = || Error::io("run", "cargo");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed())?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (program, output) = std::thread::scope(|scope| {
        let listening = scope.spawn(|| stderr.map(|stderr| listen(stderr, shown)).unwrap_or_default());
        let program = stdout.and_then(|stdout| executable(stdout, bin));
        (program, listening.join().unwrap_or_default())
    });
    if !child.wait().map_err(failed())?.success() {
        let package = subject.package.name.to_string();
        let output = from_here(&output);
        // What cargo says last, whatever went wrong in a compiler. All else is about manifests, locks and networks.
        return Err(match output.contains("could not compile") {
            true => Error::Compile { package, output },
            false => Error::Build { package, output },
        });
    }
    program.ok_or_else(|| Error::Unreadable {
        path: "the output of cargo build".into(),
        problem: format!("it names no program `{bin}`"),
    })
}

/// The path of the binary, from cargo's messages.
fn executable(messages: impl Read, bin: &str) -> Option<PathBuf> {
    let mut found = None;
    for message in Message::parse_stream(BufReader::new(messages)).filter_map(Result::ok) {
        match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == bin && artifact.target.is_bin() => {
                found = artifact.executable.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf);
            }
            _ => {}
        }
    }
    found
}

/// Shows what cargo does and gives what else it says.
fn listen(said: impl Read, shown: &Activity) -> String {
    let mut rest = String::new();
    let mut compiled = 0;
    for line in BufReader::new(said).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        match status(&anstream::adapter::strip_str(&line).to_string()) {
            Some(("Compiling", what)) if what.starts_with(SCRATCH) => shown.say("linking"),
            Some(("Compiling", what)) => {
                compiled += 1;
                // Without the place that follows the version.
                let what = what.split(" (").next().unwrap_or(what);
                shown.say(&format!("compiling {what} ({compiled})"));
            }
            Some(("Finished", _)) => {}
            None if line.contains(CHANCE) => {}
            Some((verb, what)) => shown.say(&format!("{} {what}", verb.to_lowercase())),
            None => {
                rest += &line;
                rest.push('\n');
            }
        }
    }
    rest
}

/// The scratch crate is another workspace, for which the compiler names files by their whole paths.
fn from_here(said: &str) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
    if here.parent().is_none() {
        return said.to_owned();
    }
    said.replace(&format!("{}{}", here.display(), std::path::MAIN_SEPARATOR), "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;

    #[test]
    fn what_cargo_does_is_no_part_of_an_error() {
        let said = "\u{1b}[1m\u{1b}[92m   Compiling\u{1b}[0m chat v0.1.0 (/app)\n    Blocking waiting for file lock\n\
                    warning: build failed, waiting for other jobs to finish...\n\
                    error[E0308]: mismatched types\n --> src/lib.rs:1:24\n  |     Compiling is a word\n";
        let rest = listen(said.as_bytes(), &Progress::default().start("chat"));
        assert_eq!(rest, "error[E0308]: mismatched types\n --> src/lib.rs:1:24\n  |     Compiling is a word\n");
    }
}
