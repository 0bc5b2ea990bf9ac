//! A server while it is being measured, pinned to a core of its own; and the load generator, pinned to another.

use std::{
    ffi::OsStr,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::servers::Server;
use crate::{limit, process};

/// The core of servers, and that of the load.
const SERVER_CORE: &str = "0";
pub(crate) const LOAD_CORE: &str = "1";
/// The cores of a server with two threads; the load runs on the second, too.
pub(crate) const BOTH_CORES: &str = "0,1";
/// How many files a server may have open.
const FILES: &str = "12000";
/// How long a server may take to listen, and to end.
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(30);
/// How long one run of the load generator may take.
const RUN: Duration = Duration::from_secs(400);

static NEXT_PORT: AtomicU16 = AtomicU16::new(0);

/// Fails where programs cannot be pinned, or not open enough files, and says what to do.
pub(crate) fn check() -> Result<()> {
    ensure!(
        process::succeeds("taskset", &["-c", &format!("{SERVER_CORE},{LOAD_CORE}"), "true"]),
        "the server and the load are pinned to a core each: this needs two cores, and `taskset` (Debian: \
         `apt-get install util-linux`), which Linux alone has"
    );
    ensure!(
        process::succeeds("sh", &["-c", &format!("ulimit -n {FILES}")]),
        "thousands of connections need {FILES} open files: raise the limit (`ulimit -Hn` shows it) in \
         /etc/security/limits.conf or the service's LimitNOFILE, or run this as root"
    );
    Ok(())
}

/// A server that listens. It is ended when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    port: u16,
    pinned: bool,
}

/// What to start a server under, such as valgrind and its options, and whether on any core.
#[derive(Debug, Default)]
pub(crate) struct Under<'a> {
    pub(crate) words: &'a [&'a OsStr],
    pub(crate) environment: &'a [(&'a str, &'a str)],
    pub(crate) cores: Option<&'a str>,
}

impl Running {
    /// Starts a server and waits until it listens.
    pub(crate) fn start(server: &Server, under: &Under<'_>) -> Result<Self> {
        let port = 20_000 + NEXT_PORT.fetch_add(1, Ordering::Relaxed) % 10_000;
        let cores = under.cores.unwrap_or(SERVER_CORE);
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {FILES} && exec taskset -c {cores} \"$@\""), "sh"]);
        command.args(under.words).args(&server.command);
        command.env("PORT", port.to_string()).envs(server.environment.iter().copied());
        command.envs(under.environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("cannot start a shell")?;
        let mut running = Self { child, port, pinned: under.cores.is_none() };
        running.wait_until_it_listens(server.name)?;
        Ok(running)
    }

    #[expect(clippy::disallowed_methods, reason = "waits for another process, in real time; no test pauses it")]
    fn wait_until_it_listens(&mut self, name: &str) -> Result<()> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let start = std::time::Instant::now();
        while TcpStream::connect_timeout(&address, START).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server `{name}` ended at once ({status}); started by hand it says why");
            }
            ensure!(start.elapsed() < START, "the server `{name}` does not listen after {} s", START.as_secs());
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address of its hub.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hub", self.port)
    }

    /// Runs the load generator against it, and returns what was measured.
    pub(crate) fn load(&self, generator: &Path, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new("taskset");
        command.args(["-c", LOAD_CORE]).arg(generator).args(arguments);
        command.args(["--port", &self.port.to_string(), "--pid", &self.pid()]);
        if self.pinned {
            command.args(["--core", SERVER_CORE]);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let Some(_) = limit::wait(&mut child, RUN)? else {
            bail!("bench-load {} took more than {} s", arguments.join(" "), RUN.as_secs());
        };
        let output = child.wait_with_output()?;
        let result: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("bench-load {} printed no JSON", arguments.join(" ")))?;
        ensure!(result["ok"] == true, "bench-load {}: {}", arguments.join(" "), result["error"]);
        Ok(result)
    }

    /// Ends it as Ctrl-C would, and waits for that.
    pub(crate) fn stop(mut self) -> Result<()> {
        process::succeeds("kill", &["-INT", &self.pid()]);
        limit::wait(&mut self.child, STOP)?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or something went wrong, which is told elsewhere.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where results go.
pub(crate) fn results(target: &Path) -> Result<PathBuf> {
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
