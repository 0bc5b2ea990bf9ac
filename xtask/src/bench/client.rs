//! `cargo xtask bench --client`: what a call costs the Rust client, beside the official JavaScript client against the same
//! server in the same run, and the memory of ten thousand connections of one process. Owns the goals; the clients
//! (`bench-client`, `signalr.mjs`) check every answer.

use std::{
    ffi::OsString,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{
    build, machine,
    running::{self, LOAD_CORE, Running, Under},
    servers,
    table::{aligned, number},
};
use crate::{limit, npm, process, workspace::Workspace};

/// At most this part of the JavaScript client's CPU time.
const SHARE: f64 = 1.0 / 3.0;
/// Connections of one process.
const CONNECTIONS: &str = "10000";
/// How long one measurement may take.
const RUN: Duration = Duration::from_secs(120);

/// The echoes that both clients make, by name.
const ECHOES: [(&str, &[&str]); 4] = [
    ("echo, 1 in flight", &["--window", "1"]),
    ("echo, 16 in flight", &["--window", "16"]),
    ("echo, 1 in flight, MessagePack", &["--window", "1", "--messagepack"]),
    ("echo, 16 in flight, MessagePack", &["--window", "16", "--messagepack"]),
];

/// Builds, measures and prints.
pub(crate) fn run(workspace: &Workspace, rounds: usize) -> Result<()> {
    running::check()?;
    npm::check_node()?;
    let node = workspace.root.join("examples/bench/rivals/node");
    npm::install(&node)?;
    build::own(workspace)?;
    process::run(&workspace.root, "cargo", &["build", "--profile", build::PROFILE, "-p", "bench-client"])?;
    let rust = [servers::program(workspace, "bench-client").into_os_string()];
    let script = ["node".into(), node.join("signalr.mjs").into_os_string()];
    let server = servers::hubs(workspace);
    let mut rows =
        vec![["client's CPU of a call", "", "Rust, µs", "JavaScript", "ratio", "must", ""].map(str::to_owned).to_vec()];
    for (name, arguments) in ECHOES {
        let mut least = [f64::INFINITY; 2];
        for _ in 0..rounds {
            for (command, least) in [&rust[..], &script[..]].into_iter().zip(&mut least) {
                let running = Running::start(&server, &Under::default())?;
                let figure = measure(&running, command, arguments, "/cpu_s_per_1m").with_context(|| name)?;
                running.stop()?;
                *least = least.min(figure);
            }
        }
        let ratio = least[0] / least[1];
        let met = if ratio <= SHARE { "met" } else { "MISSED" };
        let cells = [least[0], least[1], ratio, SHARE].map(number);
        rows.push([vec![name.to_owned(), String::new()], cells.to_vec(), vec![met.to_owned()]].concat());
    }
    let running = Running::start(&server, &Under::default())?;
    let bytes = measure(&running, &rust, &["--memory", "--connections", CONNECTIONS], "/bytes_called")?;
    running.stop()?;
    println!("{}\n\n{}", machine::describe(), aligned(&rows));
    println!("{CONNECTIONS} connections of one process: {} KiB each, after one call", number(bytes / 1024.0));
    Ok(())
}

/// Runs a client on the core that the server does not use, and returns one of its figures.
fn measure(server: &Running, client: &[OsString], arguments: &[&str], figure: &str) -> Result<f64> {
    let mut command = Command::new("taskset");
    command.args(["-c", LOAD_CORE]).args(client).args(["--url", &server.url()]).args(arguments);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start a client")?;
    let named = || Path::new(&client[client.len() - 1]).display().to_string();
    let Some(status) = limit::wait(&mut child, RUN)? else { bail!("{} took more than {} s", named(), RUN.as_secs()) };
    let output = child.wait_with_output()?;
    if !status.success() {
        bail!("{} failed ({status}); what it says is above", named());
    }
    let result: Value =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{} printed no JSON", named()))?;
    result.pointer(figure).and_then(Value::as_f64).with_context(|| format!("{} printed no {figure}", named()))
}
