//! A spare byte buffer for each thread, so that connections at rest own none.

use std::{cell::Cell, thread::LocalKey};

/// Keeps one buffer between its uses. Declare it with `thread_local!`.
pub(crate) struct ThreadBuffer {
    spare: Cell<Vec<u8>>,
    /// A buffer with a larger capacity than this is freed instead of kept.
    largest: usize,
}

impl ThreadBuffer {
    /// Keeps buffers with a capacity of up to `largest` bytes.
    pub(crate) const fn new(largest: usize) -> Self {
        Self { spare: Cell::new(Vec::new()), largest }
    }

    /// Takes the thread's buffer, with the content that it was returned with. A second `take` before it is returned
    /// gets a new, empty buffer.
    pub(crate) fn take(this: &'static LocalKey<Self>) -> Vec<u8> {
        this.with(|this| this.spare.take())
    }

    /// Returns a buffer for the next use.
    pub(crate) fn put(this: &'static LocalKey<Self>, buffer: Vec<u8>) {
        this.with(|this| {
            if buffer.capacity() <= this.largest {
                this.spare.set(buffer);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static BUFFER: ThreadBuffer = const { ThreadBuffer::new(100) };
    }

    #[test]
    fn a_buffer_is_used_again_unless_it_is_too_large() {
        let mut buffer = ThreadBuffer::take(&BUFFER);
        buffer.reserve_exact(100);
        buffer.push(1);
        let place = buffer.as_ptr();
        ThreadBuffer::put(&BUFFER, buffer);
        let buffer = ThreadBuffer::take(&BUFFER);
        assert_eq!((buffer.as_ptr(), &buffer[..]), (place, &[1][..]));
        assert_eq!(ThreadBuffer::take(&BUFFER).capacity(), 0, "it is in use");
        ThreadBuffer::put(&BUFFER, Vec::with_capacity(101));
        assert_eq!(ThreadBuffer::take(&BUFFER).capacity(), 0, "it was too large to keep");
        drop(buffer);
    }
}
