//! Rounds: every server afresh in each, one after the other, in an order that is rotated, so that what the machine does
//! meanwhile hits all alike.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use serde_json::Value;

use super::{
    points::Point,
    results::{Record, Results},
    running::{Running, Under},
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
                one(generator, server, &wanted, round, &mut results)?;
            }
        }
    }
    Ok(results)
}

/// All points of a server in one round. Points that take their figures from the same run share it.
fn one(generator: &Path, server: &Server, points: &[&Point], round: usize, results: &mut Results) -> Result<()> {
    let mut running = Running::start(server, &Under::default())?;
    if server.warmup > 0.5 {
        running.load(generator, &["echo", "--seconds", "2", "--protocol", server.protocol])?;
        running.load(generator, &["memory", "--connections", "500", "--protocol", server.protocol])?;
    }
    let mut runs: BTreeMap<&str, Result<Value, String>> = BTreeMap::new();
    for point in points {
        if !runs.contains_key(point.load) {
            if point.once {
                running.stop()?;
                running = Running::start(server, &Under::default())?;
            }
            let run = load(&running, generator, server, point).map_err(|error| format!("{error:#}"));
            runs.insert(point.load, run);
        }
        let run = runs[point.load].clone();
        if let Err(error) = &run {
            println!("  {}: {error}", point.name);
        }
        results.add(Record { round, server: server.name, point: point.name, run });
    }
    running.stop()
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
