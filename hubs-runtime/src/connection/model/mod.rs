//! The hand-over between senders, session and flusher, tried in every order of their steps (with loom). The files of
//! this room are compiled a second time here, with loom's types instead of the real ones.
//!
//! Orders are bounded by how often a running thread is interrupted. A plain test run allows so few interruptions that it
//! takes seconds, and still finds every mistake that was tried. `HUBS_SOAK=1` allows one more and takes minutes.

#![expect(clippy::duplicate_mod, reason = "the same files with other types")]
#![expect(dead_code, reason = "the model uses a part of them")]

mod orders;
mod parts;
mod sync;

#[path = "../flusher.rs"]
mod flusher;
#[path = "../link.rs"]
mod link;
#[path = "../lossy.rs"]
mod lossy;
#[path = "../outbox.rs"]
mod outbox;
#[path = "../peer.rs"]
mod peer;
#[path = "../pipe.rs"]
mod pipe;

use flusher::Flusher;
use lossy::PushedLossy;
use outbox::{Outbox, OutboxLimits, Pushed};
use peer::Peer;
use pipe::Pipe;

use super::{Clocks, Due, End, Inbox, Intervals, Registered, Seen, queue, resume, scratch};
