//! What a connection with stateful reconnect keeps, so that another socket can go on where the last one broke off: the
//! messages that its peer has not acknowledged, how many messages came in, and the place where the next socket arrives.

mod handover;
mod parking;
mod received;
mod replay;

pub(crate) use handover::{Handover, Next};
pub(crate) use parking::{Parked, Parking, ParkingLimits};
pub(crate) use received::Received;
pub(crate) use replay::{BATCH_LIMIT, COPY_LIMIT, NotSent, Replay, ReplayLimits};
