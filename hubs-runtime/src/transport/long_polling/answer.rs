//! The body of the answer to one poll, handed to the HTTP server a little at a time: a client that is still reading is
//! there, and one that reads nothing is not.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::state::State;
use crate::transport::wakers::wake;

/// How much of the answer the server gets at once, ...
const PORTION: usize = 48 * 1024;
/// ... and how much at most may be unwritten when it gets more.
const MAX_UNWRITTEN: usize = 48 * 1024;

/// What waited for a poll, as a body whose length is known.
#[derive(Debug)]
pub(crate) struct Answer {
    rest: Bytes,
    polls: Arc<Mutex<State>>,
}

/// A part of the answer. Dropped when it has been written, or when the socket is lost.
struct Portion {
    bytes: Bytes,
    polls: Arc<Mutex<State>>,
}

impl Answer {
    pub(super) fn new(bytes: Bytes, polls: Arc<Mutex<State>>) -> Self {
        Self { rest: bytes, polls }
    }

    /// How many bytes are still to be handed over.
    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }
}

impl Stream for Answer {
    /// An error makes the server drop the socket.
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let polls = Arc::clone(&self.polls);
        let mut state = polls.lock();
        if state.is_gone() {
            self.rest = Bytes::new();
            let text = "the client does not read its answer";
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, text))));
        }
        let size = self.rest.len().min(PORTION);
        if !state.begin_leaving(size, MAX_UNWRITTEN, cx) {
            return Poll::Pending;
        }
        drop(state);
        let bytes = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Bytes::from_owner(Portion { bytes, polls }))))
    }
}

impl AsRef<[u8]> for Portion {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Portion {
    fn drop(&mut self) {
        let wakers = self.polls.lock().left(self.bytes.len(), Instant::now());
        wakers.into_iter().for_each(wake);
    }
}
