//! The accepting end: hubs as axum routes.

mod answer;
mod endpoint;
#[cfg(test)]
mod endpoint_tests;
mod options;
mod origin;
mod pending;
mod query;
mod upgrade;

pub use options::HubOptions;
