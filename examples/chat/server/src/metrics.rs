//! What the hub counts, for Prometheus: at an address of its own, so that no proxy passes it on to strangers. Must not
//! know about the chat.

use std::{env, net::SocketAddr};

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

/// Upper bounds, in seconds, between which Prometheus counts how long calls take: from what no person notices to what
/// makes people leave.
const CALLS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The same for how long connections last: from a page that was closed at once to one that stays open for days.
const CONNECTIONS: [f64; 10] = [1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 172_800.0];

/// Serves the numbers at the address in `HUBS_CHAT_METRICS`, such as `127.0.0.1:9464`, where one is set. This comes before
/// the hubs are made: they look for the recorder once.
pub(crate) fn serve() -> anyhow::Result<()> {
    let Some(address) = env::var_os("HUBS_CHAT_METRICS") else { return Ok(()) };
    let address = address.to_str().and_then(|text| text.parse::<SocketAddr>().ok());
    let address = address.context("HUBS_CHAT_METRICS must be an address and a port, such as 127.0.0.1:9464")?;
    PrometheusBuilder::new()
        .with_http_listener(address)
        .set_buckets_for_metric(Matcher::Full("hubs.call.duration".into()), &CALLS)?
        .set_buckets_for_metric(Matcher::Full("signalr.server.connection.duration".into()), &CONNECTIONS)?
        .install()
        .with_context(|| format!("no metrics at {address}; set HUBS_CHAT_METRICS to another address"))
}
