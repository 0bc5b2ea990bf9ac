//! Who is where: in memory, behind one lock that is never held over an await.
//!
//! Must not know how pages are told: it sends nothing. A task that wants to send changes waits for [`Rooms::changes`].

mod room;
mod shared;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use shared::Rooms;
pub(crate) use state::{Changes, Departure};
