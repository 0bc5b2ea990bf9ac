//! A new token for a connection that lives, before the old one ends: where the server says until when it is good, and the
//! application has a token provider. A connection that is not renewed ends with its token, and is made again.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Uri;
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{ConnectError, dial::Network, error::RequestError, http::Requests, negotiate::Negotiated};
use crate::ids::TransferFormat;

/// How long before the end a new token is sent, at most. Of short tokens the last quarter.
const AHEAD: Duration = Duration::from_secs(60);
/// Less is not waited for.
const SHORTEST: Duration = Duration::from_secs(1);

/// Renews one connection.
pub(super) struct Renewal {
    network: Arc<Network>,
    requests: Requests,
    uri: Uri,
    /// How long the first token is good.
    lifetime: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    token_lifetime_seconds: Option<u64>,
}

/// Why a connection is not renewed.
enum Failed {
    /// The server or the application will not.
    ForGood(String),
    /// There was no answer.
    ForNow(String),
}

impl Renewal {
    /// For a connection that was negotiated; `None` if its server renews none, or there is no other token to be had.
    pub(super) fn of(network: &Arc<Network>, negotiated: &Negotiated) -> Option<Self> {
        let lifetime = negotiated.lifetime.filter(|_| network.token.is_some() && !negotiated.redirected)?;
        Some(Self {
            network: Arc::clone(network),
            requests: negotiated.requests.clone(),
            uri: negotiated.address.refresh(&negotiated.token),
            lifetime,
        })
    }

    /// Renews it again and again, until it has ended.
    pub(super) async fn run(self, ended: CancellationToken) {
        tokio::select! {
            () = ended.cancelled() => {}
            why = self.renew() => tracing::debug!(why, "the connection is not renewed"),
        }
    }

    async fn renew(&self) -> String {
        let mut left = self.lifetime;
        loop {
            let ends = Instant::now() + left;
            sleep(left.saturating_sub(AHEAD.min(left / 4)).max(SHORTEST)).await;
            left = match self.send().await {
                Ok(Some(lifetime)) => lifetime,
                Ok(None) => return "the new token has no end".to_owned(),
                Err(Failed::ForGood(why)) => return why,
                Err(Failed::ForNow(why)) => {
                    let left = ends.saturating_duration_since(Instant::now());
                    if left <= SHORTEST {
                        return why;
                    }
                    left
                }
            };
        }
    }

    /// Sends a new token. Returns how long it is good.
    async fn send(&self) -> Result<Option<Duration>, Failed> {
        let bearer = self.network.bearer().await.map_err(|error| Failed::ForNow(error.to_string()))?;
        let requests = Requests { bearer, ..self.requests.clone() };
        let body = requests.post(self.uri.clone(), Bytes::new(), TransferFormat::Text).await.map_err(failed)?;
        let answer: Answer = serde_json::from_slice(&body).map_err(|error| Failed::ForGood(error.to_string()))?;
        Ok(answer.token_lifetime_seconds.map(seconds))
    }
}

/// A time that a server gives, as one that every clock can hold.
pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(u32::MAX.into()))
}

fn failed(error: RequestError) -> Failed {
    let refused = matches!(error, RequestError::Status { status: 400..=499, .. });
    let text = ConnectError::to_string(&error.while_asking("refresh"));
    if refused { Failed::ForGood(text) } else { Failed::ForNow(text) }
}
