//! Who is where: in memory, behind one lock that is never held over an await. People of other nodes are in it as far as
//! those have told: [`crate::nodes`].
//!
//! Must not know how pages and nodes are told: it sends nothing. A task that wants to send waits for [`Rooms::changes`].

mod person;
mod shared;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use person::Person;
pub(crate) use shared::Rooms;
pub(crate) use state::Changes;
