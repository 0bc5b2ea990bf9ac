//! The accepting end: hubs as axum routes.

mod options;

pub use options::HubOptions;
