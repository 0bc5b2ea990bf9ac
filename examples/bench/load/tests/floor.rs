//! The load against the floor of the other transports: a short run of each kind over each version of HTTP, with every answer
//! checked. Owns both programs while they run.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// A floor that listens. It is ended when this is dropped.
struct Floor {
    child: Child,
    port: String,
}

impl Floor {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench-floor"));
        command.env("PORT", "0").env("HTTP", "1").stdout(Stdio::piped());
        let mut child = command.spawn().expect("the floor can be started");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it was asked for");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let port = line.trim_end().rsplit(' ').next().expect("the port is last").to_owned();
        Self { child, port }
    }

    /// Whether all that the load did went well, and what it printed.
    fn load(&self, words: &str) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench-load"));
        let output = command.args(words.split(' ')).args(["--port", &self.port]).output().expect("it can be started");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

/// Runs each load over both versions.
fn passes(loads: &[&str]) {
    let floor = Floor::start();
    for load in loads {
        for version in ["", " --http2"] {
            let words = format!("{load}{version}");
            let (passed, printed) = floor.load(&words);
            assert!(passed, "{words}: {printed}");
        }
    }
}

#[test]
fn negotiations_are_answered() {
    passes(&["negotiate --connections 4 --calls 40"]);
}

#[test]
fn calls_are_answered() {
    passes(&[
        "echo --connections 4 --calls 40 --transport server-sent-events",
        "echo --connections 4 --calls 40 --transport long-polling",
        "echo --connections 4 --calls 200 --window 16 --transport server-sent-events",
        "echo --connections 4 --calls 200 --window 16 --transport long-polling",
    ]);
}

#[test]
fn broadcasts_are_delivered() {
    passes(&["broadcast --connections 20 --calls 10 --transport server-sent-events"]);
    passes(&["broadcast --connections 20 --calls 10 --transport long-polling"]);
}

/// More than the server may send before the load lets it send more, on one connection and one stream.
#[test]
fn a_long_run_does_not_run_out_of_windows() {
    passes(&[
        "echo --connections 1 --calls 500 --bytes 30000 --transport server-sent-events",
        "echo --connections 1 --calls 500 --bytes 30000 --transport long-polling",
    ]);
}

#[test]
fn http2_is_without_web_sockets() {
    let floor = Floor::start();
    let (passed, printed) = floor.load("echo --calls 1 --http2");
    assert!(!passed && printed.contains("--http2 is without WebSockets"), "{printed}");
}
