//! The command line: arguments, what each command prints, and exit codes. All else is the library's.

mod args;
mod commands;
mod completions;
mod dev;
mod new;
#[cfg(feature = "call")]
mod remote;
mod shell;
mod watch;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser as _;
use shell::Shell;

/// Runs the command that the arguments of this process name.
pub(crate) fn main() -> ExitCode {
    // Cargo calls `cargo-hubs hubs ..`; the alias of a repository may leave the word out.
    let words = std::env::args_os().enumerate().filter(|(index, word)| *index != 1 || word != "hubs");
    let words: Vec<_> = words.map(|(_, word)| word).collect();
    #[cfg(feature = "call")]
    if let Some(answered) = completions::answer(&words) {
        return answered;
    }
    let args = Args::parse_from(words);
    let shell = Shell::new(args.command.json());
    let outcome = match &args.command {
        Command::Dev(options) => dev::run(shell, options),
        Command::New(new) => new::create(shell, &new.project()),
        Command::Generate { common, document, watch: true } => watch::generate(shell, common, document),
        Command::Generate { common, document, .. } => commands::generate(shell, common, document),
        Command::Check { common, document } => commands::check(shell, common, document),
        Command::Diff { old, new, deny, common } => commands::diff(shell, old, new.as_deref(), *deny, common),
        Command::List { common, from } => commands::list(shell, common, from.as_deref()),
        #[cfg(feature = "call")]
        Command::Call(call) => remote::call(shell, call),
        #[cfg(feature = "call")]
        Command::Stream(stream) => remote::stream(shell, stream),
        #[cfg(feature = "call")]
        Command::Upload(call) => remote::upload(shell, call),
        #[cfg(feature = "call")]
        Command::Listen(listen) => remote::listen(shell, listen),
        #[cfg(feature = "call")]
        Command::Doctor(doctor) => remote::doctor(shell, doctor),
        Command::Completions { shell: target } => Ok(completions::print(shell, *target)),
        Command::Explain { code, .. } => commands::explain(shell, code.as_deref()),
    };
    outcome.unwrap_or_else(|error| {
        shell.error(&error);
        ExitCode::FAILURE
    })
}
