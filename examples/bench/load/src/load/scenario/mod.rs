//! What a run does, step by step, and what it demands of the server.

mod broadcast;
mod echo;
mod fairness;
mod groups;
mod hop;
mod measure;
mod members;
mod memory;
mod negotiate;
mod stopped;
mod storm;
mod stream;
mod text;
mod upload;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{
    net::Net,
    options::{Options, Protocol, Scenario, Transport},
    process::Process,
};

/// Does what was asked for, and returns what was measured.
pub(crate) fn run(options: &Options) -> Result<Value> {
    ensure!(options.bytes >= text::SHORTEST, "a text needs {} bytes for its number", text::SHORTEST);
    let senders = if options.scenario == Scenario::Hop { usize::MAX } else { options.connections };
    ensure!((1..=senders).contains(&options.senders), "--senders are some of the --connections");
    ensure!(
        !options.stateful_reconnect || options.protocol == Protocol::Json,
        "--stateful-reconnect needs `--protocol json`"
    );
    let plain = options.protocol == Protocol::Json && !options.stateful_reconnect;
    ensure!(options.transport == Transport::Websockets || plain, "without WebSockets, texts of JSON alone are sent");
    let requests = options.transport != Transport::Websockets || options.scenario == Scenario::Negotiate;
    ensure!(!options.http2 || (requests && !options.tls), "--http2 is without WebSockets and without TLS");
    let mut net = Net::new(options)?;
    match options.scenario {
        Scenario::Echo => measure::run(&mut net, echo::Echo::new(options), options),
        Scenario::Negotiate => measure::run(&mut net, negotiate::Negotiate::new(options), options),
        Scenario::Broadcast => measure::run(&mut net, broadcast::Broadcast::new(options), options),
        Scenario::Stream => measure::run(&mut net, stream::Stream::new(options), options),
        Scenario::Upload => measure::run(&mut net, upload::Upload::new(options), options),
        Scenario::Members => measure::run(&mut net, members::Members::new(options)?, options),
        Scenario::Storm => storm::run(&mut net, options),
        Scenario::Hop => hop::run(&mut net, options),
        Scenario::Memory => memory::run(&mut net, options),
        Scenario::Groups => groups::run(&mut net, options),
        Scenario::Stopped => stopped::run(&mut net, options),
        Scenario::Fairness => fairness::run(&mut net, options),
    }
}

/// The process that is measured.
fn server(options: &Options) -> Result<Process> {
    options.pid.map(Process).context("this scenario needs --pid, the process of the server")
}

/// Three digits after the point are enough for a report.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
