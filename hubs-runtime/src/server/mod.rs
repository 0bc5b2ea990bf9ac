//! The accepting end: hubs as axum routes.

mod options;
mod session;

pub use options::HubOptions;
