//! `cargo xtask bench --compile`: what a method of a hub costs the compiler and the program, beside the same hub written
//! by hand, with a `match` over names, serde_json and axum's WebSockets. Both are generated, with 3 methods and with 30.

mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use super::{machine, running, table::aligned};
use crate::{process, workspace::Workspace};

/// How often each check is repeated; the shortest counts.
const REPEATS: usize = 3;
/// The smaller hub, and the larger one.
const FEW: usize = 3;
const MANY: usize = 30;

/// One generated program.
struct Program {
    name: String,
    source: String,
}

/// What a program costs.
struct Cost {
    check: Duration,
    /// The same, by a compiler that has checked the program before.
    again: Duration,
    bytes: u64,
}

/// Generates, compiles and prints.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = running::results(&workspace.target)?.join("compile");
    let programs =
        [("hubs", FEW), ("hubs", MANY), ("by-hand", FEW), ("by-hand", MANY)].map(|(kind, methods)| Program {
            name: format!("{kind}-{methods}"),
            source: if kind == "hubs" { sources::hub(methods) } else { sources::by_hand(methods) },
        });
    generate(workspace, &folder, &programs)?;
    process::run_command(&mut command(&folder, &["check", "--workspace"]))?;
    process::run_command(&mut incremental(&folder, &["check", "--workspace"]))?;
    process::run_command(&mut command(&folder, &["build", "--release", "--workspace"]))?;
    let costs = programs.iter().map(|program| measure(&folder, program)).collect::<Result<Vec<_>>>()?;
    println!("{}\n\n{}", machine::describe(), render(&programs, &costs));
    println!("{}", macros(workspace, &folder)?);
    Ok(())
}

fn generate(workspace: &Workspace, folder: &Path, programs: &[Program]) -> Result<()> {
    let runtime = workspace.root.join("hubs-runtime");
    let members: Vec<String> = programs.iter().map(|program| format!("{:?}", program.name)).collect();
    write(&folder.join("Cargo.toml"), &sources::workspace(&members.join(", ")))?;
    // The versions that this repository has.
    fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock")).context("the lock file cannot be copied")?;
    for program in programs {
        let package = folder.join(&program.name);
        let hubs = program.name.starts_with("hubs").then_some(runtime.as_path());
        write(&package.join("Cargo.toml"), &sources::package(&program.name, hubs))?;
        write(&package.join("src/main.rs"), &program.source)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file is in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Cargo without incremental compilation, which would find that nothing has changed.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = process::command(folder, "cargo", arguments);
    command.env("CARGO_INCREMENTAL", "0").env("CARGO_TARGET_DIR", folder.join("target"));
    command
}

/// Cargo as a person runs it again after each change.
fn incremental(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = process::command(folder, "cargo", arguments);
    command.env("CARGO_INCREMENTAL", "1").env("CARGO_TARGET_DIR", folder.join("target-incremental"));
    command
}

fn measure(folder: &Path, program: &Program) -> Result<Cost> {
    let source = folder.join(&program.name).join("src/main.rs");
    let arguments = ["check", "--quiet", "-p", &program.name];
    let (mut check, mut again) = (Duration::MAX, Duration::MAX);
    for repeat in 0..REPEATS {
        write(&source, &program.source)?;
        check = check.min(timed(&mut command(folder, &arguments))?);
        // One more line at the top: every place in the file is another one.
        write(&source, &format!("{}{}", "\n".repeat(repeat + 1), program.source))?;
        again = again.min(timed(&mut incremental(folder, &arguments))?);
    }
    let binary: PathBuf = folder.join("target/release").join(&program.name);
    let bytes = fs::metadata(&binary).with_context(|| format!("there is no {}", binary.display()))?.len();
    Ok(Cost { check, again, bytes })
}

#[expect(clippy::disallowed_methods, reason = "how long a compiler takes is real time")]
fn timed(command: &mut Command) -> Result<Duration> {
    let start = Instant::now();
    process::run_command(command)?;
    Ok(start.elapsed())
}

fn render(programs: &[Program], costs: &[Cost]) -> String {
    let mut rows = vec![["program", "", "cargo check", "incremental", "binary, stripped"].map(str::to_owned).to_vec()];
    let row = |name: &str, what: &str, check: f64, again: f64, kib: f64| {
        let [check, again] = [check, again].map(|seconds| format!("{seconds:.3} s"));
        vec![name.to_owned(), what.to_owned(), check, again, format!("{kib:.1} KiB")]
    };
    let kib = |bytes: u64| bytes as f64 / 1024.0;
    for (program, cost) in programs.iter().zip(costs) {
        rows.push(row(&program.name, "", cost.check.as_secs_f64(), cost.again.as_secs_f64(), kib(cost.bytes)));
    }
    for (pair, kind) in costs.chunks(2).zip(["hubs", "by hand"]) {
        if let [small, large] = pair {
            let each = |large: f64, small: f64| (large - small) / (MANY - FEW) as f64;
            let check = each(large.check.as_secs_f64(), small.check.as_secs_f64());
            let again = each(large.again.as_secs_f64(), small.again.as_secs_f64());
            rows.push(row(kind, "each further method", check, again, each(kib(large.bytes), kib(small.bytes))));
        }
    }
    aligned(&rows)
}

/// How long the macros themselves take: alone, and with what they are built on.
fn macros(workspace: &Workspace, folder: &Path) -> Result<String> {
    let target = folder.join("target-macros");
    let _ = fs::remove_dir_all(&target);
    let build = || {
        let mut command = process::command(&workspace.root, "cargo", &["build", "--quiet", "-p", "hubs-macros"]);
        command.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0");
        timed(&mut command)
    };
    let whole = build()?;
    let mut alone = Duration::MAX;
    for _ in 0..REPEATS {
        let mut clean = process::command(&workspace.root, "cargo", &["clean", "--quiet", "-p", "hubs-macros"]);
        process::run_command(clean.env("CARGO_TARGET_DIR", &target))?;
        alone = alone.min(build()?);
    }
    let (whole, alone) = (whole.as_secs_f64(), alone.as_secs_f64());
    Ok(format!("the macros: {alone:.2} s alone, {whole:.2} s with syn, quote and proc-macro2"))
}
