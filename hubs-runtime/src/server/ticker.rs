//! One coarse clock for all connections of a hub: keep-alive, time-outs and readers that stand still.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::session::HubRuntime;
use crate::connection::Intervals;

/// Starts the clock of this hub, and the tasks that write for its connections, once. They end when the hub is dropped.
pub(crate) fn start(runtime: &Arc<HubRuntime>) {
    runtime.ticking.call_once(|| {
        let options = &runtime.options;
        let intervals = Intervals {
            keep_alive: options.keep_alive_interval,
            client_timeout: options.client_timeout_interval,
            send_timeout: options.transport_send_timeout,
            slow_consumer_grace: options.slow_consumer_grace,
        };
        runtime.core.lifetime.start_flushers();
        let core = Arc::downgrade(&runtime.core);
        tokio::spawn(async move {
            let mut ticks = interval(intervals.tick());
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let Some(core) = core.upgrade() else { return };
                core.lifetime.tick(Instant::now(), &intervals);
            }
        });
    });
}
