//! `cargo xtask bench --counts`: instructions and system calls for each unit of work. They do not depend on what else the
//! machine does, so a change that costs 5 % is seen, and fails.

mod baseline;
mod callgrind;
mod compare;
pub(crate) mod parts;
mod profile;

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{
    build, machine,
    running::{self, Running, Under},
    servers::{self, Server},
};
use crate::{apt, process, workspace::Workspace};
use baseline::{Baseline, Counted};
use profile::Profile;

/// A kind of work that is counted: the difference of a long run and a short one is the work alone.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) load: &'static str,
    /// How much work the short and the long run do, and the option that sets it.
    amount: (&'static str, &'static str, &'static str),
    /// Instructions that are allowed for a unit, whatever the baseline says.
    pub(crate) must: Option<f64>,
    /// A variable of the server that switches on what is off by default.
    switch: Option<(&'static str, &'static str)>,
}

const fn work(
    name: &'static str,
    load: &'static str,
    short: &'static str,
    long: &'static str,
    must: Option<f64>,
) -> Work {
    Work { name, load, amount: ("--calls", short, long), must, switch: None }
}

/// Work of a server with something switched on.
const fn switched(
    name: &'static str,
    load: &'static str,
    (short, long): (&'static str, &'static str),
    switch: (&'static str, &'static str),
) -> Work {
    Work { switch: Some(switch), ..work(name, load, short, long, None) }
}

const ECHO: &str = "echo --connections 16 --window 1";

/// Everything that is counted.
pub(crate) const ALL: &[Work] = &[
    work("echo-1", "echo --connections 16 --window 1", "1600", "9600", Some(9_000.0)),
    work("echo-1-last", "echo --connections 16 --window 1 --type-last", "1600", "9600", Some(9_000.0)),
    work("echo-16", "echo --connections 16 --window 16", "3200", "16000", Some(5_000.0)),
    work("echo-16-last", "echo --connections 16 --window 16 --type-last", "3200", "16000", Some(5_000.0)),
    work("echo-1-mp", "echo --connections 16 --window 1 --protocol messagepack", "1600", "9600", None),
    work("echo-16-mp", "echo --connections 16 --window 16 --protocol messagepack", "3200", "16000", None),
    work("broadcast-1", "broadcast --connections 200 --window 1", "20", "220", Some(800.0)),
    work("broadcast-16", "broadcast --connections 200 --window 16", "64", "512", Some(500.0)),
    work("echo-1-counted", "echo --connections 16 --window 1 --stateful-reconnect", "1600", "9600", None),
    work("broadcast-1-counted", "broadcast --connections 200 --window 1 --stateful-reconnect", "20", "220", None),
    work("stream", "stream --connections 8", "16", "96", None),
    work("upload", "upload --connections 8", "16", "96", None),
    Work { name: "connect", load: "memory", amount: ("--connections", "100", "500"), must: None, switch: None },
    work("negotiate", "negotiate --connections 16", "800", "4800", None),
    work("echo-1-sse", "echo --connections 16 --transport server-sent-events", "400", "2400", None),
    work("echo-1-lp", "echo --connections 16 --transport long-polling", "400", "2400", None),
    work("echo-1-sse-h2", "echo --connections 16 --transport server-sent-events --http2", "400", "2400", None),
    work("echo-1-lp-h2", "echo --connections 16 --transport long-polling --http2", "400", "2400", None),
    switched("echo-1-tls", "echo --connections 16 --tls", ("800", "4800"), ("TLS", "1")),
    switched("echo-1-authorised", ECHO, ("1600", "9600"), ("PART", "role")),
    switched("echo-1-filters", ECHO, ("1600", "9600"), ("PART", "filters")),
    switched("broadcast-1-coalesce", "broadcast --connections 200 --window 1", ("20", "220"), ("PART", "coalesce")),
];

/// The program that counts, and its Debian package.
const TOOL: &str = "valgrind";

/// Where the baseline is, from the workspace's folder.
const BASELINE: &str = "examples/bench/counts.json";

/// Installs valgrind, where that needs no password; else the error says how to.
pub(crate) fn install() -> Result<()> {
    let installed = || process::succeeds(TOOL, &["--version"]);
    ensure!(
        installed() || (apt::install(&[TOOL])? && installed()),
        "instructions cannot be counted: install {TOOL} (Debian: `apt-get install {TOOL}`), then run this again"
    );
    Ok(())
}

/// Counts, compares with the baseline, and fails where something got worse; or makes it the baseline.
pub(crate) fn run(workspace: &Workspace, bless: bool) -> Result<()> {
    running::check()?;
    install()?;
    build::own(workspace)?;
    let folder = running::results(&workspace.target)?;
    let mut counted = BTreeMap::new();
    for work in ALL {
        println!("counting {}", work.name);
        counted.insert(work.name.to_owned(), count(workspace, work, &folder)?);
    }
    let now = Baseline { compiler: machine::compiler(), points: counted };
    let path = workspace.root.join(BASELINE);
    if bless {
        now.write(&path)?;
        println!("{}", compare::table(None, &now));
        return Ok(());
    }
    let before = Baseline::read(&path)?;
    println!("{}", compare::table(Some(&before), &now));
    let worse = compare::worse(&before, &now);
    if worse.is_empty() {
        return Ok(());
    }
    println!("{}", worse.join("\n"));
    if before.compiler != now.compiler {
        println!("the baseline is of another compiler, {}; this is {}", before.compiler, now.compiler);
    }
    bail!(
        "some work costs more than 5 % above the baseline; `cargo xtask bench --counts --bless` makes that the new baseline"
    )
}

/// Instructions of an echo, alone and among so many silent connections.
pub(crate) fn neighbours(workspace: &Workspace, silent: usize) -> Result<(f64, f64)> {
    let folder = running::results(&workspace.target)?;
    let among = |silent: usize| -> Result<f64> {
        let load = format!("echo --connections 16 --window 1 --neighbours {silent}");
        // So long that the pings to the silent connections do not matter.
        let profile = profile(workspace, &servers::hubs(workspace), &folder, &load, ("--calls", "1600", "41600"))?;
        Ok(profile.instructions.values().sum())
    };
    Ok((among(0)?, among(silent)?))
}

fn count(workspace: &Workspace, work: &Work, folder: &Path) -> Result<Counted> {
    let hubs = servers::hubs(workspace);
    let server = work.switch.map_or(hubs.clone(), |(name, value)| hubs.with(name, value));
    let Profile { instructions, system_calls, .. } = profile(workspace, &server, folder, work.load, work.amount)?;
    Ok(Counted::new(instructions.values().sum(), system_calls, instructions))
}

/// What one unit of work costs.
fn profile(
    workspace: &Workspace,
    server: &Server,
    folder: &Path,
    load: &str,
    (option, short, long): (&str, &str, &str),
) -> Result<Profile> {
    let run = |amount| callgrind::run(folder, |under| units(workspace, server, under, load, option, amount));
    Ok(run(long)?.minus(&run(short)?))
}

/// Starts a server, loads it and stops it. Returns how many units of work it did.
fn units(
    workspace: &Workspace,
    server: &Server,
    under: &Under<'_>,
    load: &str,
    option: &str,
    amount: &str,
) -> Result<f64> {
    let server = server.clone().with("TOKIO_WORKER_THREADS", "1");
    let running = Running::start(&server, under)?;
    let arguments: Vec<&str> = load.split(' ').chain([option, amount]).collect();
    let result: Value = running.load(&servers::program(workspace, "bench-load"), &arguments)?;
    running.stop()?;
    result["units"].as_f64().context("bench-load says no units")
}
