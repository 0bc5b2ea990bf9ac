//! Serving without the application's own `axum::serve`: the listener, its time limits, signals, and graceful shutdown.

mod accepting;
mod activity;
mod frames;
mod hubs;
mod limits;
mod listen;
mod log;
mod routes;
pub(super) mod run;
mod shutdown;
mod signals;
mod socket;
#[cfg(feature = "tls")]
mod tls;

pub(super) use limits::Limits;
pub(super) use shutdown::{Shutdown, end_evenly};
pub use signals::stop_signal;
pub(super) use socket::LimitedSocket;
#[cfg(feature = "tls")]
pub use tls::TlsCertificate;
