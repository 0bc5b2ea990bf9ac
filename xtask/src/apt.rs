//! Debian's packages: installs them where that needs no password.

use std::path::Path;

use anyhow::Result;

use crate::process;

/// Installs packages. Returns whether it could: it needs apt-get, and root or sudo without a password.
pub(crate) fn install(packages: &[&str]) -> Result<bool> {
    let Some(prefix) = root_prefix().filter(|_| process::succeeds("apt-get", &["--version"])) else { return Ok(false) };
    apt_get(prefix, &["update"])?;
    apt_get(prefix, &[&["install", "--yes", "--no-install-recommends"], packages].concat())?;
    Ok(true)
}

/// How to become root without being asked: not at all, or by `sudo`.
fn root_prefix() -> Option<&'static [&'static str]> {
    let user = process::output(Path::new("."), "id", &["-u"]).ok()?;
    if user.trim() == "0" {
        return Some(&[]);
    }
    process::succeeds("sudo", &["-n", "true"]).then_some(&["sudo", "-n"])
}

fn apt_get(prefix: &[&str], arguments: &[&str]) -> Result<()> {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"], arguments].concat();
    process::run(Path::new("."), words[0], &words[1..])
}
