//! How much the uploads of one connection may hold together, so that many streams which nobody reads cost no more than
//! one. Counted in steps, so that small items cost nothing here.

use std::sync::atomic::{AtomicUsize, Ordering};

/// With so many bytes waiting in all its streams, a stream takes one item at a time.
const LIMIT: usize = 1024 * 1024;

const STEP: usize = 8 * 1024;

/// What all streams of a connection hold, in whole steps.
#[derive(Debug, Default)]
pub(super) struct Room(AtomicUsize);

/// The part of one stream.
#[derive(Debug, Default)]
pub(super) struct Share(usize);

impl Room {
    pub(super) fn is_scarce(&self) -> bool {
        self.0.load(Ordering::Acquire) >= LIMIT
    }

    /// Notes that the stream of this share holds `bytes` now. Says whether this has ended scarcity.
    pub(super) fn note(&self, share: &mut Share, bytes: usize) -> bool {
        let steps = bytes.next_multiple_of(STEP);
        let before = std::mem::replace(&mut share.0, steps);
        if steps >= before {
            if steps > before {
                self.0.fetch_add(steps - before, Ordering::AcqRel);
            }
            return false;
        }
        let freed = before - steps;
        let all = self.0.fetch_sub(freed, Ordering::AcqRel);
        all >= LIMIT && all - freed < LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scarcity_begins_and_ends_once() {
        let (room, mut one, mut other) = (Room::default(), Share::default(), Share::default());
        assert!(!room.note(&mut one, 1) && !room.is_scarce());
        assert_eq!(room.0.load(Ordering::Relaxed), STEP);
        assert!(!room.note(&mut other, LIMIT) && room.is_scarce());
        assert!(!room.note(&mut one, 0), "what is left is the limit itself");
        assert!(room.note(&mut other, LIMIT - STEP) && !room.is_scarce());
        assert!(!room.note(&mut other, 0));
        assert_eq!(room.0.load(Ordering::Relaxed), 0);
    }
}
