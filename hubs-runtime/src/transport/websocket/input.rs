//! What was read from a socket and is not yet understood. Knows nothing of frames.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, ReadBuf};

use crate::ids::ThreadBuffer;

/// How much is read from the socket at once.
const READ_SIZE: usize = 16 * 1024;

thread_local! {
    /// Used by a socket while it reads, so that a connection which waits for its peer has no buffer.
    static BUFFER: ThreadBuffer = const { ThreadBuffer::new(READ_SIZE) };
}

#[derive(Debug)]
pub(super) struct Input {
    /// The thread's buffer, or one of just the size of what is kept.
    bytes: Vec<u8>,
    /// Before this all is understood.
    at: usize,
    /// After this nothing was read.
    end: usize,
}

impl Input {
    /// Starts with what was read from the socket already.
    pub(super) fn new(leftover: &[u8]) -> Self {
        Self { bytes: leftover.to_vec(), at: 0, end: leftover.len() }
    }

    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.at..self.end]
    }

    /// The next `count` bytes are understood.
    pub(super) fn consume(&mut self, count: usize) {
        self.at += count;
    }

    /// Forgets the rest.
    pub(super) fn discard(&mut self) {
        self.at = self.end;
    }

    /// Reads once from the socket. To be called when what is left is the beginning of something small; 0 is the end.
    pub(super) fn poll_fill<R: AsyncRead + Unpin>(
        &mut self,
        io: &mut R,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.settle();
        let mut buffer = ThreadBuffer::take(&BUFFER);
        buffer.resize(READ_SIZE, 0);
        let kept = self.rest().len();
        buffer[..kept].copy_from_slice(self.rest());
        let mut read = ReadBuf::new(&mut buffer[kept..]);
        let polled = Pin::new(io).poll_read(cx, &mut read);
        let count = read.filled().len();
        if count == 0 {
            ThreadBuffer::put(&BUFFER, buffer);
        } else {
            *self = Self { bytes: buffer, at: 0, end: kept + count };
        }
        polled.map_ok(|()| count)
    }

    /// Returns the thread's buffer, and keeps only the rest.
    pub(super) fn settle(&mut self) {
        if self.bytes.len() == READ_SIZE {
            let rest = Self::new(self.rest());
            ThreadBuffer::put(&BUFFER, std::mem::replace(self, rest).bytes);
        }
    }
}
