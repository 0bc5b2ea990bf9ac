//! A limit for every wait of a test.

use std::{future::Future, time::Duration};

const LIMIT: Duration = Duration::from_secs(120);

/// Waits for `future`, for two minutes at most of tokio's time: with paused time a test that hangs fails at once.
///
/// # Panics
///
/// If the time is over.
pub async fn with_default_timeout<F: Future>(future: F) -> F::Output {
    let done = tokio::time::timeout(LIMIT, future).await;
    done.unwrap_or_else(|_| panic!("nothing happened within {LIMIT:?}"))
}
