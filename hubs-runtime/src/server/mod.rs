//! The accepting end: hubs as axum routes. The only room that knows axum.

mod accept;
mod answer;
mod endpoint;
#[cfg(test)]
mod endpoint_tests;
mod hubs;
mod listen;
mod metrics;
mod options;
mod origin;
mod pending;
mod query;
mod request;
mod run;
mod session;
mod shutdown;
mod ticker;
mod upgrade;

pub use hubs::Hubs;
pub use metrics::HubMetrics;
pub use options::HubOptions;

#[cfg(feature = "testing")]
pub(crate) use accept::serve_in_process;
