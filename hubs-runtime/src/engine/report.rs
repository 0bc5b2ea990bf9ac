//! Why this end had to close a connection: one line in the log, a counter, and what the peer may know.

use std::{fmt, net::SocketAddr, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::{Engine, Role};
use crate::{connection::End, counters::CloseReason, ids::ConnectionId};

/// How many lines are written in a second. The rest is counted.
const LINES_A_SECOND: u32 = 10;

/// What the peer may know of the reason, whether detailed errors are on or not.
pub(super) fn for_the_peer(reason: CloseReason) -> Option<&'static str> {
    match reason {
        CloseReason::TooLarge => Some("too large"),
        CloseReason::TooSlow => Some("too slow"),
        CloseReason::TimedOut => Some("timed out"),
        _ => None,
    }
}

/// The options of a hub that matter.
fn options(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::TooLarge => "maximum_receive_message_size",
        CloseReason::TooSlow => "maximum_send_queue_size, slow_consumer_grace, transport_send_timeout",
        CloseReason::TimedOut => "client_timeout_interval",
        CloseReason::Handshake => "handshake_timeout, supported_protocols",
        _ => "none",
    }
}

/// Counts the end of a connection, and reports one that this end had to close.
pub(super) fn closed<R: Role>(engine: &Engine<R>, end: &End) {
    let (role, reason) = (&engine.role, end.reason());
    role.count_closed(reason);
    if let End::Failed(error) = end {
        role.reports().warn(&engine.peer.id, role.address(), reason, error);
    }
}

/// Writes the lines of one hub or client.
#[derive(Debug, Default)]
pub(crate) struct Reports(Mutex<Lines>);

impl Reports {
    /// Reports a connection that is closed or refused.
    pub(crate) fn warn(
        &self,
        connection: &ConnectionId,
        address: Option<SocketAddr>,
        reason: CloseReason,
        error: impl fmt::Display,
    ) {
        let Some(left_out) = self.0.lock().next(Instant::now()) else { return };
        let (peer, options) = (address.map(tracing::field::display), options(reason));
        tracing::warn!(%connection, peer, %reason, %error, options, left_out, "connection closed");
    }
}

/// Counts the lines of the current second.
#[derive(Debug, Default)]
struct Lines {
    since: Option<Instant>,
    written: u32,
    left_out: u32,
}

impl Lines {
    /// Whether one more line may be written, and how many were left out before it.
    fn next(&mut self, now: Instant) -> Option<u32> {
        if self.since.is_none_or(|since| now.duration_since(since) >= Duration::from_secs(1)) {
            self.since = Some(now);
            self.written = 0;
        }
        if self.written == LINES_A_SECOND {
            self.left_out += 1;
            return None;
        }
        self.written += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_leaves_few_lines_and_says_how_many_are_missing() {
        let start = Instant::now();
        let mut lines = Lines::default();
        let written = (0..1_000).filter(|_| lines.next(start).is_some()).count();
        assert_eq!(written, 10);
        assert_eq!(lines.next(start + Duration::from_secs(1)), Some(990));
        assert_eq!(lines.next(start + Duration::from_secs(1)), Some(0));
    }
}
