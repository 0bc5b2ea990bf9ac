//! What a hub counts: plain atomic counters that every other room may count into. Must not know any other room.

mod close_reason;
mod totals;

pub use close_reason::CloseReason;
pub(crate) use totals::Counters;
