//! Reads hub contracts and writes typed clients.

pub mod emit;
