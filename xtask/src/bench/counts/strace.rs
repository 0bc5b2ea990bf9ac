//! Runs a server under strace, which counts its system calls.

use std::{collections::BTreeMap, ffi::OsStr, fs, path::Path, thread, time::Duration};

use anyhow::{Result, bail};

use crate::bench::running::Under;

/// How long strace may take to write, once the server has ended.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// System calls by name, and for how many units of work.
#[derive(Debug, PartialEq)]
pub(crate) struct Calls {
    units: f64,
    by_name: BTreeMap<String, f64>,
}

/// Counts the system calls of the server that `work` starts and stops.
pub(crate) fn run(folder: &Path, work: impl FnOnce(&Under<'_>) -> Result<f64>) -> Result<Calls> {
    let file = folder.join("strace.out");
    let _ = fs::remove_file(&file);
    // -D: the server, not strace, is the process that is started, measured and interrupted.
    let words = ["strace", "-D", "-f", "-qq", "-c", "-U", "calls,name", "-o"].map(OsStr::new);
    let words: Vec<&OsStr> = words.into_iter().chain([file.as_os_str()]).collect();
    let units = work(&Under { words: &words, environment: &[], cores: None })?;
    Ok(Calls { units, by_name: parse(&wait_for(&file)?) })
}

#[expect(clippy::disallowed_methods, reason = "waits for another process, in real time; no test pauses it")]
fn wait_for(file: &Path) -> Result<String> {
    let start = std::time::Instant::now();
    while start.elapsed() < WRITE_LIMIT {
        match fs::read_to_string(file) {
            Ok(text) if text.contains("total") => return Ok(text),
            _ => thread::sleep(PAUSE),
        }
    }
    bail!("strace wrote nothing: may it trace processes here (CAP_SYS_PTRACE)?")
}

/// Rows of two columns, calls and name.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let (calls, name) = (words.next()?.parse().ok()?, words.next()?);
        (name != "total").then(|| (name.to_owned(), calls))
    };
    text.lines().filter_map(row).collect()
}

/// Calls for each unit that a longer run did more.
pub(crate) fn difference(long: &Calls, short: &Calls) -> BTreeMap<String, f64> {
    let units = long.units - short.units;
    let more = |(name, calls): (&String, &f64)| {
        let more = (calls - short.by_name.get(name).unwrap_or(&0.0)) / units;
        (more >= 0.005).then(|| (name.clone(), (more * 1e3).round() / 1e3))
    };
    long.by_name.iter().filter_map(more).collect()
}

#[cfg(test)]
mod tests {
    use super::{Calls, difference, parse};

    #[test]
    fn calls_are_counted_by_difference() {
        let calls = |calls: u32, units| {
            let text = format!(
                "    calls syscall\n--------- ----------------\n{calls:9} sendto\n        5 mmap\n--------- ----------------\n     1005 total\n"
            );
            Calls { units, by_name: parse(&text) }
        };
        let found = difference(&calls(1000, 900.0), &calls(200, 100.0));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("sendto".to_owned(), 1.0)]);
    }
}
