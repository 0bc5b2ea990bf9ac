//! A Redis for a test: on a port of its own, and without files that stay.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// How long a server that is not ready may write nothing.
const READY: Duration = Duration::from_secs(30);

/// Free ports are looked for in this many from here on.
const PORTS: u16 = 20_000;
const FIRST_PORT: u16 = 10_000;

/// A running `redis-server`. It is killed when this is dropped.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    pub(crate) folder: TempDir,
    /// What it is started with.
    pub(crate) options: Vec<String>,
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
        let port = free_port();
        let options = format!("--port {port} --bind 127.0.0.1 --appendonly no --save");
        let options = options.split(' ').map(str::to_owned).chain([String::new()]).collect();
        Self { port, folder: TempDir::new().expect("a folder"), options, child: None }
    }

    /// Starts it, again with the same port. What it kept is lost.
    ///
    /// # Panics
    ///
    /// Redis is not installed, or ends.
    pub fn restart(&mut self) {
        self.restart_until(&["Ready to accept connections"]);
    }

    /// Starts it, and returns when it has written each of these texts, in any order.
    pub(crate) fn restart_until(&mut self, texts: &[&str]) {
        self.kill();
        let command = Command::new("redis-server")
            .args(&self.options)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = command.expect("redis-server is not installed: `apt-get install redis-server`");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        self.child = Some(child);
        let (send, lines) = mpsc::channel();
        // It reads on, so that the server can write.
        std::thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(send.send(line))));
        let (mut texts, mut written) = (texts.to_vec(), Vec::new());
        while !texts.is_empty() {
            let line = lines
                .recv_timeout(READY)
                .unwrap_or_else(|_| panic!("redis-server {:?} is not ready: {written:#?}", self.options));
            if let Some(at) = texts.iter().position(|text| line.contains(text)) {
                texts.swap_remove(at);
            }
            written.push(line);
        }
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

/// A port that nothing listens on, below those that the system gives to outgoing connections: it stays free until it is used.
pub(crate) fn free_port() -> u16 {
    loop {
        let [low, high, ..] = RandomState::new().build_hasher().finish().to_le_bytes();
        let port = FIRST_PORT + u16::from_le_bytes([low, high]) % PORTS;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
