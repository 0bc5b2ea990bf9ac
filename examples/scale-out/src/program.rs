//! One program that runs beside this one: started, ready, stopped. Must not know which programs there are.

use std::{process::Stdio, time::Duration};

use anyhow::{Context as _, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::mpsc,
    time::{sleep, timeout},
};

/// How long a program may take to be ready, and to stop.
const LIMIT: Duration = Duration::from_secs(30);

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    name: String,
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Program {
    /// Starts a program, in a process group of its own: Ctrl-C in the terminal reaches this program alone, which then
    /// stops the others in their order.
    pub(crate) fn start(name: impl Into<String>, command: std::process::Command) -> anyhow::Result<Self> {
        let name = name.into();
        let mut command = Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.process_group(0).kill_on_drop(true).spawn().with_context(|| format!("{name} does not start"))?;
        let (sender, lines) = mpsc::unbounded_channel();
        read(child.stdout.take(), &sender);
        read(child.stderr.take(), &sender);
        Ok(Self { name, child, lines })
    }

    /// Waits for a line with this text, and returns the line.
    pub(crate) async fn says(&mut self, text: &str) -> anyhow::Result<String> {
        let mut said = Vec::new();
        let found = timeout(LIMIT, async {
            while let Some(line) = self.lines.recv().await {
                if line.contains(text) {
                    return Some(line);
                }
                said.push(line);
            }
            None
        });
        let found = found.await.ok().flatten();
        found.with_context(|| format!("{} is not ready. It said:\n{}", self.name, said.join("\n")))
    }

    /// Waits until something listens at this address.
    pub(crate) async fn listens(&mut self, address: &str) -> anyhow::Result<()> {
        let open = timeout(LIMIT, async {
            while self.child.try_wait()?.is_none() {
                if TcpStream::connect(address).await.is_ok() {
                    return anyhow::Ok(true);
                }
                sleep(Duration::from_millis(20)).await;
            }
            Ok(false)
        });
        match open.await {
            Ok(Ok(true)) => Ok(()),
            _ => {
                let said: Vec<_> = std::iter::from_fn(|| self.lines.try_recv().ok()).collect();
                bail!("{} does not listen at {address}. It said:\n{}", self.name, said.join("\n"))
            }
        }
    }

    /// Its number among the processes of this machine; 0 when it has ended.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Shows what it says from now on, until it has ended, and then how.
    pub(crate) async fn show(&mut self) {
        while let Some(line) = self.lines.recv().await {
            eprintln!("{}: {line}", self.name);
        }
        match self.child.wait().await {
            Ok(status) => println!("{} has ended: {status}", self.name),
            Err(error) => println!("{} has ended: {error}", self.name),
        }
    }

    /// Tells it to end, and waits until it has ended. One that does not end is killed.
    pub(crate) async fn stop(mut self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let is_told = id.is_some_and(|id| kill(Pid::from_raw(id), Signal::SIGINT).is_ok());
        if is_told && timeout(LIMIT, self.child.wait()).await.is_err() {
            println!("{} does not stop, and is killed", self.name);
        }
    }
}

/// Sends the lines of one output.
fn read(output: Option<impl AsyncRead + Unpin + Send + 'static>, lines: &mpsc::UnboundedSender<String>) {
    let (Some(output), lines) = (output, lines.clone()) else { return };
    tokio::spawn(async move {
        let mut output = BufReader::new(output).lines();
        while let Ok(Some(line)) = output.next_line().await {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}
