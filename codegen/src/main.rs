//! The `cargo hubs` command: arguments and exit codes. What each command does is in `commands`, all else is the
//! library's.

mod args;
mod commands;
mod watch;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser as _;

fn main() -> ExitCode {
    // Cargo calls `cargo-hubs hubs ..`; the alias of a repository may leave the word out.
    let words = std::env::args_os().enumerate().filter(|(index, word)| *index != 1 || word != "hubs");
    let args = Args::parse_from(words.map(|(_, word)| word));
    let (json, outcome) = match &args.command {
        Command::Generate { common, document, watch: true } => (false, watch::generate(common, document)),
        Command::Generate { common, document, .. } => (common.json, commands::generate(common, document)),
        Command::Check { common, document } => (common.json, commands::check(common, document)),
        Command::Diff { old, new, deny, common } => (common.json, commands::diff(old, new.as_deref(), *deny, common)),
        Command::List { common, from } => (common.json, commands::list(common, from.as_deref())),
        Command::Explain { code } => (false, commands::explain(code.as_deref())),
    };
    outcome.unwrap_or_else(|error| {
        if json {
            println!("{}", serde_json::json!({ "error": error.to_string() }));
        } else {
            eprintln!("error: {error}");
        }
        ExitCode::FAILURE
    })
}
