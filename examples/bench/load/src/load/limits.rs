//! How many files this process may have open.

use anyhow::{Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files that are not connections.
const OTHERS: usize = 64;

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
