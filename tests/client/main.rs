//! The Rust client over real sockets. Every wait has a limit, and nothing sleeps.

mod calls;
mod connecting;
mod hub;
mod matrix;
#[expect(dead_code, reason = "tests of reconnects come next")]
mod network;
mod tls;
