//! The contract, and the hub that keeps it.

pub mod contract;
pub mod history;
pub mod hub;
