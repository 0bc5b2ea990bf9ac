//! The servers that tests start beside ours: finds nginx, HAProxy, Caddy, Prometheus and Redis, or installs Debian's where it may.

use std::{env, path::Path};

use anyhow::{Result, bail};

use crate::apt;

/// Each is the name of a program, and of Debian's package.
const PROGRAMS: [&str; 5] = ["nginx", "haproxy", "caddy", "prometheus", "redis-server"];

/// Where Debian puts those that users do not start.
const DEBIAN: &str = "/usr/sbin";

/// Installs those that are missing with apt-get where that needs no password; else the error says how to get them.
pub(crate) fn install() -> Result<()> {
    let missing = missing();
    if missing.is_empty() || (apt::install(&missing)? && self::missing().is_empty()) {
        return Ok(());
    }
    let names = missing.join(" ");
    bail!("the tests start {names}: install what is missing (Debian: `apt-get install {names}`), then run this again")
}

fn missing() -> Vec<&'static str> {
    PROGRAMS.into_iter().filter(|program| !is_there(program)).collect()
}

fn is_there(program: &str) -> bool {
    let on_path = env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|f| f.join(program).is_file()));
    on_path || Path::new(DEBIAN).join(program).is_file()
}
