//! How much the uploads of one connection may hold together. Counted in steps, so that small items cost nothing here.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::Context,
};

use futures_util::task::AtomicWaker;

use crate::connection::Registered;

const STEP: usize = 8 * 1024;

/// What all streams of a connection hold, in whole steps, and the session that waits for them to be read.
#[derive(Debug)]
pub(super) struct Room {
    held: AtomicUsize,
    limit: usize,
    waiting: AtomicBool,
    session: AtomicWaker,
}

/// The part of one stream.
#[derive(Debug, Default)]
pub(super) struct Share(usize);

impl Room {
    pub(super) fn new(limit: usize) -> Self {
        Self { held: AtomicUsize::new(0), limit, waiting: AtomicBool::new(false), session: AtomicWaker::new() }
    }

    /// How many bytes fit before `times` the limit is reached.
    pub(super) fn left(&self, times: usize) -> usize {
        self.limit.saturating_mul(times).saturating_sub(self.held.load(Ordering::SeqCst))
    }

    /// Registers the session to be woken when a stream holds less. What was read before this call does not wake it:
    /// look again.
    pub(super) fn register(&self, cx: &Context<'_>) -> Registered {
        self.session.register(cx.waker());
        self.waiting.store(true, Ordering::SeqCst);
        Registered::stored()
    }

    /// Notes that the stream of this share holds `bytes` now.
    pub(super) fn note(&self, share: &mut Share, bytes: usize) {
        let steps = bytes.next_multiple_of(STEP);
        let before = std::mem::replace(&mut share.0, steps);
        if steps > before {
            self.held.fetch_add(steps - before, Ordering::SeqCst);
        } else if steps < before {
            self.held.fetch_sub(before - steps, Ordering::SeqCst);
            if self.waiting.load(Ordering::SeqCst) && self.waiting.swap(false, Ordering::SeqCst) {
                self.session.wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        task::{Wake, Waker},
    };

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }

    #[test]
    fn the_session_is_woken_when_a_stream_holds_less() {
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        let (room, mut one, mut other) = (Room::new(2 * STEP), Share::default(), Share::default());
        room.note(&mut one, 1);
        assert_eq!(room.left(1), STEP);
        room.note(&mut other, 5 * STEP);
        assert_eq!((room.left(1), room.left(4)), (0, 2 * STEP));
        let _waits = room.register(&Context::from_waker(&waker));
        room.note(&mut other, 6 * STEP);
        assert!(!woken.0.load(Ordering::Acquire));
        room.note(&mut one, 0);
        assert!(woken.0.load(Ordering::Acquire));
        room.note(&mut other, 0);
        assert_eq!(room.left(1), 2 * STEP);
    }
}
