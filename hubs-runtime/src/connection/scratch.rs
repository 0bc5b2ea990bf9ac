//! A buffer of each thread's own to encode messages in: user code runs while it is filled, so it must not be a queue.

use std::cell::RefCell;

/// What a thread keeps at most.
const KEPT: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends an empty buffer. User code may panic, or come here again: then it finds another one.
pub(crate) fn with<R>(fill: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut buffer = BUFFER.with(RefCell::take);
    buffer.clear();
    let result = fill(&mut buffer);
    if buffer.capacity() <= KEPT {
        BUFFER.with(|kept| kept.replace(buffer));
    }
    result
}
