//! Warming up, measuring and draining: what echo, broadcast and streams have in common.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use super::rounded;
use crate::{
    histogram::Delays,
    net::{Handler, Net},
    options::{Options, Protocol},
    process::{self, Process},
};

/// How long the answers to what was called last may take.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a run may take that does a number of calls; a server under callgrind is slow.
const CALLS: Duration = Duration::from_secs(300);

/// What is being counted.
#[derive(Debug)]
pub(super) struct Sheet {
    measuring: bool,
    /// Calls that may still be made.
    left: u64,
    units: u64,
    delays: Delays,
    /// Whether the server has to answer in order; and how often it did not.
    ordered: bool,
    out_of_order: u64,
}

impl Sheet {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            measuring: false,
            left: options.calls.unwrap_or(u64::MAX),
            units: 0,
            delays: Delays::new(),
            // Servers of Socket.IO run the handlers of one socket side by side, or do not.
            ordered: options.protocol != Protocol::Socketio,
            out_of_order: 0,
        }
    }

    /// Whether to make a further call, which then counts as made.
    pub(super) fn may_call(&mut self) -> bool {
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }

    pub(super) fn done(&mut self, units: u64) {
        if self.measuring {
            self.units += units;
        }
    }

    /// Counts what came out of order; a mistake where there has to be one.
    pub(super) fn order(&mut self, in_order: bool) -> Result<()> {
        self.out_of_order += u64::from(!in_order);
        ensure!(in_order || !self.ordered, "out of order");
        Ok(())
    }

    pub(super) fn delay(&mut self, nanoseconds: u64) {
        if self.measuring {
            self.delays.record(nanoseconds);
        }
    }
}

/// Something that calls, and calls again when it is answered, as long as its sheet lets it.
pub(super) trait Load: Handler {
    fn sheet(&mut self) -> &mut Sheet;

    /// How many connections it uses.
    fn connections(&self) -> usize;

    /// Makes the first calls.
    fn start(&mut self, net: &mut Net) -> Result<()>;

    /// Whether everything that was called has been answered.
    fn settled(&self) -> bool;
}

/// Opens the connections, measures, and waits for the last answers.
pub(super) fn run<L: Load>(net: &mut Net, mut load: L, options: &Options) -> Result<Value> {
    net.open(load.connections() + options.neighbours, &mut load)?;
    net.spin = options.rate > 0.0;
    load.sheet().measuring = options.calls.is_some();
    let mut before = Reading::take(net, options)?;
    load.start(net)?;
    net.flush()?;
    if options.calls.is_none() {
        net.run_for(&mut load, Duration::from_secs_f64(options.warmup))?;
        before = Reading::take(net, options)?;
        load.sheet().measuring = true;
        net.run_for(&mut load, Duration::from_secs_f64(options.seconds))?;
    } else {
        net.run_until(&mut load, CALLS, "the answer to the last call", Load::settled)?;
    }
    let after = Reading::take(net, options)?;
    load.sheet().measuring = false;
    load.sheet().left = 0;
    net.run_until(&mut load, DRAIN, "the answer to the last call", Load::settled)?;
    net.leave(&mut load)?;
    report(load.sheet(), &before, &after)
}

/// What the clocks say.
struct Reading {
    now: u64,
    server: f64,
    watched: Vec<f64>,
    user: f64,
    own: f64,
    core: f64,
}

impl Reading {
    fn take(net: &mut Net, options: &Options) -> Result<Self> {
        let server = options.pid.map(Process);
        Ok(Self {
            server: server.map_or(Ok(0.0), Process::cpu)?,
            watched: options.watch.iter().map(|id| Process(*id).cpu()).collect::<Result<_>>()?,
            user: server.map_or(Ok(0.0), Process::user)?,
            own: Process(std::process::id()).cpu()?,
            core: options.core.map_or(Ok(0.0), process::core_busy)?,
            now: net.look(),
        })
    }
}

fn report(sheet: &Sheet, before: &Reading, after: &Reading) -> Result<Value> {
    if sheet.units == 0 {
        bail!("nothing was answered while it was measured");
    }
    let seconds = (after.now - before.now) as f64 / 1e9;
    let (cpu, user) = (after.server - before.server, after.user - before.user);
    let watched: Vec<f64> = before.watched.iter().zip(&after.watched).map(|(before, after)| after - before).collect();
    let each = |spent: f64| rounded(spent * 1e6 / sheet.units as f64);
    let share = |spent: f64| rounded(spent / seconds);
    Ok(json!({
        "units": sheet.units,
        "seconds": rounded(seconds),
        "units_per_s": (sheet.units as f64 / seconds).round(),
        "cpu_s_per_1m": each(cpu),
        "watched_cpu_s_per_1m": watched.iter().copied().map(each).collect::<Vec<_>>(),
        "user_share": rounded((user / cpu.max(1e-9)).min(1.0)),
        "server_busy": share(cpu),
        "load_busy": share(after.own - before.own),
        "others_busy": share((after.core - before.core - cpu - watched.iter().sum::<f64>()).max(0.0)),
        "out_of_order": sheet.out_of_order,
        "delay_us": sheet.delays.report(),
    }))
}
