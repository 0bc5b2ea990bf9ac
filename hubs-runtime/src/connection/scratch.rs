//! A buffer of each thread to encode messages in. User code runs while it is filled, so it must not be a queue under a
//! lock.

use crate::ids::ThreadBuffer;

/// A buffer with a larger capacity is not kept.
const KEPT: usize = 64 * 1024;

thread_local! {
    static BUFFER: ThreadBuffer = const { ThreadBuffer::new(KEPT) };
}

/// Runs `fill` with an empty buffer. `fill` may panic, or come here again: the inner call then gets another buffer.
pub(crate) fn with<R>(fill: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut buffer = ThreadBuffer::take(&BUFFER);
    buffer.clear();
    let result = fill(&mut buffer);
    ThreadBuffer::put(&BUFFER, buffer);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_is_empty_each_time_and_used_again() {
        let place = with(|buffer| {
            buffer.extend_from_slice(b"first");
            with(|inner| {
                assert!(inner.is_empty());
                inner.push(1);
            });
            assert_eq!(&buffer[..], b"first", "an inner use has a buffer of its own");
            buffer.as_ptr()
        });
        with(|buffer| assert_eq!((buffer.len(), buffer.as_ptr()), (0, place)));
        with(|buffer| buffer.reserve(KEPT + 1));
        with(|buffer| assert!(buffer.capacity() <= KEPT));
    }
}
