//! What is refused, for the operator: one line of the log for each reason and second, with the client's address and the
//! setting that decides.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::extract::ConnectInfo;
use http::{HeaderName, header, request::Parts};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::counters::{CloseReason, Counters};

/// How often one reason is written.
const INTERVAL: Duration = Duration::from_secs(1);

/// Why a request is refused, where a setting or the client's conduct is the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Reason {
    Origin,
    TooManyPending,
    OtherUser,
    LargeHead,
    LargeBody,
    SlowBody,
    UnfinishedUpgrade,
    TooManyConnections,
    TooManyOfUser,
    TooManyFromAddress,
    LowMemory,
    BackplaneLost,
}

const REASONS: usize = 12;

impl Reason {
    fn text(self) -> &'static str {
        match self {
            Self::Origin => "pages of this origin may not connect",
            Self::TooManyPending => "too many clients have sent before they opened their transport",
            Self::OtherUser => "the connection belongs to another user",
            Self::LargeHead => "the head of the request is larger than 32 KiB",
            Self::LargeBody => "the body is far larger than a message may be",
            Self::SlowBody => "the body came too slowly",
            Self::UnfinishedUpgrade => "the upgrade to a WebSocket was not completed in time",
            Self::TooManyConnections => "the hub has as many connections as it may",
            Self::TooManyOfUser => "the user has as many connections as it may",
            Self::LowMemory => "the process uses as much memory as it may",
            Self::BackplaneLost => "the other nodes of the cluster are not reached",
            Self::TooManyFromAddress => {
                "the address has as many connections as it may; a proxy is named in AllowedOrigins::trust_proxies"
            }
        }
    }

    fn counted_as(self) -> CloseReason {
        match self {
            Self::Origin => CloseReason::RefusedOrigin,
            Self::TooManyPending => CloseReason::TooManyPending,
            Self::UnfinishedUpgrade => CloseReason::Handshake,
            Self::TooManyConnections => CloseReason::TooManyConnections,
            Self::TooManyOfUser => CloseReason::TooManyOfUser,
            Self::TooManyFromAddress => CloseReason::TooManyFromAddress,
            Self::LowMemory => CloseReason::LowMemory,
            Self::BackplaneLost => CloseReason::BackplaneLost,
            Self::OtherUser | Self::LargeHead | Self::LargeBody | Self::SlowBody => CloseReason::RefusedRequest,
        }
    }

    fn setting(self) -> Option<&'static str> {
        match self {
            Self::Origin => Some("HubOptions::allowed_origins"),
            Self::TooManyPending => Some("HubOptions::maximum_pending_connections"),
            Self::LargeBody => Some("HubOptions::maximum_receive_message_size"),
            Self::UnfinishedUpgrade => Some("HubOptions::handshake_timeout"),
            Self::OtherUser => Some("Hubs::user_id_provider"),
            Self::TooManyConnections => Some("HubOptions::maximum_connections"),
            Self::TooManyOfUser => Some("HubOptions::maximum_connections_per_user"),
            Self::TooManyFromAddress => Some("HubOptions::maximum_connections_per_address"),
            Self::LowMemory => Some("HubOptions::maximum_memory"),
            Self::BackplaneLost => Some("HubOptions::backplane_policy"),
            Self::LargeHead | Self::SlowBody => None,
        }
    }
}

/// The refusals of one hub.
#[derive(Debug)]
pub(in crate::server) struct Refused {
    counters: Arc<Counters>,
    lines: [Mutex<Line>; REASONS],
}

/// The log of one reason.
#[derive(Debug, Default)]
struct Line {
    written: Option<Instant>,
    /// Refusals since then.
    left_out: u64,
}

impl Refused {
    pub(in crate::server) fn new(counters: Arc<Counters>) -> Self {
        Self { counters, lines: Default::default() }
    }

    /// Counts a refusal that was logged elsewhere.
    pub(super) fn count(&self, reason: CloseReason) {
        self.counters.closed(reason);
    }

    /// Counts this refusal, and writes it to the log unless another was just written.
    pub(in crate::server) fn note(&self, reason: Reason, request: &Parts) {
        self.counters.closed(reason.counted_as());
        let Some(left_out) = self.due(reason) else { return };
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address);
        let header = |name: HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok());
        tracing::warn!(
            reason = reason.text(),
            setting = reason.setting(),
            peer = peer.map(tracing::field::display),
            origin = header(header::ORIGIN),
            host = header(header::HOST),
            path = request.uri.path(),
            left_out,
            "a request was refused"
        );
    }

    /// How many were left out since the last line, if it is time for the next.
    fn due(&self, reason: Reason) -> Option<u64> {
        let mut line = self.lines[reason as usize].lock();
        let now = Instant::now();
        if line.written.is_some_and(|written| now.duration_since(written) < INTERVAL) {
            line.left_out += 1;
            return None;
        }
        line.written = Some(now);
        Some(std::mem::take(&mut line.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_reason_is_written_once_a_second() {
        let refused = Refused::new(Arc::default());
        assert_eq!(refused.due(Reason::Origin), Some(0));
        for _ in 0..5 {
            assert_eq!(refused.due(Reason::Origin), None);
        }
        assert_eq!(refused.due(Reason::UnfinishedUpgrade), Some(0));
        tokio::time::advance(INTERVAL).await;
        assert_eq!(refused.due(Reason::Origin), Some(5));
    }
}
