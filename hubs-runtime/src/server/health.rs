//! What the probes of load balancers and orchestrators ask.

use std::sync::Arc;

use axum::{Router, routing::get};
use http::StatusCode;
use tokio_util::sync::CancellationToken;

use super::cluster::Isolation;

/// The routes of hubs that end with `stopping`, and that refuse new clients while their node is alone.
pub(super) fn routes<S>(stopping: CancellationToken, isolations: Arc<[Isolation]>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let ready = move || {
        let answer = if stopping.is_cancelled() {
            (StatusCode::SERVICE_UNAVAILABLE, "stopping")
        } else if isolations.iter().any(Isolation::is_cut_off) {
            (StatusCode::SERVICE_UNAVAILABLE, "backplane")
        } else {
            READY
        };
        async move { answer }
    };
    Router::new().route("/livez", get(|| async { "alive" })).route("/readyz", get(ready))
}

const READY: (StatusCode, &str) = (StatusCode::OK, "ready");
