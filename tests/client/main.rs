//! The Rust client over real sockets. Every wait has a limit, and nothing sleeps.

mod aspnet;
mod calls;
mod connecting;
mod durable;
mod durable_faults;
mod durable_replicas;
mod hub;
mod matrix;
mod network;
mod nodes;
mod presence;
mod proxy;
mod reconnecting;
mod renewing;
mod resuming;
mod sockets;
mod tls;
