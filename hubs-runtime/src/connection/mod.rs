//! One live peer after its handshake: what waits to be sent to it, what came in from it, the socket it has now, and its
//! clocks. Must not know hubs, groups or methods.

mod boundaries;
mod end;
mod flusher;
mod inbox;
mod link;
mod lossy;
#[cfg(test)]
mod model;
mod outbox;
mod peer;
mod pipe;
mod pulse;
mod queue;
mod registered;
mod resume;
pub(crate) mod scratch;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use end::End;
pub(crate) use flusher::Flusher;
pub(crate) use inbox::Inbox;
pub(crate) use lossy::PushedLossy;
pub(crate) use outbox::{Outbox, OutboxLimits, Pushed};
pub(crate) use peer::Peer;
pub(crate) use pipe::{Pipe, Received, receive};
pub(crate) use pulse::{Clocks, Due, Intervals, Seen};
pub(crate) use registered::Registered;
pub(crate) use resume::{Handover, Next, Parking, ParkingLimits, Received as ReceivedCount, ReplayLimits};
