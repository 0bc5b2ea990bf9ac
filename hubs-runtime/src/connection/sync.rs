//! What the hand-over between senders, session and flusher is made of. The model check compiles the same files with
//! loom's types instead of these.

pub(super) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub(super) use futures_util::task::AtomicWaker;
pub(super) use parking_lot::{Mutex, MutexGuard};
