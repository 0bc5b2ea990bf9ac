#![doc = include_str!("docs/crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "server"),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "a contract crate needs neither end, and so only a part of each room"
    )
)]

// The macros name this crate by `::hubs`, also in its own tests and examples.
extern crate self as hubs;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "server")]
pub mod backplane;
mod call;
#[cfg(feature = "client")]
pub mod client;
mod clients;
mod connection;
pub mod contract;
mod counters;
mod engine;
mod export;
mod hub;
mod ids;
mod invocation;
mod lifetime;
#[doc(hidden)]
pub mod protocol;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(any(feature = "client-tls", feature = "jwks", feature = "redis-tls"))]
mod tls;
mod transport;

pub use call::{
    Addressing, Answers, CallError, HubInterface, HubOutput, HubParam, HubStream, Interface, Many, NoClient,
    NoClientProxy, PresenceMeta, Returned, ShowsPresence, Single, UploadStream,
};
#[cfg(feature = "server")]
pub use clients::Presence;
pub use clients::{CallerClients, Clients, Groups, HubContext};
pub use contract::HubType;
#[cfg(feature = "server")]
pub use counters::{BackplaneMessages, CloseReason, DurableMessages, LostMessages};
pub use export::export_contract_if_requested;
pub use hub::{
    Access, AuditAction, AuditFilter, AuditOutcome, AuditRecord, ConnectNext, DisconnectNext, HubCallerContext,
    HubFilter, HubInvocationContext, HubLifetimeContext, InvokeNext, Items, LogFilter, Principal, Require,
    TimeoutFilter,
};
#[doc = include_str!("docs/client_interface.md")]
pub use hubs_macros::client_interface;
#[doc = include_str!("docs/hub.md")]
pub use hubs_macros::hub;
#[doc = include_str!("docs/hub_type.md")]
pub use hubs_macros::hub_type;
pub use ids::{
    Bytes, ConnectionId, DisconnectError, GroupName, HubError, HubResult, Present, RateLimit, StreamError, Text,
    TextValue, UserId,
};
pub use invocation::{InvokeError, SendError};
pub use protocol::Headers;
#[cfg(feature = "cookies")]
pub use server::SessionCookies;
#[cfg(feature = "tls")]
pub use server::TlsCertificate;
#[cfg(feature = "server")]
pub use server::{AllowedOrigins, BackplanePolicy, FeedReader, HubMetrics, HubOptions, Hubs, SigningKeys, stop_signal};
#[cfg(feature = "jwt")]
pub use server::{JwtAlgorithm, JwtBearer, JwtError, JwtKeyError};
pub use transport::TransportKind;

/// The examples of the crate's page, and of the guides in the repository's `docs`.
#[cfg(all(doctest, feature = "testing"))]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../../docs/hubs.md")]
    struct Hubs;
    #[doc = include_str!("../../docs/clients.md")]
    struct Clients;
    #[doc = include_str!("../../docs/streams.md")]
    struct Streams;
    #[doc = include_str!("../../docs/rust-client.md")]
    struct RustClient;
    #[cfg(all(feature = "jwt", feature = "cookies"))]
    #[doc = include_str!("../../docs/authentication.md")]
    struct Authentication;
    #[doc = include_str!("../../docs/authorization.md")]
    struct Authorization;
    #[doc = include_str!("../../docs/feed.md")]
    struct Feed;
    #[cfg(feature = "garde")]
    #[doc = include_str!("../../docs/filters.md")]
    struct Filters;
    #[doc = include_str!("../../docs/testing.md")]
    struct Testing;
    #[doc = include_str!("../../docs/delivery.md")]
    struct Delivery;
    #[doc = include_str!("../../docs/presence.md")]
    struct Presence;
    #[doc = include_str!("../../docs/reconnect.md")]
    struct Reconnect;
    #[doc = include_str!("../../docs/scale-out.md")]
    struct ScaleOut;
    #[cfg(feature = "tls")]
    #[doc = include_str!("../../docs/deploy.md")]
    struct Deploy;
}
