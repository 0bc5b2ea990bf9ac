//! What a hub method sees of its caller, how one call is bound and run, and the filters around it. Must not know
//! transports or axum.

mod arguments;
mod caller;
mod context;
mod filters;
mod invoker;
mod items;
mod joining;
mod policies;
mod principal;

pub(crate) use caller::{Caller, Phase};
pub use context::HubCallerContext;
pub(crate) use filters::Filters;
pub use filters::{
    AuditAction, AuditFilter, AuditOutcome, AuditRecord, ConnectNext, DisconnectNext, HubFilter, HubInvocationContext,
    HubLifetimeContext, InvokeNext, LogFilter, TimeoutFilter,
};
pub(crate) use invoker::{HubInvoker, Invoker};
pub use items::Items;
pub use policies::{Access, Require};
pub(crate) use policies::{Decision, Policies};
pub(crate) use principal::LatestPrincipal;
pub use principal::Principal;
