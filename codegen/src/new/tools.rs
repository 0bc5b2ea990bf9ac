//! What other programs know: cargo which names are good, node and npm whether they are there, git where it is.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::error::Error;

/// The Node that Vite needs: this one, or any with a larger first number.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// On Windows npm is a script with an extension.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Crates that a new project uses, so that it cannot be named like one of them.
const USED: [&str; 5] = ["axum", "hubs", "hubs-runtime", "sqlx", "tokio"];

/// Fails for a name that cargo refuses, or that would stand in the way of a dependency.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let refused = |problem: String| Err(Error::Name { name: name.to_owned(), problem });
    if USED.contains(&name.replace('_', "-").as_str()) || name.replace('_', "-") == "tower-http" {
        return refused("the project depends on a crate of that name".to_owned());
    }
    let scratch = std::env::temp_dir().join(format!("hubs-new-{}", std::process::id()));
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["new", "--quiet", "--color", "never", "--vcs", "none", "--name", name]).arg(&scratch);
    let output = command.stdin(Stdio::null()).output().map_err(Error::io("run", "cargo"))?;
    // What cannot be removed is an empty package in the folder for such things.
    let _ = std::fs::remove_dir_all(&scratch);
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    refused(said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned())
}

/// Fails, and says what to do, where Node or npm is missing or too old.
///
/// # Errors
/// [`Error::Node`].
pub fn check_node() -> Result<(), Error> {
    let missing = |what: &str| Error::Node { problem: format!("{what} was not found") };
    let version = version("node").ok_or_else(|| missing("Node"))?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map_while(|number| number.parse().ok());
    let found = (numbers.next().unwrap_or(0_u32), numbers.next().unwrap_or(0_u32));
    if found < OLDEST_NODE {
        return Err(Error::Node { problem: format!("Node {} is too old", version.trim()) });
    }
    self::version(NPM).map(drop).ok_or_else(|| missing("npm"))
}

fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Makes `project` a git repository, unless `around` is inside of one. Without git there is none.
pub(super) fn init_git(project: &Path, around: &Path) {
    let git = |folder: &Path, words: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !git(around, &["rev-parse", "--is-inside-work-tree"]) {
        git(project, &["init", "--quiet"]);
    }
}
