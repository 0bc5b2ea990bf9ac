//! Reads hub contracts out of compiled crates and keeps the files made from them up to date. `cargo hubs` is the
//! command line over this library.

pub mod compat;
mod document;
pub mod emit;
mod error;
pub mod explain;
mod generate;
pub mod new;
mod paths;
mod progress;
mod project;
mod store;
pub mod style;
pub mod testing;

pub use document::read;
pub use error::Error;
pub use generate::{Checked, Generated, Target, check, check_from, generate, generate_from, list};
pub use progress::Progress;
pub use project::{CargoOptions, Config, Server, Subject, Workspace, blessed, contract};
pub use store::{Difference, Plan};
