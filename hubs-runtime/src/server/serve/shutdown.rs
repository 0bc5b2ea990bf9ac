//! Graceful shutdown: axum's `serve` neither tells nor awaits upgraded sockets, so this does.

use std::{future::Future, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(in crate::server) async fn shutdown_on(
    signal: impl Future<Output = ()>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    limit: Duration,
) {
    signal.await;
    shutdown.cancel();
    tasks.close();
    if tokio::time::timeout(limit, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "not all connections have ended in time");
    }
}
