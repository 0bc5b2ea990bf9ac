//! The nodes: a chat server and a board server each, and HAProxy in front of them. Must not know what they share.

use std::{env, net::TcpListener, path::Path, process::Command};

use anyhow::{Context as _, ensure};

use crate::{program::Program, tools::find};

/// How many nodes there are. `haproxy.cfg` names them.
pub(crate) const NODES: usize = 3;

/// One of the two applications.
pub(crate) struct App {
    /// What it is called here.
    pub(crate) name: &'static str,
    program: &'static str,
    /// The variable that says where it listens.
    address: &'static str,
    /// The variable that holds its key.
    key: &'static str,
    /// Where people find it, unless that variable says it.
    usual: &'static str,
}

pub(crate) const CHAT: App = App {
    name: "chat",
    program: "chat-server",
    address: "HUBS_CHAT_ADDR",
    key: "HUBS_CHAT_KEY",
    usual: "127.0.0.1:5080",
};

pub(crate) const BOARD: App = App {
    name: "board",
    program: "ticker-server",
    address: "HUBS_TICKER_ADDR",
    key: "HUBS_TICKER_KEY",
    usual: "127.0.0.1:5090",
};

impl App {
    /// Where HAProxy serves it.
    pub(crate) fn address(&self) -> String {
        env::var(self.address).unwrap_or_else(|_| self.usual.to_owned())
    }

    /// Makes sure that HAProxy can listen there: that another program does not.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let address = self.address();
        let listens = TcpListener::bind(&address);
        listens
            .with_context(|| format!("cannot listen on {address}; set {} to another address", self.address))
            .map(drop)
    }

    /// Starts it on node `number`, on a free port. Returns its address, too.
    pub(crate) async fn start(
        &self,
        number: usize,
        database: &str,
        redis: &str,
        key: &str,
    ) -> anyhow::Result<(Program, String)> {
        let here = env::current_exe()?;
        let program = here.parent().context("this program has no folder")?.join(self.program);
        ensure!(program.is_file(), "{} is not built: run `cargo xtask demo scale-out`", self.program);
        let mut command = Command::new(program);
        command.env("DATABASE_URL", database).env("REDIS_URL", redis);
        command.env(self.key, key).env(self.address, "127.0.0.1:0");
        // Only one node could have that address.
        command.env_remove("HUBS_CHAT_METRICS");
        let mut program = Program::start(format!("{} {number}", self.name), command)?;
        let line = program.says(" is at http://").await?;
        let address = line.rsplit('/').next().unwrap_or_default().to_owned();
        Ok((program, address))
    }
}

/// Starts HAProxy before the nodes at these addresses.
pub(crate) async fn haproxy<'a>(
    folder: &Path,
    chats: impl Iterator<Item = &'a str>,
    boards: impl Iterator<Item = &'a str>,
) -> anyhow::Result<Program> {
    let config = folder.join("haproxy.cfg");
    std::fs::write(&config, include_str!("../haproxy.cfg"))?;
    let mut command = Command::new(find("haproxy")?);
    command.arg("-db").arg("-f").arg(config);
    command.env("CHAT", CHAT.address()).env("BOARD", BOARD.address());
    for (number, (chat, board)) in (1..).zip(chats.zip(boards)) {
        command.env(format!("CHAT_{number}"), chat).env(format!("BOARD_{number}"), board);
    }
    let mut haproxy = Program::start("haproxy", command)?;
    haproxy.listens(&CHAT.address()).await?;
    Ok(haproxy)
}
