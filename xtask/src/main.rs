//! Tasks of this repository: `cargo xtask demo` shows the chat, `cargo xtask test` tests everything there is,
//! `cargo xtask bench` measures.
//! Owns the command line; must not know how a single step is done.

mod apt;
mod bench;
mod chromium;
mod demo;
mod limit;
mod npm;
mod process;
mod python;
mod report;
mod steps;
mod workspace;

use std::process::ExitCode;

use steps::Selection;
use workspace::Workspace;

const USAGE: &str = "\
Tasks of this repository.

cargo xtask demo [--no-serve]      generate the chat's client, build its page and its server, run the server
cargo xtask test [options]         install what tests need, run every test
    --only NAME[,NAME]             these steps alone
    --skip NAME[,NAME]             all steps but these
    --keep-going                   go on after a step that failed
    --list                         name the steps
cargo xtask bench [options]        measure our hub beside a floor; docs/performance.md says how
    --rivals                       and beside socketioxide, Socket.IO and ws
    --aspnet COMMAND               and ASP.NET Core's hub, started by this (or by $HUBS_BENCH_ASPNET)
    --plain                        and our hub in a plain release build
    --rounds N                     5
    --points NAME[,NAME]           these alone, and what they are set against
    --svg PATH                     a picture
    --counts [--bless]             instead: instructions and system calls, compared with the baseline
    --compile                      instead: what a hub costs the compiler
    --scale                        instead: more connections, groups and threads";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["demo", options @ ..] => demo(options),
        ["test", options @ ..] => test(options),
        ["bench", options @ ..] => bench(options),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => return usage("which task?"),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn demo(options: &[&str]) -> anyhow::Result<ExitCode> {
    let serve = match options {
        [] => true,
        ["--no-serve"] => false,
        _ => return Ok(usage("`demo` takes `--no-serve` or nothing")),
    };
    demo::run(&Workspace::find()?, serve)?;
    Ok(ExitCode::SUCCESS)
}

fn test(options: &[&str]) -> anyhow::Result<ExitCode> {
    if options == ["--list"] {
        for step in steps::ALL {
            println!("{:<10} {}", step.name, step.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let selection = match Selection::parse(options) {
        Ok(selection) => selection,
        Err(mistake) => return Ok(usage(&mistake)),
    };
    let all_passed = steps::run(&Workspace::find()?, &selection);
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bench(options: &[&str]) -> anyhow::Result<ExitCode> {
    match bench::Options::parse(options) {
        Ok(options) => bench::run(&Workspace::find()?, &options).map(|()| ExitCode::SUCCESS),
        Err(mistake) => Ok(usage(&mistake)),
    }
}

fn usage(mistake: &str) -> ExitCode {
    eprintln!("error: {mistake}\n\n{USAGE}");
    ExitCode::from(2)
}
