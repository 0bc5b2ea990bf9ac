//! Rounds: every server afresh in each, one after the other, in an order that is rotated, so that what the machine does
//! meanwhile hits all alike.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use serde_json::Value;

use super::{
    points::{Point, Setup},
    results::{Record, Results},
    running::{BOTH_CORES, Running, Under},
    servers::Server,
};

/// Runs all rounds. What a server fails at is recorded, and the others go on.
pub(crate) fn run(generator: &Path, servers: &[Server], points: &[&Point], rounds: usize) -> Result<Results> {
    let mut results = Results::default();
    for round in 0..rounds {
        for index in 0..servers.len() {
            let server = &servers[(index + round) % servers.len()];
            let wanted: Vec<&Point> = points.iter().copied().filter(|point| server.can(point.needs)).collect();
            let wanted: Vec<&Point> = wanted.into_iter().filter(|point| !point.once || round == 0).collect();
            if !wanted.is_empty() {
                println!("round {} of {rounds}: {}", round + 1, server.name);
            }
            for alike in wanted.chunk_by(|one, next| one.setup == next.setup) {
                one(generator, server, alike, round, &mut results)?;
            }
        }
    }
    Ok(results)
}

/// Points of a server in one round, for which it is started alike. Points that take their figures from the same run share it.
fn one(generator: &Path, server: &Server, points: &[&Point], round: usize, results: &mut Results) -> Result<()> {
    let setup = points[0].setup;
    let mut running = start(server, setup)?;
    let mut runs: BTreeMap<&str, Result<Value, String>> = BTreeMap::new();
    let (fresh, others): (Vec<&Point>, Vec<&Point>) = points.iter().partition(|point| point.fresh);
    for point in fresh.iter().chain(&others) {
        if !point.fresh && !server.compiled && others.first().is_some_and(|first| first.name == point.name) {
            warm(&running, generator, server)?;
            runs.clear();
        }
        if !runs.contains_key(point.load) {
            if point.once {
                running.stop()?;
                running = start(server, setup)?;
            }
            let run = load(&running, generator, server, point).map_err(|error| format!("{error:#}"));
            if let Err(error) = &run {
                println!("  {}: {error}", point.name);
            }
            runs.insert(point.load, run);
        }
        results.add(Record { round, server: server.name, point: point.name, run: runs[point.load].clone() });
    }
    running.stop()
}

fn start(server: &Server, setup: Setup) -> Result<Running> {
    match setup {
        Setup::Plain => Running::start(server, &Under::default()),
        Setup::Part(part) => Running::start(&server.clone().with("PART", part), &Under::default()),
        Setup::Tls => Running::start(&server.clone().with("TLS", "1"), &Under::default()),
        Setup::TwoThreads => {
            let server = server.clone().with("TOKIO_WORKER_THREADS", "2");
            Running::start(&server, &Under { cores: Some(BOTH_CORES), ..Under::default() })
        }
    }
}

/// Lets a program that compiles as it runs see calls and connections.
fn warm(running: &Running, generator: &Path, server: &Server) -> Result<()> {
    let protocol = ["--protocol", server.protocol];
    running.load(generator, &[&["echo", "--seconds", "5"], &protocol[..]].concat())?;
    running.load(generator, &[&["echo", "--seconds", "3", "--window", "16"], &protocol[..]].concat())?;
    running.load(generator, &[&["memory", "--connections", "1000"], &protocol[..]].concat())?;
    Ok(())
}

fn load(running: &Running, generator: &Path, server: &Server, point: &Point) -> Result<Value> {
    let warmup = server.warmup.to_string();
    let mut arguments: Vec<&str> = point.load.split(' ').collect();
    if !arguments.contains(&"--protocol") {
        arguments.extend(["--protocol", server.protocol]);
    }
    arguments.extend(["--warmup", &warmup]);
    running.load(generator, &arguments)
}
