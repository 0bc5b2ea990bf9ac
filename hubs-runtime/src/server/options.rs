//! What can be set for a hub: SignalR's options under their own names, in snake case, with their own defaults.

use std::time::Duration;

use super::AllowedOrigins;
use crate::{connection::OutboxLimits, transport::TransportKind};

/// Options of one hub.
///
/// ```
/// use std::time::Duration;
///
/// let options = hubs::HubOptions::default()
///     .keep_alive_interval(Duration::from_secs(10))
///     .enable_detailed_errors(cfg!(debug_assertions));
/// assert_eq!(options.client_timeout_interval, Duration::from_secs(30));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HubOptions {
    /// How often the server pings a client. 15 s.
    pub keep_alive_interval: Duration,
    /// A client that has pinged once and then sends nothing for this long is closed. 30 s.
    pub client_timeout_interval: Duration,
    /// How long a client may take to send its handshake. 15 s.
    pub handshake_timeout: Duration,
    /// Largest hub message a client may send, in bytes, its separator included. 32 KiB; `None` sets no limit.
    pub maximum_receive_message_size: Option<usize>,
    /// How many calls of one client may run at once. 1, so that they run one after the other, in order.
    pub maximum_parallel_invocations_per_client: usize,
    /// How many calls of one client may stream at once, in either direction; they take no part in the limit above. 1000.
    /// As many may wait for an answer of a client, which take no part in it either; further calls are refused.
    pub maximum_concurrent_streams_per_client: usize,
    /// Bytes of a client's uploads that wait to be read, above which the server stops reading from that client. 2 MiB. Up
    /// to four times as much waits while a method asks its caller, whose answer may be behind them. What is sent behind
    /// uploads that fill this, a cancellation or the end of the connection, is noticed late.
    pub upload_buffer_size: usize,
    /// Items of each upload that still fit when the uploads of a client fill
    /// [`upload_buffer_size`](#structfield.upload_buffer_size), up to twice that size. 10. It is no ceiling: while there is
    /// room an upload holds more.
    pub stream_buffer_capacity: usize,
    /// Whether clients are told what went wrong inside the server. Off.
    pub enable_detailed_errors: bool,
    /// How long a client may take to answer a call of the server. 30 s; `None` waits for ever.
    pub client_result_timeout: Option<Duration>,
    /// With how many bytes waiting for a client its own results, streams and pushes to itself begin to wait. 64 KiB.
    pub transport_max_buffer_size: usize,
    /// How many bytes of a client may wait for the hub where it sends them in requests of their own; further ones wait
    /// in their request. 64 KiB. A WebSocket is read only as fast as the hub takes what comes.
    pub application_max_buffer_size: usize,
    /// Queued bytes above which a client that makes no progress for [`slow_consumer_grace`](#structfield.slow_consumer_grace)
    /// is closed as too slow. 1 MiB. One message always fits an empty queue.
    pub maximum_send_queue_size: usize,
    /// How long a client may read nothing while more than
    /// [`maximum_send_queue_size`](#structfield.maximum_send_queue_size) is queued for it. 1 s, to the accuracy of the
    /// hub's clock: a client is closed within twice that. Zero closes it as soon as that size is exceeded.
    pub slow_consumer_grace: Duration,
    /// Queued bytes above which a client is closed as too slow at once, whether it reads or not: the bound on the memory
    /// that one client can take. 16 MiB, and at least `maximum_send_queue_size`. One message always fits an empty queue.
    pub send_queue_hard_limit: usize,
    /// How long bytes may wait for one client without any progress; past that it is closed as too slow. 10 s.
    pub transport_send_timeout: Duration,
    /// How long the server waits for a client's side of the closing handshake. 5 s.
    pub close_timeout: Duration,
    /// Origins, besides the server's own host, from which a browser may connect, e.g. `https://app.example.com` or
    /// `https://*.example.com`. Under Server-Sent Events, long polling and for negotiation such a page needs a CORS layer
    /// around the routes, too: [`AllowedOrigins`] shows one. A proxy that changes the `Host` header is named by
    /// [`AllowedOrigins::trust_proxies`].
    pub allowed_origins: AllowedOrigins,
    /// The WebSocket subprotocols from which one is chosen, the best first. Empty, as it is by default: the first that
    /// the client offers.
    pub websocket_subprotocols: Vec<String>,
    /// How many negotiated connections may wait for their transport; further ones are refused with 503. 10 000.
    pub maximum_pending_connections: usize,
    /// How long a negotiated connection may wait for its transport, and how long a client that polls may stay away. 15 s.
    pub disconnect_timeout: Duration,
    /// Whether MessagePack is written and read in .NET's own form (names with a capital letter first, keys of maps that
    /// are integers, integers beyond 2^53), for .NET peers that use MessagePack. Off, so that a browser sees the same
    /// values under MessagePack as under JSON.
    pub dotnet_messagepack: bool,
    /// The names of the hub protocols that clients may speak, e.g. `json`. Empty, as it is by default: all there are.
    pub supported_protocols: Vec<String>,
    /// Whether a connection ends, and its client is told to connect again, when the authentication of its user does
    /// (`Principal::with_expiry`). A client that polls renews it with every poll. Off.
    pub close_on_authentication_expiration: bool,
    /// The lowest negotiate version a client may ask for. 0.
    pub minimum_protocol_version: u32,
    /// The transports that clients may use: WebSockets, Server-Sent Events and long polling. They are offered in this
    /// order, whatever the order here.
    pub transports: Vec<TransportKind>,
    /// How long a poll waits for something to fetch before it is answered with nothing. 90 s.
    pub long_polling_poll_timeout: Duration,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            keep_alive_interval: Duration::from_secs(15),
            client_timeout_interval: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(15),
            maximum_receive_message_size: Some(32 * 1024),
            maximum_parallel_invocations_per_client: 1,
            maximum_concurrent_streams_per_client: 1_000,
            upload_buffer_size: 2 * 1024 * 1024,
            stream_buffer_capacity: 10,
            enable_detailed_errors: false,
            client_result_timeout: Some(Duration::from_secs(30)),
            transport_max_buffer_size: 64 * 1024,
            application_max_buffer_size: 64 * 1024,
            maximum_send_queue_size: 1024 * 1024,
            slow_consumer_grace: Duration::from_secs(1),
            send_queue_hard_limit: 16 * 1024 * 1024,
            transport_send_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            allowed_origins: AllowedOrigins::default(),
            websocket_subprotocols: Vec::new(),
            maximum_pending_connections: 10_000,
            disconnect_timeout: Duration::from_secs(15),
            dotnet_messagepack: false,
            supported_protocols: Vec::new(),
            close_on_authentication_expiration: false,
            minimum_protocol_version: 0,
            transports: vec![TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling],
            long_polling_poll_timeout: Duration::from_secs(90),
        }
    }
}

macro_rules! setters {
    ($($name:ident: $type:ty),* $(,)?) => {
        impl HubOptions {
            $(
                #[doc = concat!("Sets [`HubOptions::", stringify!($name), "`](#structfield.", stringify!($name), ").")]
                #[must_use]
                pub fn $name(mut self, $name: impl Into<$type>) -> Self {
                    self.$name = $name.into();
                    self
                }
            )*
        }
    };
}

setters! {
    keep_alive_interval: Duration,
    client_timeout_interval: Duration,
    handshake_timeout: Duration,
    maximum_receive_message_size: Option<usize>,
    maximum_parallel_invocations_per_client: usize,
    maximum_concurrent_streams_per_client: usize,
    upload_buffer_size: usize,
    stream_buffer_capacity: usize,
    enable_detailed_errors: bool,
    client_result_timeout: Option<Duration>,
    transport_max_buffer_size: usize,
    application_max_buffer_size: usize,
    maximum_send_queue_size: usize,
    slow_consumer_grace: Duration,
    send_queue_hard_limit: usize,
    transport_send_timeout: Duration,
    close_timeout: Duration,
    allowed_origins: AllowedOrigins,
    websocket_subprotocols: Vec<String>,
    maximum_pending_connections: usize,
    disconnect_timeout: Duration,
    dotnet_messagepack: bool,
    supported_protocols: Vec<String>,
    close_on_authentication_expiration: bool,
    minimum_protocol_version: u32,
    transports: Vec<TransportKind>,
    long_polling_poll_timeout: Duration,
}

impl HubOptions {
    /// The limits of one connection's outgoing queue.
    pub(crate) fn outbox_limits(&self) -> OutboxLimits {
        let soft = self.maximum_send_queue_size;
        // Without a grace the soft limit is a hard one.
        let hard = if self.slow_consumer_grace.is_zero() { soft } else { self.send_queue_hard_limit.max(soft) };
        OutboxLimits { producer: self.transport_max_buffer_size, soft, hard }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hard_limit_is_never_below_the_soft_one() {
        let hard = |options: HubOptions| options.outbox_limits().hard;
        let options = HubOptions::default();
        assert_eq!(hard(options.clone()), 16 << 20);
        assert_eq!(hard(options.clone().send_queue_hard_limit(5_usize)), 1 << 20);
        assert_eq!(hard(options.clone().maximum_send_queue_size(usize::MAX)), usize::MAX);
        assert_eq!(hard(options.slow_consumer_grace(Duration::ZERO)), 1 << 20, "closed as soon as it is exceeded");
    }
}
