//! The user's project: its packages and their configuration, and the contract in its compiled code or in git.

mod cargo;
mod compile;
mod config;
mod output;
mod revision;
mod server;
mod shim;
mod workspace;

pub use compile::contract;
pub use config::Config;
pub use revision::blessed;
pub use server::Server;
pub use workspace::{CargoOptions, Subject, Workspace};
