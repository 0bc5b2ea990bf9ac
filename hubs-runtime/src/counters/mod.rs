//! What a hub counts: plain atomic counters that every other room may count into, and the same for the `metrics` facade,
//! where that feature is on. Must not know any other room.

mod backplane_messages;
mod close_reason;
mod durable_messages;
#[cfg(feature = "metrics")]
mod exported;
#[cfg(not(feature = "metrics"))]
#[path = "not_exported.rs"]
mod exported;
mod lost;
mod outcome;
mod totals;

pub use backplane_messages::BackplaneMessages;
pub use close_reason::CloseReason;
pub use durable_messages::DurableMessages;
pub(crate) use exported::{Begun, CallMeter, HubMeter, NodeMeter, SAMPLES, accept_failed};
pub use lost::LostMessages;
pub(crate) use outcome::CallOutcome;
pub(crate) use totals::Counters;
