//! How long a client may keep a socket busy without getting anywhere.

use std::time::Duration;

/// Time limits of one socket. The same as Kestrel's where Kestrel has them.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Limits {
    /// From the opening of the socket to the end of the client's part in the beginning of TLS.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "there is no TLS"))]
    pub(in crate::server) tls: Duration,
    /// From the opening of the socket, or from the first byte of a later request, to the end of the request's head.
    pub(in crate::server) head: Duration,
    /// From the end of one answer to the first byte of the next request.
    pub(in crate::server) idle: Duration,
    /// How long the client may read no byte of what is sent to it.
    pub(in crate::server) unread: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let half_a_minute = Duration::from_secs(30);
        Self {
            tls: Duration::from_secs(10),
            head: half_a_minute,
            idle: Duration::from_secs(130),
            unread: half_a_minute,
        }
    }
}
