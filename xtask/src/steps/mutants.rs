//! A sample of what `cargo xtask soak --only mutants` does, in seconds: a few changes of the library's code, each of which
//! must fail the tests that are named beside it. Only the library's unit tests are compiled again, against the
//! dependencies that the step `rust` has built.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};

use super::artifacts::{self, Artifacts};
use crate::{limit, process, workspace::Workspace};

/// A change of the code.
struct Mutant {
    /// From `hubs-runtime/src`.
    file: &'static str,
    /// What is changed. It is there once.
    before: &'static str,
    after: &'static str,
    /// The unit tests that must fail: those whose path contains this.
    tests: &'static str,
}

const fn mutant(file: &'static str, before: &'static str, after: &'static str, tests: &'static str) -> Mutant {
    Mutant { file, before, after, tests }
}

/// The sample: an error of each kind that trials found to pass unnoticed.
const SAMPLE: &[Mutant] = &[
    // A flusher that is never woken.
    mutant("connection/flusher.rs", "if !self.woken.swap(true,", "if self.woken.swap(true,", "connection::"),
    // A session that is not told that there is room again, or that its connection ends.
    mutant("connection/outbox.rs", "if state.end.is_none() {", "if state.end.is_some() {", "connection::"),
    // A permit that is not returned.
    mutant(
        "invocation/permits.rs",
        "if held.calls.len() < self.limit {",
        "if held.calls.len() <= self.limit {",
        "permits::",
    ),
    // A member that stays in a group.
    mutant(
        "lifetime/shard.rs",
        "if peers.is_empty() {\n            sets.remove(key);",
        "if !peers.is_empty() {\n            sets.remove(key);",
        "lifetime::",
    ),
];

/// How long the tests of one change may run. A change that makes them wait longer is noticed, too.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let artifacts = artifacts::of_tests(workspace)?;
    let folder = workspace.target.join("mutants-sample");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    copy(&workspace.root.join("hubs-runtime"), &folder.join("hubs-runtime"))?;
    for read_by_tests in ["docs", "tests"] {
        symlink(workspace.root.join(read_by_tests), folder.join(read_by_tests))?;
    }
    let sample = Sample { workspace, artifacts, folder };
    sample.passes_unchanged()?;
    let survivors: Vec<String> =
        SAMPLE.iter().filter_map(|mutant| sample.survives(mutant).transpose()).collect::<Result<_>>()?;
    ensure!(survivors.is_empty(), "no test fails with these changes:\n{}", survivors.join("\n"));
    println!("{} changes, each of them fails a test", SAMPLE.len());
    Ok(())
}

struct Sample<'a> {
    workspace: &'a Workspace,
    artifacts: Artifacts,
    folder: PathBuf,
}

impl Sample<'_> {
    /// The tests pass on the code as it is, and there are some.
    fn passes_unchanged(&self) -> Result<()> {
        self.compile()?;
        let mut filters: Vec<&str> = SAMPLE.iter().map(|mutant| mutant.tests).collect();
        filters.dedup();
        for filter in filters {
            let listed = process::output(&self.folder, &self.program(), &[filter, "--list"])?;
            ensure!(listed.contains(": test"), "there is no unit test with `{filter}` in its path");
            ensure!(self.tests_pass(filter)?, "the tests with `{filter}` in their path fail on unchanged code");
        }
        Ok(())
    }

    /// A line about the change if no test fails with it.
    fn survives(&self, mutant: &Mutant) -> Result<Option<String>> {
        let path = self.folder.join("hubs-runtime/src").join(mutant.file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let Mutant { file, before, after, tests } = mutant;
        ensure!(
            text.matches(before).count() == 1,
            "`{before}` is not there once in {file}: adapt the sample in xtask/src/steps/mutants.rs"
        );
        let line = format!("{file}: `{before}` became `{after}`");
        println!("{line}");
        fs::write(&path, text.replace(before, after))?;
        self.compile()?;
        let passed = self.tests_pass(tests)?;
        fs::write(&path, text)?;
        Ok(passed.then_some(line))
    }

    fn compile(&self) -> Result<()> {
        let library = self.folder.join("hubs-runtime");
        let mut command =
            process::command(&library, "rustc", &["src/lib.rs", "--crate-name", "hubs", "--edition", "2024", "--test"]);
        command.args(["-C", "debuginfo=0", "--cap-lints", "allow", "-o", &self.program()]);
        command.arg("-C").arg(format!("incremental={}", self.folder.join("incremental").display()));
        for feature in self.workspace.features.keys() {
            command.args(["--cfg", &format!("feature={feature:?}")]);
        }
        command.args(&self.artifacts.arguments).env("CARGO_MANIFEST_DIR", &library).env("CARGO_CRATE_NAME", "hubs");
        command.envs(&self.artifacts.variables);
        let output = command.output().context("cannot start rustc")?;
        if !output.status.success() {
            bail!("the changed library does not compile:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    fn program(&self) -> String {
        self.folder.join("unit-tests").to_string_lossy().into_owned()
    }

    fn tests_pass(&self, filter: &str) -> Result<bool> {
        let mut command = Command::new(self.program());
        command.args([filter, "--quiet"]).current_dir(self.workspace.root.join("hubs-runtime"));
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().context("cannot start the tests")?;
        Ok(limit::wait(&mut child, LIMIT)?.is_some_and(|status| status.success()))
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
