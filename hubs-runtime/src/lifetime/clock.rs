//! One coarse clock for all connections of a hub: keep-alive, time-outs and readers without progress.

use std::sync::Weak;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::LocalConnections;
use crate::connection::Intervals;

/// Ticks until the hub is dropped.
pub(super) async fn run(connections: Weak<LocalConnections>, intervals: Intervals) {
    let mut ticks = interval(intervals.tick());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(connections) = connections.upgrade() else { return };
        connections.tick(Instant::now(), &intervals);
    }
}
