//! The fuzz targets under libFuzzer, which needs a nightly toolchain.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use super::Soak;
use crate::process;

/// Runs each target for the given minutes on a copy of the saved corpus. A crash is an error, and its input is kept in
/// `fuzz/artifacts`.
pub(super) fn run(soak: &Soak<'_>) -> Result<Vec<String>> {
    ensure!(
        process::succeeds("cargo", &["+nightly", "--version"]),
        "libFuzzer needs a nightly toolchain: run `rustup toolchain install nightly`, then this again"
    );
    let root = &soak.workspace.root;
    if !process::succeeds("cargo", &["fuzz", "--version"]) {
        process::run_long(&mut process::command(root, "cargo", &["install", "cargo-fuzz", "--locked"]))?;
    }
    let folder = root.join("fuzz");
    let seconds = format!("-max_total_time={}", soak.minutes * 60);
    let mut figures = Vec::new();
    for target in targets(&folder)? {
        let found = soak.workspace.target.join("fuzz-corpus").join(&target);
        fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;
        let saved = folder.join("corpus").join(&target);
        // New inputs go to the first folder; the saved corpus is only read.
        let (found, saved) = (found.to_string_lossy(), saved.to_string_lossy());
        let arguments = ["+nightly", "fuzz", "run", &target, &found, &saved, "--", &seconds];
        process::run_long(&mut process::command(&folder, "cargo", &arguments))?;
        figures.push(format!("{target} ran for {} minutes without a crash", soak.minutes));
    }
    Ok(figures)
}

/// The names of the targets, as the files in `fuzz/targets` are called.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let folder = folder.join("targets");
    let files = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for file in files {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}
