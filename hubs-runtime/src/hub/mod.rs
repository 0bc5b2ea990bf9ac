//! What a hub method sees of its caller, and how one call is bound and run. Must not know transports or axum.

mod caller;
mod context;
mod invoker;
mod items;
mod joining;
mod policies;
mod principal;

pub(crate) use caller::{Caller, Phase};
pub use context::HubCallerContext;
pub(crate) use invoker::{HubInvoker, Invoker};
pub use items::Items;
pub use policies::{Access, Require};
pub(crate) use policies::{Decision, Policies};
pub(crate) use principal::LatestPrincipal;
pub use principal::Principal;
