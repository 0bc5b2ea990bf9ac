//! The clock that a test sets while a server runs: finds libfaketime, or installs Debian's where it may.

use std::path::Path;

use anyhow::{Result, bail};

use crate::apt;

/// Installs libfaketime with apt-get where that needs no password; else the error says how to get it.
pub(crate) fn install() -> Result<()> {
    if is_there() || (apt::install(&["faketime"])? && is_there()) {
        return Ok(());
    }
    bail!("no libfaketime for the server's tests: install it (Debian: `apt-get install faketime`), then run this again")
}

/// Whether it is where the test looks for it.
fn is_there() -> bool {
    let folders = Path::new("/usr/lib").read_dir().into_iter().flatten().flatten();
    folders.into_iter().any(|folder| folder.path().join("faketime/libfaketimeMT.so.1").is_file())
}
