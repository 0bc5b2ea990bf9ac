//! Runs a server under callgrind.

use std::{ffi::OsStr, fs, path::Path};

use anyhow::{Context as _, Result};

use super::profile::Profile;
use crate::bench::running::Under;

/// glibc copies large blocks by one instruction that repeats itself, and callgrind counts each repetition.
const NO_REPEATED: (&str, &str) =
    ("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=100000000:glibc.cpu.x86_rep_stosb_threshold=100000000");

/// Counts the instructions and system calls of the server that `work` starts and stops; `work` returns how many units of
/// work that was.
pub(crate) fn run(folder: &Path, work: impl FnOnce(&Under<'_>) -> Result<f64>) -> Result<Profile> {
    let file = folder.join("callgrind.out");
    let _ = fs::remove_file(&file);
    let out = format!("--callgrind-out-file={}", file.display());
    let words = [
        "valgrind",
        "--tool=callgrind",
        "--collect-systime=yes",
        "--compress-strings=no",
        "--compress-pos=no",
        "--dump-line=no",
        &out,
    ]
    .map(OsStr::new);
    let units = work(&Under { words: &words, environment: &[NO_REPEATED], cores: None })?;
    let text =
        fs::read_to_string(&file).context("callgrind wrote nothing; does the server end when it is interrupted?")?;
    Profile::parse(&text, units)
}
