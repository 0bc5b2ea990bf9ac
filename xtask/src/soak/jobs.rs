//! The jobs of `cargo xtask soak`.

use anyhow::Result;

use super::{Job, Soak, fuzz, mutants};
use crate::{
    build::{self, EVERYTHING},
    npm, process,
};

/// Every job.
pub(crate) const ALL: &[Job] = &[
    Job {
        name: "rust",
        what: "every Rust test in its long form: model checks, property tests, mutated inputs",
        run: rust,
    },
    Job {
        name: "leaks",
        what: "many more clients of every kind, after which the server holds what it held before",
        run: leaks,
    },
    Job {
        name: "cluster",
        what: "Redis and nodes are killed 20 times each under load, with the counts of what was delivered, refused and lost",
        run: cluster,
    },
    Job {
        name: "board",
        what: "the trading board in Chromium for the given minutes: smooth frames, and memory that does not grow",
        run: board,
    },
    Job { name: "next", what: "the generated files in Next.js, built by its two latest versions", run: next },
    Job { name: "fuzz", what: "each fuzz target for the given minutes; needs a nightly toolchain", run: fuzz::run },
    Job {
        name: "mutants",
        what: "changes the code of engine, connection, invocation and lifetime in every way that a test should notice",
        run: mutants::run,
    },
];

fn rust(soak: &Soak<'_>) -> Result<Vec<String>> {
    build::programs(soak.workspace)?;
    let arguments = [&["test", "--no-fail-fast"], &EVERYTHING[..], &["--", "--nocapture"]].concat();
    let mut command = process::command(&soak.workspace.root, "cargo", &arguments);
    process::run_long(soak.long(&mut command).env("HUBS_CARGO_HUBS", build::cargo_hubs(soak.workspace)))?;
    Ok(vec!["the tests print their figures above".to_owned()])
}

fn leaks(soak: &Soak<'_>) -> Result<Vec<String>> {
    scripts(soak, &["soak:leaks"])
}

fn cluster(soak: &Soak<'_>) -> Result<Vec<String>> {
    scripts(soak, &["soak:cluster"])
}

fn board(soak: &Soak<'_>) -> Result<Vec<String>> {
    npm::script(&soak.workspace.root.join("examples/ticker/web"), "build")?;
    scripts(soak, &["soak:board"])
}

fn next(soak: &Soak<'_>) -> Result<Vec<String>> {
    npm::install(&soak.workspace.root.join("tests/node/toolchains"))?;
    scripts(soak, &["test:toolchains:next"])
}

fn scripts(soak: &Soak<'_>, names: &[&str]) -> Result<Vec<String>> {
    build::programs(soak.workspace)?;
    for name in names {
        let mut command = npm::script_command(&soak.workspace.root.join("tests/node"), name);
        process::run_long(soak.long(&mut command).env("HUBS_TARGET", &soak.workspace.target))?;
    }
    Ok(vec![format!("passed: {}", names.join(", "))])
}
