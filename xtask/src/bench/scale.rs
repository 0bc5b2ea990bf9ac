//! `cargo xtask bench --scale`: whether a call and a connection cost the same with many beside them, and what threads,
//! groups and tracing cost. Growth is set against the floor's own in the same run.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{
    build, counts, machine,
    running::{self, BOTH_CORES, Running, Under},
    servers::{self, Server},
    table::{aligned, judged, number, words},
};
use crate::workspace::Workspace;

/// Rounds of what is timed; the least counts.
const ROUNDS: usize = 3;
/// Connections of the fan-out, the last with the most.
const CONNECTIONS: [usize; 4] = [100, 1_000, 5_000, 9_000];

/// A server under a load, and the figure that is looked at.
struct Case {
    name: String,
    server: Server,
    load: String,
    figure: &'static str,
    cores: Option<&'static str>,
}

impl Case {
    fn new(name: &str, server: &Server, load: &str) -> Self {
        let (name, load) = (name.to_owned(), load.to_owned());
        Self { name, server: server.clone(), load, figure: "/cpu_s_per_1m", cores: None }
    }

    fn run(&self, generator: &Path) -> Result<Value> {
        let running = Running::start(&self.server, &Under { cores: self.cores, ..Under::default() })?;
        let arguments: Vec<&str> = self.load.split(' ').collect();
        let result = running.load(generator, &arguments).with_context(|| self.name.clone())?;
        running.stop()?;
        Ok(result)
    }
}

/// Everything, one part after the other.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    running::check()?;
    counts::install()?;
    build::own(workspace)?;
    let generator = servers::program(workspace, "bench-load");
    let (hubs, floor) = (servers::hubs(workspace), servers::floor(workspace));
    println!("{}\n", machine::describe());
    fan_out(&generator, &hubs, &floor)?;
    memory(&generator, &hubs, &floor)?;
    neighbours(workspace)?;
    groups(&generator, &hubs)?;
    threads(&generator, &hubs)?;
    tracing(&generator, &hubs)
}

/// The least of interleaved rounds, by case.
fn least(generator: &Path, cases: &[Case]) -> Result<Vec<f64>> {
    let mut least = vec![f64::INFINITY; cases.len()];
    for _ in 0..ROUNDS {
        for (case, least) in cases.iter().zip(&mut least) {
            let figure = case.run(generator)?.pointer(case.figure).and_then(Value::as_f64);
            *least = least.min(figure.with_context(|| format!("no {} of {}", case.figure, case.name))?);
        }
    }
    Ok(least)
}

fn show(title: &str, rows: &[Vec<String>]) {
    println!("{title}\n\n{}", aligned(rows));
}

/// CPU of a delivery, as receivers get more.
fn fan_out(generator: &Path, hubs: &Server, floor: &Server) -> Result<()> {
    let case = |server: &Server, count: usize| {
        Case::new(&format!("{} to {count}", server.name), server, &format!("broadcast --connections {count}"))
    };
    let cases: Vec<Case> =
        [hubs, floor].iter().flat_map(|server| CONNECTIONS.map(|count| case(server, count))).collect();
    let figures = least(generator, &cases)?;
    let (ours, theirs) = figures.split_at(CONNECTIONS.len());
    let mut rows = vec![words(&["receivers", "", "hubs, µs a delivery", "floor", "ratio"])];
    for ((count, ours), theirs) in CONNECTIONS.iter().zip(ours).zip(theirs) {
        rows.push(vec![count.to_string(), String::new(), number(*ours), number(*theirs), number(ours / theirs)]);
    }
    show("Fan-out, 1 outstanding", &rows);
    let growth = |figures: &[f64]| figures[3] / figures[1];
    judged("growth from 1 000 to 9 000, over the floor's", growth(ours) / growth(theirs), 1.15);
    Ok(())
}

/// Memory of a connection, and of none when all have left; twice on one server.
fn memory(generator: &Path, hubs: &Server, floor: &Server) -> Result<()> {
    let mut rows = vec![words(&[
        "connections",
        "",
        "hubs, KiB each",
        "floor",
        "hubs at start, MiB",
        "after all left",
        "after twice",
        "floor, after all left",
    ])];
    for count in CONNECTIONS {
        let load = format!("memory --connections {count}");
        let arguments: Vec<&str> = load.split(' ').collect();
        let running = Running::start(hubs, &Under::default())?;
        let first = running.load(generator, &arguments)?;
        let second = running.load(generator, &arguments)?;
        running.stop()?;
        let floor = Case::new("floor", floor, &load).run(generator)?;
        let kib = |run: &Value| number(run["bytes_called"].as_f64().unwrap_or_default() / 1024.0);
        let mib = |run: &Value, name: &str| number(run[name].as_f64().unwrap_or_default() / f64::from(1 << 20));
        rows.push(vec![
            count.to_string(),
            String::new(),
            kib(&first),
            kib(&floor),
            mib(&first, "start_bytes"),
            mib(&first, "left_bytes"),
            mib(&second, "left_bytes"),
            mib(&floor, "left_bytes"),
        ]);
    }
    show("Memory after one call, and what stays when all have left", &rows);
    Ok(())
}

/// Instructions of an echo, alone and among silent neighbours.
fn neighbours(workspace: &Workspace) -> Result<()> {
    let (alone, among) = counts::neighbours(workspace, CONNECTIONS[3])?;
    let rows = [
        words(&["echo, 1 in flight", "", "instructions"]),
        vec!["alone".to_owned(), String::new(), format!("{alone:.0}")],
        vec![format!("among {} silent ones", CONNECTIONS[3]), String::new(), format!("{among:.0}")],
    ];
    show("Neighbours", &rows);
    judged("among neighbours over alone", among / alone, 1.05);
    Ok(())
}

/// CPU of joins, leaves and texts to a group, as groups get more; and all of it while another connection broadcasts.
fn groups(generator: &Path, hubs: &Server) -> Result<()> {
    let mut rows = vec![words(&[
        "groups",
        "",
        "µs a join",
        "µs a leave",
        "µs a text to one",
        "broadcasts meanwhile",
        "their p99, ms",
    ])];
    let mut joins = Vec::new();
    for (groups, window) in [(1_000, 0), (10_000, 0), (10_000, 1)] {
        let load = format!("groups --connections 100 --groups {groups} --window {window}");
        let run = Case::new("groups", hubs, &load).run(generator)?;
        let figure = |name: &str| run[name].as_f64().unwrap_or_default();
        let delay = run.pointer("/delay_us/p99").and_then(Value::as_f64);
        joins.push(figure("cpu_us_per_join") + figure("cpu_us_per_leave"));
        rows.push(vec![
            groups.to_string(),
            String::new(),
            number(figure("cpu_us_per_join")),
            number(figure("cpu_us_per_leave")),
            number(figure("cpu_us_per_group_text")),
            run["broadcasts"].to_string(),
            delay.map_or("-".to_owned(), |delay| number(delay / 1e3)),
        ]);
    }
    show("Groups, each joined by 1 of 100 connections; CPU of everything meanwhile included", &rows);
    judged("a join and a leave of 10 000 groups over those of 1 000", joins[1] / joins[0], 1.25);
    Ok(())
}

/// What a second thread costs, on one core and on two.
fn threads(generator: &Path, hubs: &Server) -> Result<()> {
    let one = hubs.clone().with("TOKIO_WORKER_THREADS", "1");
    let two = hubs.clone().with("TOKIO_WORKER_THREADS", "2");
    let loads = ["echo --window 16", "broadcast --connections 1000 --window 16", "broadcast --connections 1000"];
    let mut rows = vec![words(&[
        "load",
        "",
        "1 thread, µs",
        "2 threads, 1 core",
        "2 threads, 2 cores (one shared with the load)",
    ])];
    for load in loads {
        let both = Case { cores: Some(BOTH_CORES), ..Case::new("2 threads, 2 cores", &two, load) };
        let figures = least(generator, &[Case::new("1 thread", &one, load), Case::new("2 threads", &two, load), both])?;
        rows.push([vec![load.to_owned(), String::new()], figures.into_iter().map(number).collect()].concat());
    }
    show("Worker threads: CPU of a unit", &rows);
    Ok(())
}

/// What tracing costs: without a subscriber, and with the usual one.
fn tracing(generator: &Path, hubs: &Server) -> Result<()> {
    let on = hubs.clone().with("TRACING", "1");
    let mut rows = vec![words(&["load", "", "no subscriber, µs", "usual subscriber, µs", "ratio"])];
    for load in ["echo --window 1", "echo --window 16", "memory --connections 3000"] {
        let figures = least(generator, &[Case::new("off", hubs, load), Case::new("on", &on, load)])?;
        rows.push(vec![
            load.to_owned(),
            String::new(),
            number(figures[0]),
            number(figures[1]),
            number(figures[1] / figures[0]),
        ]);
    }
    show("Tracing: CPU of a unit (of a connect in the last row)", &rows);
    Ok(())
}
