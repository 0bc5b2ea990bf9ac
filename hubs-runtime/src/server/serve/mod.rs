//! Serving without the application's own `axum::serve`: the listener, its time limits, signals, and graceful shutdown.

mod listen;
mod run;
mod shutdown;

#[cfg(test)]
pub(super) use listen::Patience;
pub(super) use run::run;
#[cfg(test)]
pub(super) use run::serve;
pub(super) use shutdown::shutdown_on;
