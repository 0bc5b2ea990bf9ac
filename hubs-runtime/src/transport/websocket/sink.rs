//! How a frame gets into a socket: in one piece or in two, waiting for room or not. Knows nothing of what a frame says.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{io::AsyncWrite, net::tcp::OwnedWriteHalf};

/// How a socket is written to: with a task to be woken, or at once or not at all.
pub(super) trait Sink {
    fn write_parts(&mut self, parts: &[IoSlice<'_>; 2]) -> Poll<io::Result<usize>>;

    fn write_one(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>>;

    /// Writes what is left of a frame's header, and of its payload.
    #[inline]
    fn write(&mut self, parts: &[IoSlice<'_>; 2]) -> Poll<io::Result<usize>> {
        let [head, payload] = parts;
        if head.is_empty() {
            return self.write_one(payload);
        }
        // The kernel takes one piece for a fourth less than two; a larger frame is not worth the copy.
        match head.len() + payload.len() {
            0..=128 => self.write_joined::<128>(head, payload),
            129..=512 => self.write_joined::<512>(head, payload),
            _ => self.write_parts(parts),
        }
    }

    /// Writes two pieces that fit into `N` bytes as one.
    fn write_joined<const N: usize>(&mut self, head: &[u8], payload: &[u8]) -> Poll<io::Result<usize>> {
        let mut joined = [0; N];
        let (first, rest) = joined.split_at_mut(head.len());
        first.copy_from_slice(head);
        rest[..payload.len()].copy_from_slice(payload);
        self.write_one(&joined[..head.len() + payload.len()])
    }
}

/// Wakes the task of `cx` when the socket takes more.
pub(super) struct Waiting<'a, 'b, W> {
    pub(super) io: &'a mut W,
    pub(super) cx: &'a mut Context<'b>,
}

impl<W: AsyncWrite + Unpin> Sink for Waiting<'_, '_, W> {
    fn write_parts(&mut self, parts: &[IoSlice<'_>; 2]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write_vectored(self.cx, parts)
    }

    fn write_one(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write(self.cx, bytes)
    }
}

/// Writes what fits, now.
pub(super) struct AtOnce<'a>(pub(super) &'a OwnedWriteHalf);

impl Sink for AtOnce<'_> {
    fn write_parts(&mut self, parts: &[IoSlice<'_>; 2]) -> Poll<io::Result<usize>> {
        unless_blocked(self.0.try_write_vectored(parts))
    }

    fn write_one(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        unless_blocked(self.0.try_write(bytes))
    }
}

fn unless_blocked(written: io::Result<usize>) -> Poll<io::Result<usize>> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        written => Poll::Ready(written),
    }
}
