//! The `cargo hubs` command: arguments, exit codes, and what people read. All else is the library's.

mod args;

use std::{io::IsTerminal as _, process::ExitCode};

use args::{Args, Command, Common};
use clap::Parser as _;
use hubs_codegen::{Error, Workspace, emit::EmitWarning};

/// What was generated is not what the code says.
const STALE: u8 = 4;

fn main() -> ExitCode {
    // Cargo calls `cargo-hubs hubs ..`; the alias of a repository may leave the word out.
    let words = std::env::args_os().enumerate().filter(|(index, word)| *index != 1 || word != "hubs");
    let args = Args::parse_from(words.map(|(_, word)| word));
    let outcome = match &args.command {
        Command::Generate(common) => generate(common),
        Command::Check(common) => check(common),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn generate(common: &Common) -> Result<ExitCode, Error> {
    let workspace = Workspace::read(common.cargo_options())?;
    for subject in workspace.subjects(&common.package)? {
        let generated = hubs_codegen::generate(&workspace, &subject)?;
        warn(&generated.warnings);
        for difference in &generated.mended {
            let done = if difference.new.is_some() { "wrote" } else { "removed" };
            println!("{done} {}", difference.shown().display());
        }
        if generated.mended.is_empty() {
            println!("`{}` is up to date: {} files", generated.package, generated.files);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check(common: &Common) -> Result<ExitCode, Error> {
    let workspace = Workspace::read(common.cargo_options())?;
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut code = ExitCode::SUCCESS;
    for subject in workspace.subjects(&common.package)? {
        let command = common.mending(&subject.package.name);
        let checked = hubs_codegen::check(&workspace, &subject, &command, colours)?;
        warn(&checked.warnings);
        match checked.stale {
            Some(report) => {
                print!("{report}");
                code = ExitCode::from(STALE);
            }
            None => println!("`{}` is up to date: {} files", checked.package, checked.files),
        }
    }
    Ok(code)
}

fn warn(warnings: &[EmitWarning]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}
