//! Where the programs of other projects are that this one starts. Must not know what they are started for.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};

/// The programs, each with the package of Debian that has it.
const TOOLS: [(&str, &str); 4] =
    [("redis-server", "redis-server"), ("initdb", "postgresql"), ("postgres", "postgresql"), ("haproxy", "haproxy")];

/// Where Debian puts programs that users do not start.
const SYSTEM: &str = "/usr/sbin";
/// Where it puts each version of Postgres.
const POSTGRES: &str = "/usr/lib/postgresql";

/// Makes sure that all are there, before any is started.
pub(crate) fn check() -> anyhow::Result<()> {
    let mut missing: Vec<_> =
        TOOLS.iter().filter(|(tool, _)| find(tool).is_err()).map(|(_, package)| *package).collect();
    missing.dedup();
    let missing = missing.join(" ");
    ensure!(missing.is_empty(), "this needs {missing}: install what is missing (Debian: `apt-get install {missing}`)");
    Ok(())
}

/// The path of a program.
pub(crate) fn find(tool: &str) -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = postgres().into_iter().chain(env::split_paths(&path)).chain([PathBuf::from(SYSTEM)]);
    let found = folders.map(|folder| folder.join(tool)).find(|file| file.is_file());
    found.with_context(|| format!("there is no `{tool}`"))
}

/// The versions of Postgres, the newest first.
fn postgres() -> Vec<PathBuf> {
    let versions = Path::new(POSTGRES).read_dir().into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    versions.reverse();
    versions
}
