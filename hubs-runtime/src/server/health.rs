//! What the probes of load balancers and orchestrators ask.

use axum::{Router, routing::get};
use http::StatusCode;
use tokio_util::sync::CancellationToken;

pub(super) fn routes<S: Clone + Send + Sync + 'static>(stopping: CancellationToken) -> Router<S> {
    let ready = move || {
        let answer = if stopping.is_cancelled() { (StatusCode::SERVICE_UNAVAILABLE, "stopping") } else { READY };
        async move { answer }
    };
    Router::new().route("/livez", get(|| async { "alive" })).route("/readyz", get(ready))
}

const READY: (StatusCode, &str) = (StatusCode::OK, "ready");
