//! What the nodes share: Redis, through which they reach each other, and Postgres, which keeps what was said. Each has a
//! free port and keeps its files in a folder that is gone afterwards. Must not know the nodes.

use std::{
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt as _},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, bail};
use nix::unistd::{Uid, User};

use crate::{program::Program, tools::find};

/// Starts Redis. Returns its address, too.
pub(crate) async fn redis(folder: &Path) -> anyhow::Result<(Program, String)> {
    let port = free_port()?.to_string();
    let mut command = Command::new(find("redis-server")?);
    command.args(["--bind", "127.0.0.1", "--port", &port, "--save", ""]).arg("--dir").arg(folder);
    let mut redis = Program::start("redis", command)?;
    redis.says("Ready to accept connections").await?;
    Ok((redis, format!("redis://127.0.0.1:{port}")))
}

/// Starts Postgres with an empty database. Returns its address, too.
pub(crate) async fn postgres(folder: &Path) -> anyhow::Result<(Program, String)> {
    let (folder, port) = (folder.join("postgres"), free_port()?.to_string());
    std::fs::create_dir(&folder)?;
    // It refuses to run as root, so it runs as the user that Debian's package has made.
    let user = match Uid::effective().is_root() {
        true => Some(
            User::from_name("postgres")?.context("Postgres does not run as root, and there is no user `postgres`")?,
        ),
        false => None,
    };
    if let Some(user) = &user {
        chown(&folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    }
    let command = |program| {
        let mut command = Command::new(find(program)?);
        command.current_dir(&folder).env("LC_ALL", "C").arg("-D").arg(folder.join("data"));
        if let Some(user) = &user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        anyhow::Ok(command)
    };
    let made = command("initdb")?.args(["-U", "hubs", "-A", "trust", "-E", "UTF8", "--no-sync"]).output()?;
    if !made.status.success() {
        bail!("initdb: {}", String::from_utf8_lossy(&made.stderr));
    }
    let mut command = command("postgres")?;
    command.args(["-h", "127.0.0.1", "-p", &port, "-F", "-c", "log_checkpoints=off", "-k"]).arg(&folder);
    let mut postgres = Program::start("postgres", command)?;
    postgres.says("ready to accept connections").await?;
    Ok((postgres, format!("postgres://hubs@127.0.0.1:{port}/postgres")))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
