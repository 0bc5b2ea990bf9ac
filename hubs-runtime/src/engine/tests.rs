//! Both ends of the engine, seen by a peer that speaks raw messages. Time is paused; every wait has a limit of one second.

mod both_ends;
mod ending;
mod messages;
mod raw;
mod streams;
mod waiting;
