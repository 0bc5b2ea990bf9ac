//! The browser of the browser tests: finds one, or installs Debian's where it may.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{apt, process};

/// Programs that are a Chromium, in the order they are tried.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/// Where they are when they are not on the `PATH`.
const PLACES: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// A Chromium that runs: `CHROMIUM` if that is set, else the first one found.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|path| runs(path));
    }
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let candidates = on_path.iter().flat_map(|folder| NAMES.iter().map(|name| folder.join(name)));
    candidates.chain(PLACES.iter().map(PathBuf::from)).find(|path| path.is_file() && runs(path))
}

/// Installs Chromium with apt-get where that needs no password; else the error says how to get it.
pub(crate) fn install() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let how = "install Chromium (Debian: `apt-get install chromium`), or set CHROMIUM to the path of one";
    if env::var_os("CHROMIUM").is_some() {
        bail!("CHROMIUM is set, but what it names does not run: {how}");
    }
    if !apt::install(&["chromium", "fonts-liberation"])? {
        bail!("no Chromium for the browser tests: {how}, then run this again");
    }
    find().with_context(|| format!("apt-get gave no Chromium that runs: {how}"))
}

/// Ubuntu has a `chromium-browser` that only says where to get one, so being there is not enough.
fn runs(path: &Path) -> bool {
    process::succeeds(&path.to_string_lossy(), &["--version"])
}
