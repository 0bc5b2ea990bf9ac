//! Why a connection was closed, as a hub counts it.

use std::fmt;

/// Why a connection was closed or refused. [`HubMetrics::closes`](crate::HubMetrics::closes) counts by it.
///
/// ```
/// use hubs::CloseReason;
///
/// assert_eq!(CloseReason::TooLarge.as_str(), "too_large");
/// assert!(CloseReason::ALL.contains(&CloseReason::TimedOut));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client closed the connection, or its transport ended.
    ClosedByClient,
    /// The application called `abort`.
    Aborted,
    /// The server is shutting down.
    Shutdown,
    /// The user's authentication expired.
    AuthenticationExpired,
    /// `on_connected` returned an error.
    Rejected,
    /// A message was larger than `maximum_receive_message_size`.
    TooLarge,
    /// The client sent something that is not the hub protocol.
    ProtocolError,
    /// The client read too slowly.
    TooSlow,
    /// The client sent nothing within `client_timeout_interval`.
    TimedOut,
    /// The handshake was invalid or did not come in time.
    Handshake,
    /// The `Origin` of the request is not allowed.
    RefusedOrigin,
    /// A client sent before it had opened its transport, and too many others had, too.
    TooManyPending,
    /// The hub had as many connections as `maximum_connections` allows.
    TooManyConnections,
    /// The user had as many as `maximum_connections_per_user` allows.
    TooManyOfUser,
    /// The address had as many as `maximum_connections_per_address` allows.
    TooManyFromAddress,
    /// The process used as much memory as `maximum_memory` allows.
    LowMemory,
    /// The node did not reach the others of its cluster, and `backplane_policy` says to refuse or close meanwhile.
    BackplaneLost,
    /// A request was refused: for the connection of another user, with a head or a body too large, or too slow.
    RefusedRequest,
    /// A request was refused because it had no user, or one whom the hub's `#[authorize]` does not let in.
    Unauthorized,
    /// The options of the hub are invalid, so that it refuses every connection.
    InvalidOptions,
    /// Something panicked outside of a call.
    ServerError,
}

impl CloseReason {
    /// All reasons, for code that exports every counter.
    pub const ALL: [Self; 21] = [
        Self::ClosedByClient,
        Self::Aborted,
        Self::Shutdown,
        Self::AuthenticationExpired,
        Self::Rejected,
        Self::TooLarge,
        Self::ProtocolError,
        Self::TooSlow,
        Self::TimedOut,
        Self::Handshake,
        Self::RefusedOrigin,
        Self::TooManyPending,
        Self::TooManyConnections,
        Self::TooManyOfUser,
        Self::TooManyFromAddress,
        Self::LowMemory,
        Self::BackplaneLost,
        Self::RefusedRequest,
        Self::Unauthorized,
        Self::InvalidOptions,
        Self::ServerError,
    ];

    /// The reason in snake case, as a label for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClosedByClient => "closed_by_client",
            Self::Aborted => "aborted",
            Self::Shutdown => "shutdown",
            Self::AuthenticationExpired => "authentication_expired",
            Self::Rejected => "rejected",
            Self::TooLarge => "too_large",
            Self::ProtocolError => "protocol_error",
            Self::TooSlow => "too_slow",
            Self::TimedOut => "timed_out",
            Self::Handshake => "handshake",
            Self::RefusedOrigin => "refused_origin",
            Self::TooManyPending => "too_many_pending",
            Self::TooManyConnections => "too_many_connections",
            Self::TooManyOfUser => "too_many_of_user",
            Self::TooManyFromAddress => "too_many_from_address",
            Self::LowMemory => "low_memory",
            Self::BackplaneLost => "backplane_lost",
            Self::RefusedRequest => "refused_request",
            Self::Unauthorized => "unauthorized",
            Self::InvalidOptions => "invalid_options",
            Self::ServerError => "server_error",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
