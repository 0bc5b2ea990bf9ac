//! Tasks of this repository: `cargo xtask demo` shows an example, `cargo xtask test` tests everything, `cargo xtask soak` runs
//! what takes longer, `cargo xtask bench` measures.
//! Owns the command line; must not know how a single step is done.

mod apt;
mod bench;
mod build;
mod chromium;
mod cpu;
mod demo;
mod disk;
mod faketime;
mod limit;
mod npm;
mod postgres;
mod process;
mod python;
mod report;
mod servers;
mod soak;
mod steps;
mod workspace;

use std::process::ExitCode;

use steps::Selection;
use workspace::Workspace;

const USAGE: &str = "\
Tasks of this repository.

cargo xtask demo [EXAMPLE]         generate the client of chat, notifications or ticker, build its page and its server, run the server;
                                   scale-out runs chat and ticker on three nodes each, behind HAProxy
    --no-serve                     do not run it
cargo xtask test [options]         install what the tests need, and run them all
    --only NAME[,NAME]             run these steps alone
    --skip NAME[,NAME]             run all steps but these
    --keep-going                   go on after a step that failed
    --list                         list the steps
cargo xtask soak [options]         run the checks that take longer than a minute
    --only NAME[,NAME]             run these jobs alone
    --minutes N                    how long each may take, where it can run for any time (5)
    --list                         list the jobs
cargo xtask bench [options]        measure the bench hub beside a floor; see docs/performance.md
    --rivals                       and beside socketioxide, Socket.IO and ws
    --aspnet COMMAND               and beside ASP.NET Core's hub, started by this command (or by $HUBS_BENCH_ASPNET)
    --plain                        and the bench hub in a plain release build
    --rounds N                     how many rounds (5)
    --points NAME[,NAME]           measure these points, and those they are compared with
    --svg PATH                     write a picture
    --counts [--bless]             instead: count instructions and system calls, and compare them with the baseline
    --parts                        instead: count what each part costs that is off by default
    --client                       instead: measure the Rust client beside the official JavaScript client
    --compile                      instead: measure what a hub costs the compiler
    --redis                        instead: measure what goes from node to node through Redis
    --scale                        instead: measure more connections, groups and threads";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["demo", options @ ..] => demo(options),
        ["test", options @ ..] => test(options),
        ["soak", options @ ..] => soak(options),
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
    let is_example = |name: &str| demo::PAGES.contains(&name) || name == demo::SCALE_OUT;
    let (example, serve) = match options {
        [] => ("chat", true),
        ["--no-serve"] => ("chat", false),
        [example] if is_example(example) => (*example, true),
        [example, "--no-serve"] if is_example(example) => (*example, false),
        _ => return Ok(usage("`demo` takes `chat`, `notifications`, `ticker` or `scale-out`, and `--no-serve`")),
    };
    demo::run(&Workspace::find()?, example, serve)?;
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
    let all_passed = steps::run(&Workspace::find()?, &selection)?;
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn soak(options: &[&str]) -> anyhow::Result<ExitCode> {
    if options == ["--list"] {
        for job in soak::ALL {
            println!("{:<10} {}", job.name, job.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let options = match soak::Options::parse(options) {
        Ok(options) => options,
        Err(mistake) => return Ok(usage(&mistake)),
    };
    let all_passed = soak::run(&Workspace::find()?, &options);
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
