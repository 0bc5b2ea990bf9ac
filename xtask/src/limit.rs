//! A limit on how long a program may run, so that a test that spins does not hold up everything for ever.

use std::{
    io,
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use crate::process;

/// How often to look.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits for a child. One that takes longer than `limit` is ended, with all it has started, and returns `None`.
#[expect(clippy::disallowed_methods, reason = "waits for another process, in real time; no test pauses it")]
pub(crate) fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(PAUSE);
    }
    for descendant in descendants(child.id()) {
        process::succeeds("kill", &["-KILL", &descendant.to_string()]);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// What a process has started, and what that has started; nothing where there is no `ps`.
fn descendants(of: u32) -> Vec<u32> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let text = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let pairs: Vec<(u32, u32)> = text.lines().filter_map(pair).collect();
    let mut found = vec![of];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(pairs.iter().filter(|(_, its)| *its == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

fn pair(line: &str) -> Option<(u32, u32)> {
    let mut numbers = line.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(all(test, unix))]
mod tests {
    use std::{process::Command, time::Duration};

    use super::{descendants, wait};

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_what_it_started() {
        let mut child = Command::new("sh").args(["-c", "sleep 600 & wait"]).spawn().expect("sh runs");
        let id = child.id();
        while descendants(id).is_empty() {
            std::thread::yield_now();
        }
        let started = descendants(id);
        let status = wait(&mut child, Duration::from_millis(1)).expect("it can be waited for");
        assert_eq!(status, None);
        // The new parent of a killed process may not have collected its status yet.
        let gone = |pid: &u32| matches!(state(*pid).chars().next(), None | Some('Z'));
        assert!((0..1_000).any(|_| started.iter().all(gone)), "what it started is still there");
    }

    /// The state of a process as `ps` says it; empty if there is none.
    fn state(pid: u32) -> String {
        let output = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().expect("ps runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    #[test]
    fn a_program_that_ends_gives_its_status() {
        let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn().expect("sh runs");
        let status = wait(&mut child, Duration::from_secs(60)).expect("it can be waited for").expect("it ends in time");
        assert_eq!(status.code(), Some(3));
    }
}
