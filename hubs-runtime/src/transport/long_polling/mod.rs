//! Long polling: what is sent waits until a request fetches it, what is received comes from requests of its own through
//! the [`Feed`]. The session holds one end, the requests share the other. Must not know HTTP.

use std::{
    future::poll_fn,
    io,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until, timeout};

pub(crate) use self::answer::Answer;
use self::state::{Seat, State};
use super::{CloseCode, Feed, Transport, TransportError, TransportKind, wakers::wake};
use crate::ids::TransferFormat;

mod answer;
mod state;
#[cfg(test)]
mod tests;

/// The session's end.
#[derive(Debug)]
pub(crate) struct LongPolling {
    polls: Polls,
    /// A batch for which there is no room yet.
    batch: Option<Bytes>,
    sent: u64,
}

/// The end of the requests. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Polls {
    feed: Feed,
    shared: Arc<Mutex<State>>,
}

/// What a poll is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    /// What waited for it, never empty.
    Bytes(Bytes),
    /// Nothing came in time: poll again.
    Nothing,
    /// A newer poll has taken over.
    Superseded,
    /// The session has ended, and all it said has been fetched.
    Ended,
    /// The connection was given up.
    Gone,
    /// Another poll already waits to take over.
    Conflict,
}

/// Both ends of a connection whose incoming bytes come through `feed`.
pub(crate) fn open(feed: Feed) -> (LongPolling, Polls) {
    let polls = Polls { feed, shared: Arc::new(Mutex::new(State::new(Instant::now()))) };
    (LongPolling { polls: polls.clone(), batch: None, sent: 0 }, polls)
}

impl Polls {
    /// Where incoming bytes go.
    pub(crate) fn feed(&self) -> &Feed {
        &self.feed
    }

    /// One poll. If another waits it is sent away, and this one waits until it has left. Dropping the future frees the
    /// place.
    pub(crate) async fn wait(&self, limit: Duration) -> Polled {
        let (number, older) = match self.shared.lock().sit() {
            Some(seated) => seated,
            None => return Polled::Conflict,
        };
        let seat = Seat { shared: &self.shared, number };
        wake(older);
        timeout(limit, poll_fn(|cx| seat.poll(cx))).await.unwrap_or(Polled::Nothing)
    }

    /// The body of an answer with these bytes. As long as it is being read the client has not stayed away.
    pub(crate) fn answer(&self, bytes: Bytes) -> Answer {
        Answer::new(bytes, Arc::clone(&self.shared))
    }

    /// The client is done, or has stayed away too long: polls end, and the session sees the end of the stream.
    pub(crate) fn hang_up(&self) {
        let wakers = self.shared.lock().hang_up();
        wakers.into_iter().for_each(wake);
        self.feed.close();
    }

    /// Ready when no poll has been there for this long, and no byte of an answer was read.
    pub(crate) async fn abandoned(&self, limit: Duration) {
        loop {
            let idle_since = self.shared.lock().idle_since(Instant::now());
            match idle_since.checked_add(limit) {
                None => return std::future::pending().await,
                Some(deadline) if deadline <= Instant::now() => return,
                Some(deadline) => sleep_until(deadline).await,
            }
        }
    }

    /// Ready when a poll has been told that the session has ended, or the client is done.
    pub(crate) async fn told(&self) {
        poll_fn(|cx| self.shared.lock().poll_told(cx)).await;
    }
}

impl LongPolling {
    fn poll_hand_over(&mut self, cx: &Context<'_>) -> Poll<Result<(), TransportError>> {
        let Some(batch) = &self.batch else { return Poll::Ready(Ok(())) };
        let mut state = self.polls.shared.lock();
        if state.is_gone() {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::BrokenPipe).into()));
        }
        let Some(poll) = state.hold(batch, cx) else { return Poll::Pending };
        drop(state);
        self.sent += batch.len() as u64;
        self.batch = None;
        wake(poll);
        Poll::Ready(Ok(()))
    }

    fn end(&self) {
        let poll = self.polls.shared.lock().end();
        wake(poll);
        self.polls.feed.abandon();
    }
}

impl Transport for LongPolling {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        self.polls.feed.poll_next(cx, into).map(|taken| taken.map(Ok))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_hand_over(cx)
    }

    fn send(&mut self, batch: Bytes, _format: TransferFormat) -> Result<(), TransportError> {
        if self.batch.is_some() || self.polls.shared.lock().has_ended() {
            let message = "send after close, or before the last batch was flushed";
            return Err(io::Error::new(io::ErrorKind::NotConnected, message).into());
        }
        self.batch = Some(batch).filter(|batch| !batch.is_empty());
        Ok(())
    }

    /// Does not wait until the client has fetched the last message: the endpoint keeps it for the next poll.
    fn poll_close(&mut self, cx: &mut Context<'_>, _code: CloseCode) -> Poll<()> {
        if self.poll_hand_over(cx).is_ready() {
            self.end();
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Bytes count when they are handed over and again when they are written, so that reading a long answer is progress.
    fn bytes_sent(&self) -> u64 {
        self.sent + self.polls.shared.lock().bytes_left()
    }

    fn kind(&self) -> TransportKind {
        TransportKind::LongPolling
    }
}

impl Drop for LongPolling {
    fn drop(&mut self) {
        self.end();
    }
}
