//! Graceful shutdown: axum's `serve` neither tells nor awaits upgraded sockets, so this does.

use std::{
    future::Future,
    sync::{Arc, Weak},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clients::HubCore,
    connection::{End, Peer},
};

/// How far apart connections are told to reconnect elsewhere, at least.
const STEP: Duration = Duration::from_millis(50);

/// What a shutdown acts on.
pub(in crate::server) struct Shutdown {
    pub(in crate::server) hubs: Vec<Arc<HubCore>>,
    /// From then on no connection is let in.
    pub(in crate::server) stopping: CancellationToken,
    /// Ends all connections.
    pub(in crate::server) ended: CancellationToken,
    pub(in crate::server) tasks: TaskTracker,
    /// Over how long the connections are ended.
    pub(in crate::server) spread: Duration,
    /// How long they may take then.
    pub(in crate::server) timeout: Duration,
}

impl Shutdown {
    pub(in crate::server) async fn on(self, signal: impl Future<Output = ()>) {
        signal.await;
        self.stopping.cancel();
        self.tasks.close();
        if !self.spread.is_zero() {
            tokio::select! {
                () = self.end_one_by_one() => {}
                () = self.tasks.wait() => {}
            }
        }
        self.ended.cancel();
        if tokio::time::timeout(self.timeout, self.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "not all connections have ended in time");
        }
        join_all(self.hubs.iter().filter_map(|hub| hub.connections.attendance()).map(|members| members.end())).await;
    }

    /// Ends the connections evenly over the time that there is.
    async fn end_one_by_one(&self) {
        let peers: Vec<Weak<Peer>> = self.hubs.iter().flat_map(|hub| hub.connections.all()).collect();
        end_evenly(&peers, self.spread, &End::Shutdown).await;
    }
}

/// Ends these connections evenly over a time, in no order.
pub(in crate::server) async fn end_evenly(peers: &[Weak<Peer>], spread: Duration, end: &End) {
    let steps = usize::try_from(spread.as_millis() / STEP.as_millis()).unwrap_or(usize::MAX);
    let steps = steps.clamp(1, peers.len().max(1));
    let begun = Instant::now();
    let mut told = 0;
    for step in 1..=steps {
        let until = peers.len() * step / steps;
        for peer in peers[told..until].iter().filter_map(Weak::upgrade) {
            peer.outbox.end(end.clone());
        }
        told = until;
        let share = spread.mul_f64(step as f64 / steps as f64);
        tokio::time::sleep_until(begun + share).await;
    }
}
