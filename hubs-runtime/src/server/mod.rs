//! The accepting end: hubs as axum routes. The only room that knows axum.

mod accept;
mod auth;
mod cluster;
mod endpoint;
mod feed;
mod filtering;
mod gate;
mod health;
mod http;
mod hubs;
mod keys;
mod mapped;
mod metrics;
mod options;
mod origins;
mod process;
mod serve;
mod session;
#[cfg(test)]
mod tests;

#[cfg(feature = "cookies")]
pub use auth::SessionCookies;
#[cfg(feature = "jwt")]
pub use auth::{JwtAlgorithm, JwtBearer, JwtError, JwtKeyError};
pub use cluster::BackplanePolicy;
pub use feed::FeedReader;
pub use hubs::Hubs;
pub use keys::SigningKeys;
pub use metrics::HubMetrics;
pub use options::HubOptions;
pub use origins::AllowedOrigins;
#[cfg(feature = "tls")]
pub use serve::TlsCertificate;
pub use serve::stop_signal;

#[cfg(feature = "testing")]
pub(crate) use accept::serve_in_process;
