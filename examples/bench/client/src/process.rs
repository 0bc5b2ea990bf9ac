//! What the kernel knows of this process, and how many files it may have open.

use std::fs;

use anyhow::{Context as _, Result, bail};
use nix::sys::{
    resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit},
    time::TimeValLike as _,
};

/// Files that are not connections.
const OTHERS: usize = 64;

/// Microseconds that this process has run, in user and in kernel mode.
pub(crate) fn cpu_us() -> Result<i64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok(usage.user_time().num_microseconds() + usage.system_time().num_microseconds())
}

/// Resident memory, in bytes.
pub(crate) fn resident() -> Result<u64> {
    let text = fs::read_to_string("/proc/self/status").context("Linux alone has /proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("/proc/self/status has no VmRSS")?;
    let kib: u64 = line.split_ascii_whitespace().next().context("VmRSS is empty")?.parse()?;
    Ok(kib * 1024)
}

/// Raises the limit so that `connections` fit, or says how to.
pub(crate) fn allow_files(connections: usize) -> Result<()> {
    let wanted = (connections + OTHERS) as u64;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard.max(wanted)).is_err() {
        bail!(
            "{connections} connections need {wanted} open files, and only {hard} are allowed: raise the limit in \
             /etc/security/limits.conf or the service's LimitNOFILE, or run this as root"
        );
    }
    Ok(())
}
