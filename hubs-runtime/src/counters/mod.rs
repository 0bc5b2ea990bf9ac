//! What a hub counts: plain atomic counters that every other room may count into. Must not know any other room.

mod close_reason;
mod lost;
mod totals;

pub use close_reason::CloseReason;
pub use lost::LostMessages;
pub(crate) use totals::Counters;
