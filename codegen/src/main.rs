//! The `cargo hubs` command.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
