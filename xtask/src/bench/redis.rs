//! `cargo xtask bench --redis`: what a text costs whose receivers are on another node, beside one that stays on its node,
//! and what one more node costs. Owns the clusters that are measured, and the limit of the delay. All nodes and Redis share
//! one core; the load has the other.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    build, machine,
    running::{self, Running, Under},
    servers,
    table::{aligned, judged, number, words},
};
use crate::{apt, process, workspace::Workspace};

/// The program that connects the nodes; its Debian package has the same name.
const REDIS: &str = "redis-server";
/// How many receivers each node has.
const RECEIVERS: [&str; 2] = ["1", "50"];
/// One text on its way, and as many as the servers can work on.
const SINGLE: &str = "--senders 1 --window 1";
const FULL: &str = "--senders 64 --window 256";
/// How long a text to a receiver on another node may take, half of the time, in µs.
const HOP: f64 = 1_000.0;

/// A cluster. The senders are on its first node, the receivers on all others; if it has one node, on that.
struct Setup {
    name: &'static str,
    nodes: usize,
    redis: bool,
}

const LOCAL: Setup = Setup { name: "one node, no backplane", nodes: 1, redis: false };
const ONE: Setup = Setup { name: "one node, Redis", nodes: 1, redis: true };
const TWO: Setup = Setup { name: "from node to node", nodes: 2, redis: true };
const THREE: Setup = Setup { name: "from node to two nodes", nodes: 3, redis: true };
const SETUPS: [Setup; 4] = [LOCAL, ONE, TWO, THREE];

/// Every round of one load on one setup.
struct Row {
    setup: &'static Setup,
    receivers: &'static str,
    load: &'static str,
    rounds: Vec<Value>,
}

impl Row {
    fn figures(&self, place: &str) -> impl Iterator<Item = f64> {
        self.rounds.iter().filter_map(move |round| round.pointer(place)?.as_f64())
    }

    fn least(&self, place: &str) -> Option<f64> {
        self.figures(place).min_by(f64::total_cmp)
    }

    fn most(&self, place: &str) -> Option<f64> {
        self.figures(place).max_by(f64::total_cmp)
    }

    /// CPU of Redis, and that of a node with receivers, for each delivery, in µs.
    fn redis(&self) -> Option<f64> {
        self.least("/watched_cpu_s_per_1m/0")
    }

    fn receiving(&self) -> Option<f64> {
        self.least("/watched_cpu_s_per_1m/1")
    }

    /// How many deliveries a second a core allows that does nothing else, by what all processes used in the best round.
    fn allowed(&self) -> Option<f64> {
        let used = |round: &Value| {
            let watched = round["watched_cpu_s_per_1m"].as_array()?.iter().filter_map(Value::as_f64);
            Some(round["cpu_s_per_1m"].as_f64()? + watched.sum::<f64>())
        };
        Some(1e6 / self.rounds.iter().filter_map(used).min_by(f64::total_cmp)?)
    }

    /// How many deliveries a text is.
    fn deliveries(&self) -> f64 {
        let nodes = self.setup.nodes.saturating_sub(1).max(1) as f64;
        self.receivers.parse::<f64>().unwrap_or_default() * nodes
    }
}

/// Builds, measures in interleaved rounds, and prints.
pub(crate) fn run(workspace: &Workspace, rounds: usize) -> Result<()> {
    running::check()?;
    let installed = || process::succeeds(REDIS, &["--version"]);
    ensure!(
        installed() || (apt::install(&[REDIS])? && installed()),
        "nothing connects the nodes: install {REDIS} (Debian: `apt-get install {REDIS}`), then run this again"
    );
    build::own(workspace)?;
    let generator = servers::program(workspace, "bench-load");
    let mut rows: Vec<Row> = Vec::new();
    for load in [SINGLE, FULL] {
        for receivers in RECEIVERS {
            rows.extend(SETUPS.iter().map(|setup| Row { setup, receivers, load, rounds: Vec::new() }));
        }
    }
    for round in 0..rounds {
        for setup in &SETUPS {
            println!("round {} of {rounds}: {}", round + 1, setup.name);
            let cluster = Cluster::start(workspace, setup)?;
            for row in rows.iter_mut().filter(|row| row.setup.name == setup.name) {
                row.rounds.push(cluster.measure(&generator, row)?);
            }
            cluster.stop()?;
        }
    }
    print(&rows);
    Ok(())
}

/// The processes of a setup.
struct Cluster {
    redis: Option<Running>,
    nodes: Vec<Running>,
}

impl Cluster {
    fn start(workspace: &Workspace, setup: &Setup) -> Result<Self> {
        let redis = setup.redis.then(|| Running::start(&servers::redis(), &Under::default())).transpose()?;
        let url = redis.as_ref().map(|redis| format!("redis://127.0.0.1:{}", redis.port()));
        let environment: Vec<(&str, &str)> = url.iter().map(|url| ("REDIS", url.as_str())).collect();
        let under = Under { environment: &environment, ..Under::default() };
        let nodes = (0..setup.nodes).map(|_| Running::start(&servers::hubs(workspace), &under));
        Ok(Self { redis, nodes: nodes.collect::<Result<_>>()? })
    }

    fn measure(&self, generator: &Path, row: &Row) -> Result<Value> {
        let load = format!("hop {} --connections {}", row.load, row.receivers);
        let mut arguments: Vec<String> = load.split(' ').map(str::to_owned).collect();
        let (first, others) = self.nodes.split_first().context("a cluster has a node")?;
        arguments.extend(others.iter().flat_map(|node| ["--to".to_owned(), node.port().to_string()]));
        let watched = self.redis.iter().chain(others);
        arguments.extend(watched.flat_map(|process| ["--watch".to_owned(), process.pid()]));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        first.load(generator, &arguments).with_context(|| row.setup.name)
    }

    fn stop(self) -> Result<()> {
        self.nodes.into_iter().chain(self.redis).try_for_each(Running::stop)
    }
}

fn print(rows: &[Row]) {
    println!("\n{}\n", machine::describe());
    for (title, load) in [("One text on its way", SINGLE), ("256 texts on their way, of 64 senders", FULL)] {
        println!("{title}; CPU in µs for each delivery\n\n{}", aligned(&figures(rows, load)));
    }
    println!("One more node, CPU in µs for each text\n\n{}", aligned(&one_more(rows)));
    for row in rows.iter().filter(|row| row.load == SINGLE && row.setup.name == TWO.name) {
        let name = format!("p50 from node to node, receivers: {}, in µs", row.receivers);
        judged(&name, row.least("/delay_us/p50").unwrap_or(f64::INFINITY), HOP);
    }
}

fn cell(figure: Option<f64>) -> String {
    figure.map_or("-".to_owned(), number)
}

/// The delay of single texts, or how many deliveries a second are possible; and what each costs.
fn figures(rows: &[Row], load: &str) -> Vec<Vec<String>> {
    let names = if load == SINGLE { ["p50, µs", "p99"] } else { ["deliveries/s", "a free core allows"] };
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.0} %", share * 100.0));
    let costs = ["sender's node", "a receiver's node", "Redis", "load's core busy", "others on the first"];
    let mut table = vec![words(&[&["cluster", "receivers"], &names[..], &costs].concat())];
    for row in rows.iter().filter(|row| row.load == load) {
        let best = if load == SINGLE {
            [row.least("/delay_us/p50"), row.least("/delay_us/p99")]
        } else {
            [row.most("/units_per_s"), row.allowed()]
        };
        let cpu = [row.least("/cpu_s_per_1m"), row.receiving(), row.redis()];
        let mut cells = vec![row.setup.name.to_owned(), format!("{:.0}", row.deliveries())];
        cells.extend(best.into_iter().chain(cpu).map(cell));
        cells.extend([row.most("/load_busy"), row.least("/others_busy")].map(percent));
        table.push(cells);
    }
    table
}

/// What the third node costs: its own CPU, and what Redis needs more.
fn one_more(rows: &[Row]) -> Vec<Vec<String>> {
    let mut table = vec![words(&["texts", "receivers on it", "the node", "Redis", "the sender's node"])];
    for two in rows.iter().filter(|row| row.setup.name == TWO.name) {
        let is_three =
            |row: &&Row| row.setup.name == THREE.name && (row.load, row.receivers) == (two.load, two.receivers);
        let Some(three) = rows.iter().find(is_three) else { continue };
        let more = |figure: fn(&Row) -> Option<f64>| {
            Some(figure(three)? * three.deliveries() - figure(two)? * two.deliveries())
        };
        table.push(vec![
            if two.load == SINGLE { "one on its way" } else { "256 on their way" }.to_owned(),
            two.receivers.to_owned(),
            cell(three.least("/watched_cpu_s_per_1m/2").map(|cpu| cpu * three.deliveries())),
            cell(more(Row::redis)),
            cell(more(|row| row.least("/cpu_s_per_1m"))),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{FULL, Row, SETUPS, one_more};

    #[test]
    fn one_more_node_costs_the_difference_for_each_text() {
        let row = |nodes: usize, sender, watched: &[f64]| Row {
            setup: SETUPS.iter().find(|setup| setup.nodes == nodes && setup.redis).expect("there is one"),
            receivers: "50",
            load: FULL,
            rounds: vec![json!({ "cpu_s_per_1m": sender, "watched_cpu_s_per_1m": watched })],
        };
        // Two nodes deliver a text 50 times, three 100 times.
        let table = one_more(&[row(2, 0.4, &[0.06, 0.5]), row(3, 0.25, &[0.04, 0.25, 0.3])]);
        assert_eq!(table[1][2..], ["30.00", "1.00", "5.00"]);
    }
}
