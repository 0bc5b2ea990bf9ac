//! How many files this process may have open.

use anyhow::{Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are not connections.
const OTHERS: usize = 64;

/// Raises the limit so that `connections` fit, or says how to.
pub(crate) fn allow_files(connections: usize) -> Result<()> {
    let wanted = (connections + OTHERS) as u64;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = limit.maximum.map(|maximum| maximum.max(wanted));
    let raised = Rlimit { current: Some(wanted), maximum };
    if setrlimit(Resource::Nofile, raised).is_err() {
        bail!(
            "{connections} connections need {wanted} open files, and only {} are allowed: run `ulimit -n {wanted}` first, as \
             root if the hard limit is lower (`ulimit -Hn`), or raise LimitNOFILE of the service this runs in",
            limit.current.unwrap_or_default()
        );
    }
    Ok(())
}
