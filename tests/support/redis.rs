//! A Redis for a test: on a port of its own, and without files that stay.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// A running `redis-server`. It is killed when this is dropped.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts one, and returns when it is ready.
    ///
    /// # Panics
    ///
    /// Redis is not installed, or ends.
    pub fn start() -> Self {
        let mut server = Self::stopped();
        server.restart();
        server
    }

    /// One that does not run yet, and its port.
    ///
    /// # Panics
    ///
    /// There is no free port.
    pub fn stopped() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("its address").port();
        Self { port, folder: TempDir::new().expect("a folder"), child: None }
    }

    /// Starts it, again with the same port. What it kept is lost.
    ///
    /// # Panics
    ///
    /// Redis is not installed, or ends.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.port.to_string();
        let command = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = command.expect("redis-server is not installed: `apt-get install redis-server`");
        let output = child.stdout.take().expect("its output");
        self.child = Some(child);
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("Ready to accept connections")), "redis-server ended on port {port}");
    }

    /// Kills it at once, as a crash does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops it in the middle of what it does, or lets it go on.
    ///
    /// # Panics
    ///
    /// It does not run.
    pub fn freeze(&self, is_frozen: bool) {
        let id = self.child.as_ref().expect("it runs").id();
        let signal = if is_frozen { Signal::SIGSTOP } else { Signal::SIGCONT };
        kill(Pid::from_raw(i32::try_from(id).expect("a process id")), signal).expect("it runs");
    }

    /// Sends a command, such as `CLIENT KILL TYPE pubsub`, and returns the reply as Redis writes it.
    ///
    /// # Panics
    ///
    /// It does not answer.
    pub fn command(&self, line: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("it runs");
        stream.write_all(format!("{line}\r\nQUIT\r\n").as_bytes()).expect("it reads");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it answers");
        reply
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
