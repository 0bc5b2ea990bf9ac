//! The second database of the chat's tests: finds Postgres, or installs Debian's where it may.

use std::{env, path::Path};

use anyhow::{Result, bail};

use crate::apt;

/// Where Debian puts each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Installs Postgres with apt-get where that needs no password; else the error says how to get it.
pub(crate) fn install() -> Result<()> {
    if is_there() || (apt::install(&["postgresql"])? && is_there()) {
        return Ok(());
    }
    bail!("no Postgres for the chat's tests: install it (Debian: `apt-get install postgresql`), then run this again")
}

/// Whether the tests find `initdb`.
fn is_there() -> bool {
    let on_path = env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|f| f.join("initdb").is_file()));
    let versions = Path::new(DEBIAN).read_dir().into_iter().flatten().flatten();
    on_path || versions.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}
