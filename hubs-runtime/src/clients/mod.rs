//! Choosing whom to call: [`Clients`], [`Groups`] and [`HubContext`]. Must not know hub methods or axum.

mod choose;
mod context;
mod core;
mod groups;
mod guarded;
#[cfg(feature = "server")]
mod nodes;
mod outlet;
#[cfg(feature = "server")]
mod presence;

pub use choose::{CallerClients, Clients};
pub use context::HubContext;
pub(crate) use core::{HubCore, HubParts};
pub use groups::Groups;
pub(crate) use guarded::{Condition, GuardedGroups};
pub(crate) use outlet::Asking;
#[cfg(feature = "server")]
pub use presence::Presence;
