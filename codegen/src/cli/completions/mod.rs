//! `cargo hubs completions`: the script that a shell reads to complete the command. clap_complete writes it, and a file for each
//! shell adds what it does not know: the names of methods, and that the command is called as `cargo hubs`. Must not know what
//! the commands do.

#[cfg(feature = "call")]
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, ValueEnum};

use super::{args::Args, shell::Shell};

/// Which shell.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Target {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// The variable that is set where a script asks for names: those that may follow the words of the command line, of which the last
/// is not written yet.
#[cfg(feature = "call")]
const METHODS: &str = "CARGO_HUBS_METHODS";

/// Prints the names of methods, if a script asks for them.
#[cfg(feature = "call")]
pub(crate) fn answer(words: &[OsString]) -> Option<ExitCode> {
    std::env::var_os(METHODS)?;
    super::remote::methods(words).iter().for_each(|name| println!("{name}"));
    Some(ExitCode::SUCCESS)
}

/// Prints the script.
pub(crate) fn print(shell: Shell, target: Target) -> ExitCode {
    shell.result(&script(target));
    ExitCode::SUCCESS
}

fn script(target: Target) -> String {
    let written = |generator: clap_complete::Shell, name: &str| {
        let mut script = Vec::new();
        clap_complete::generate(generator, &mut Args::command(), name, &mut script);
        String::from_utf8_lossy(&script).into_owned()
    };
    match target {
        // clap_complete's script for bash does not find the subcommands of a name with `-`.
        Target::Bash => written(clap_complete::Shell::Bash, "cargo_hubs") + include_str!("bash.sh"),
        Target::Fish => written(clap_complete::Shell::Fish, "cargo-hubs") + include_str!("fish.fish"),
        Target::Zsh => {
            // The script calls its function at its end, so what is added comes first.
            let script = written(clap_complete::Shell::Zsh, "cargo-hubs");
            let (head, rest) = script.split_once("\n\n").unwrap_or_default();
            format!("{head}\n\n{}\n{}", include_str!("zsh.sh"), rest.replace(":_default", ":_cargo_hubs_words"))
        }
    }
}
