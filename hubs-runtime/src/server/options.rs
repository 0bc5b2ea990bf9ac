//! The options of a hub: SignalR's under their own names, in snake case, with their own defaults.

mod derived;

use std::time::Duration;

pub(super) use self::derived::LONGEST;
use super::{AllowedOrigins, BackplanePolicy, SigningKeys, process};
use crate::{ids::RateLimit, transport::TransportKind};

/// Options of one hub: for all hubs with [`Hubs::options`](crate::Hubs::options), for one with
/// [`Hubs::map_with`](crate::Hubs::map_with).
///
/// Names and defaults are those of SignalR, where it has the option. Each option is a public field and a method that sets
/// it. Needs feature `server`, which is on by default.
///
/// ```
/// use std::time::Duration;
///
/// use hubs::{HubOptions, TransportKind};
///
/// let options = HubOptions::default()
///     .keep_alive_interval(Duration::from_secs(10))
///     .maximum_parallel_invocations_per_client(4)
///     .maximum_receive_message_size(128 * 1024) // `None` sets no limit
///     .allowed_origins(["https://app.example"])
///     .transports([TransportKind::WebSockets, TransportKind::LongPolling])
///     .enable_detailed_errors(cfg!(debug_assertions));
/// assert_eq!(options.client_timeout_interval, Duration::from_secs(30));
/// ```
///
/// Times that no clock can hold are cut to 30 years. A hub whose options let no client in, such as one without transports
/// or with a protocol that this build does not have, logs an error when it is mapped and refuses every connection; other
/// hubs are not affected.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HubOptions {
    /// How often the server pings a client. 15 s.
    pub keep_alive_interval: Duration,
    /// A client that has pinged once and then sends nothing for this long, and up to a second more, is closed. 30 s.
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
    /// Whether error texts sent to clients contain details of the server, such as the text of any error that a method
    /// returned. Off. Never switch it on in production.
    pub enable_detailed_errors: bool,
    /// How long a client may take to answer a call of the server. 30 s; `None` waits without a limit.
    pub client_result_timeout: Option<Duration>,
    /// The name of the hub in its cluster, which all nodes must give it. `None`, as it is by default: the name under which it
    /// is mapped. Beside nodes of ASP.NET Core it is the full name of the hub's class, such as `Acme.Chat.ChatHub`.
    pub backplane_name: Option<String>,
    /// How long another node may take to add one of its connections to a group, or to remove it. 30 s.
    pub backplane_command_timeout: Duration,
    /// Queued bytes above which the connection's own producers pause: its results, its streams, and what its methods send
    /// to their caller. 64 KiB. Sends [with back-pressure](crate::Clients::with_backpressure) pause there too.
    pub transport_max_buffer_size: usize,
    /// Received bytes that may wait for the hub, under Server-Sent Events and long polling, where each message of a client
    /// comes in a request of its own. Further requests wait. 64 KiB. A WebSocket is read only as fast as the hub handles
    /// its messages.
    pub application_max_buffer_size: usize,
    /// Queued bytes above which a client that makes no progress for [`slow_consumer_grace`](#structfield.slow_consumer_grace)
    /// is closed as too slow. 1 MiB. One message always fits an empty queue.
    pub maximum_send_queue_size: usize,
    /// How long a client may read nothing while more than
    /// [`maximum_send_queue_size`](#structfield.maximum_send_queue_size) is queued for it. 1 s, to the accuracy of the
    /// hub's clock: a client is closed within one and a half times that. Zero closes it as soon as that size is exceeded.
    pub slow_consumer_grace: Duration,
    /// Queued bytes above which a client is closed as too slow at once, whether it reads or not: the bound on the memory
    /// that one client can take. 16 MiB, and at least `maximum_send_queue_size`. One message always fits an empty queue.
    pub send_queue_hard_limit: usize,
    /// How long bytes may be queued for a client without any of them leaving, before it is closed as too slow. 10 s.
    pub transport_send_timeout: Duration,
    /// How long the server waits for a client's side of the closing handshake. 5 s.
    /// After a client has left, calls that wait for their turn and an `on_connected` that still runs hold up the end of the
    /// connection for as long; then the calls run on without it, and the hook is dropped.
    pub close_timeout: Duration,
    /// Origins, besides the server's own host, from which a browser may connect, e.g. `https://app.example.com` or
    /// `https://*.example.com`. Under Server-Sent Events, long polling and for negotiation such a page needs a CORS layer
    /// around the routes, too: [`AllowedOrigins`] shows one. A proxy that changes the `Host` header is named by
    /// [`AllowedOrigins::trust_proxies`].
    pub allowed_origins: AllowedOrigins,
    /// The WebSocket subprotocols from which one is chosen, the best first. Empty, as it is by default: the first that
    /// the client offers.
    pub websocket_subprotocols: Vec<String>,
    /// The keys that sign the tokens of connections. Several processes that share them accept each other's tokens; a token
    /// can be used once in each. `None`, as it is by default: a random key for each route of each process.
    pub token_keys: Option<SigningKeys>,
    /// How many clients may have sent something before they opened their transport; further ones are refused with 503.
    /// Negotiation itself keeps nothing and has no limit. 10 000.
    pub maximum_pending_connections: usize,
    /// How many connections the hub has at most, those that have not shaken hands included. Further ones are refused with
    /// 503 when they negotiate or open their transport. 100 000, or fewer where the process may open fewer files when the
    /// options are made: a tenth of them, and at least 64, is left for the rest. `None` sets no limit. What one connection
    /// may take is limited by the options above and below: with this many it is more than most machines have, so set it to
    /// what yours can bear.
    pub maximum_connections: Option<usize>,
    /// Bytes of resident memory of the process (`VmRSS` in `/proc/self/status`, read ten times a second at most) from which
    /// on no connection is let in: they are refused with 503 when they negotiate or open their transport. Open connections
    /// are served. By default nine tenths of the memory that the process's control group may use, as in a container with a
    /// limit, and otherwise `None`: no limit. Other processes of the group are not seen, and on other systems than Linux
    /// nothing is read.
    pub maximum_memory: Option<usize>,
    /// How many connections one user has at most. Further ones are refused with 429. 1000; `None` sets no limit.
    /// Connections without a user are not counted by it.
    pub maximum_connections_per_user: Option<usize>,
    /// How many connections come from one address at most; a network of IPv6 with 64 bits is one address. Further ones are
    /// refused with 429. 5000; `None` sets no limit. Behind a proxy name it in [`AllowedOrigins::trust_proxies`]: otherwise
    /// all connections come from the proxy's address. Counts where the address of the peer is known: under
    /// [`Hubs::run`](crate::Hubs::run), [`Hubs::serve`](crate::Hubs::serve), and [`axum::serve()`] with
    /// `Router::into_make_service_with_connect_info::<SocketAddr>`.
    pub maximum_connections_per_address: Option<usize>,
    /// Whether [`maximum_connections_per_address`](#structfield.maximum_connections_per_address) is also meant for the
    /// addresses of the machine itself, such as `127.0.0.1`. Off, for tests, load generators and a proxy beside the server.
    pub limit_loopback: bool,
    /// How often one connection may call, all methods together; further calls are refused with an error. `None`, as it is by
    /// default: as often as it likes. `#[method(rate = "10/s")]` limits a single method.
    pub call_rate_limit: Option<RateLimit>,
    /// How many groups one connection may be in. [`Groups::add`](crate::Groups::add) fails for more. 1000.
    pub maximum_groups_per_connection: usize,
    /// How long the name of a group may be, in bytes. [`Groups::add`](crate::Groups::add) fails for a longer one. 1024.
    pub maximum_group_name_length: usize,
    /// How long the names may be that a client chooses for its calls and streams, and the name of a method that it calls, in
    /// bytes. A client that sends a longer one is closed. 1024.
    pub maximum_name_length: usize,
    /// What the hub does while the other nodes of its cluster are lost, where it has a
    /// [`Hubs::backplane`](crate::Hubs::backplane). It keeps serving.
    pub backplane_policy: BackplanePolicy,
    /// How long a negotiated connection may wait for its transport, and how long a client that polls may stay away. 15 s.
    pub disconnect_timeout: Duration,
    /// Whether MessagePack is written and read in .NET's own form (names with a capital letter first, keys of maps that
    /// are integers, integers beyond 2^53), for .NET peers that use MessagePack. Off, so that a browser sees the same
    /// values under MessagePack as under JSON.
    pub dotnet_messagepack: bool,
    /// The names of the hub protocols that clients may speak, e.g. `json`. Empty, as it is by default: all there are.
    pub supported_protocols: Vec<String>,
    /// Whether a connection ends, and its client is told to connect again, when the authentication of its user does
    /// (`Principal::with_expiry`). A client that polls renews it with every poll. On: a user without an expiry stays.
    pub close_on_authentication_expiration: bool,
    /// Whether a client may renew the authentication of its connection with `POST {hub}/refresh`, as .NET 11 defines it, and
    /// is told for how long it is good. Off.
    pub authentication_refresh: bool,
    /// The lowest negotiate version a client may ask for. 0.
    pub minimum_protocol_version: u32,
    /// The transports that clients may use: WebSockets, Server-Sent Events and long polling. They are offered in this
    /// order, whatever the order here.
    pub transports: Vec<TransportKind>,
    /// How long a poll waits for something to fetch before it is answered with nothing. 90 s.
    pub long_polling_poll_timeout: Duration,
    /// Whether a connection over WebSockets survives the loss of its socket, if its client asks for it: the client opens
    /// another one, and each side sends again what the other has not received. Groups, calls and what is sent meanwhile
    /// stay. Off.
    pub stateful_reconnect: bool,
    /// How long such a connection waits for its client after its socket was lost. 15 s.
    pub stateful_reconnect_timeout: Duration,
    /// How many bytes of messages that a client has not acknowledged are kept for it. When they are more, further messages
    /// wait for an acknowledgement; a client that sends none for 5 s is closed. 100 000, as the official clients keep
    /// themselves. They acknowledge once a second, so that a client gets about this much in a second. While a client is
    /// away, [`maximum_send_queue_size`](#structfield.maximum_send_queue_size) is the limit for what is kept for it.
    pub stateful_reconnect_buffer_size: usize,
    /// How many messages that a client has not acknowledged are kept for it, whatever their size. 10 000.
    pub stateful_reconnect_buffer_messages: usize,
    /// How many connections may wait for their client at once. The one that has waited longest is closed to make room for
    /// another. 10 000.
    pub maximum_parked_connections: usize,
    /// How many bytes may be kept for all connections that wait for their client. The one that has waited longest is closed
    /// when they are more. 64 MiB.
    pub maximum_parked_bytes: usize,
    /// How long a stream of a method with `#[method(resumable)]` is kept for a client that has lost its connection, or has
    /// been sent the end. The stream goes on meanwhile, up to what may be kept. 30 s.
    pub resumable_stream_timeout: Duration,
    /// How many items of such a stream are kept: those that were sent last, and those that wait for the client. 1000.
    pub resumable_stream_items: usize,
    /// How many bytes of such a stream are kept. One item is kept whatever its size. 256 KiB.
    pub resumable_stream_buffer_size: usize,
    /// How many such streams of a hub are kept. 10 000. Above it the one that has waited longest for its client is dropped for
    /// a new one; a new one is not kept if none waits.
    pub maximum_resumable_streams: usize,
    /// How many events of a feed ([`Hubs::feed`](crate::Hubs::feed)) are kept for readers that come back. 1000.
    pub feed_history_events: usize,
    /// Bytes of a feed's events that are kept, and at most half of
    /// [`send_queue_hard_limit`](#structfield.send_queue_hard_limit). 1 MiB.
    pub feed_history_size: usize,
    /// How many messages the log of a group or user keeps, of methods with `#[method(durable)]`. 1000.
    pub durable_log_entries: usize,
    /// How many bytes of them, in all protocols of the hub. The newest message is kept whatever its size. 1 MiB.
    pub durable_log_size: usize,
    /// How long each of them is kept. An hour.
    pub durable_log_age: Duration,
    /// How long a message may take to be recorded in its log; meanwhile it is tried again. 5 s.
    pub durable_publish_timeout: Duration,
    /// How long a member of a group is shown after its last connection has ended. One that is back by then has not left, on
    /// whichever node. 3 s.
    pub presence_leave_delay: Duration,
    /// Up to how many members those who watch a group are told who is in it. Above it they are told how many there are, at
    /// most once a second. 200.
    pub presence_list_limit: usize,
    /// How large what one member shows may be, in bytes of JSON. 1 KiB.
    pub presence_member_size: usize,
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
            backplane_name: None,
            backplane_command_timeout: Duration::from_secs(30),
            transport_max_buffer_size: 64 * 1024,
            application_max_buffer_size: 64 * 1024,
            maximum_send_queue_size: 1024 * 1024,
            slow_consumer_grace: Duration::from_secs(1),
            send_queue_hard_limit: 16 * 1024 * 1024,
            transport_send_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            allowed_origins: AllowedOrigins::default(),
            websocket_subprotocols: Vec::new(),
            token_keys: None,
            maximum_pending_connections: 10_000,
            maximum_connections: Some(process::connections().map_or(100_000, |most| most.min(100_000))),
            maximum_memory: process::memory(),
            maximum_connections_per_user: Some(1_000),
            maximum_connections_per_address: Some(5_000),
            limit_loopback: false,
            call_rate_limit: None,
            maximum_groups_per_connection: 1_000,
            maximum_group_name_length: 1024,
            maximum_name_length: 1024,
            backplane_policy: BackplanePolicy::default(),
            disconnect_timeout: Duration::from_secs(15),
            dotnet_messagepack: false,
            supported_protocols: Vec::new(),
            close_on_authentication_expiration: true,
            authentication_refresh: false,
            minimum_protocol_version: 0,
            transports: vec![TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling],
            long_polling_poll_timeout: Duration::from_secs(90),
            stateful_reconnect: false,
            stateful_reconnect_timeout: Duration::from_secs(15),
            stateful_reconnect_buffer_size: 100_000,
            stateful_reconnect_buffer_messages: 10_000,
            maximum_parked_connections: 10_000,
            maximum_parked_bytes: 64 * 1024 * 1024,
            resumable_stream_timeout: Duration::from_secs(30),
            resumable_stream_items: 1000,
            resumable_stream_buffer_size: 256 * 1024,
            maximum_resumable_streams: 10_000,
            feed_history_events: 1000,
            feed_history_size: 1024 * 1024,
            durable_log_entries: 1000,
            durable_log_size: 1024 * 1024,
            durable_log_age: Duration::from_secs(60 * 60),
            durable_publish_timeout: Duration::from_secs(5),
            presence_leave_delay: Duration::from_secs(3),
            presence_list_limit: 200,
            presence_member_size: 1024,
        }
    }
}

macro_rules! setters {
    ($($name:ident: $taken:ty => $set:expr),* $(,)?) => {
        impl HubOptions {
            $(
                #[doc = concat!("Sets [`HubOptions::", stringify!($name), "`](#structfield.", stringify!($name), ").")]
                #[must_use]
                pub fn $name(mut self, $name: $taken) -> Self {
                    self.$name = $set($name);
                    self
                }
            )*
        }
    };
}

setters! {
    keep_alive_interval: Duration => same,
    client_timeout_interval: Duration => same,
    handshake_timeout: Duration => same,
    maximum_receive_message_size: impl Into<Option<usize>> => Into::into,
    maximum_parallel_invocations_per_client: usize => same,
    maximum_concurrent_streams_per_client: usize => same,
    upload_buffer_size: usize => same,
    stream_buffer_capacity: usize => same,
    enable_detailed_errors: bool => same,
    client_result_timeout: impl Into<Option<Duration>> => Into::into,
    backplane_name: impl Into<String> => some_text,
    backplane_command_timeout: Duration => same,
    transport_max_buffer_size: usize => same,
    application_max_buffer_size: usize => same,
    maximum_send_queue_size: usize => same,
    slow_consumer_grace: Duration => same,
    send_queue_hard_limit: usize => same,
    transport_send_timeout: Duration => same,
    close_timeout: Duration => same,
    allowed_origins: impl Into<AllowedOrigins> => Into::into,
    websocket_subprotocols: impl IntoIterator<Item = impl Into<String>> => texts,
    token_keys: impl Into<Option<SigningKeys>> => Into::into,
    maximum_pending_connections: usize => same,
    maximum_connections: impl Into<Option<usize>> => Into::into,
    maximum_memory: impl Into<Option<usize>> => Into::into,
    maximum_connections_per_user: impl Into<Option<usize>> => Into::into,
    maximum_connections_per_address: impl Into<Option<usize>> => Into::into,
    limit_loopback: bool => same,
    call_rate_limit: impl Into<Option<RateLimit>> => Into::into,
    maximum_groups_per_connection: usize => same,
    maximum_group_name_length: usize => same,
    maximum_name_length: usize => same,
    backplane_policy: BackplanePolicy => same,
    disconnect_timeout: Duration => same,
    dotnet_messagepack: bool => same,
    supported_protocols: impl IntoIterator<Item = impl Into<String>> => texts,
    close_on_authentication_expiration: bool => same,
    authentication_refresh: bool => same,
    minimum_protocol_version: u32 => same,
    transports: impl IntoIterator<Item = TransportKind> => Vec::from_iter,
    long_polling_poll_timeout: Duration => same,
    stateful_reconnect: bool => same,
    stateful_reconnect_timeout: Duration => same,
    stateful_reconnect_buffer_size: usize => same,
    stateful_reconnect_buffer_messages: usize => same,
    maximum_parked_connections: usize => same,
    maximum_parked_bytes: usize => same,
    resumable_stream_timeout: Duration => same,
    resumable_stream_items: usize => same,
    resumable_stream_buffer_size: usize => same,
    maximum_resumable_streams: usize => same,
    feed_history_events: usize => same,
    feed_history_size: usize => same,
    durable_log_entries: usize => same,
    durable_log_size: usize => same,
    durable_log_age: Duration => same,
    durable_publish_timeout: Duration => same,
    presence_leave_delay: Duration => same,
    presence_list_limit: usize => same,
    presence_member_size: usize => same,
}

fn same<T>(value: T) -> T {
    value
}

fn some_text(text: impl Into<String>) -> Option<String> {
    Some(text.into())
}

fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
