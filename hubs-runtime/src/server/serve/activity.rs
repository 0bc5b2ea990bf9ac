//! What one socket is doing: how many requests are being answered, and since when there is none.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::limits::Limits;

/// Shared by a socket, which enforces the limits, and its requests. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Activity {
    state: Arc<Mutex<State>>,
    /// Cancelled when an HTTP/2 connection has been idle for too long: it is told, unlike one of HTTP/1.
    pub(super) idle: CancellationToken,
}

#[derive(Debug)]
struct State {
    /// Requests whose answer has not been handed to the socket.
    open: usize,
    /// Whether a head has come.
    has_asked: bool,
    /// Since when a head is being read. `None`: its first byte has not come.
    head_since: Option<Instant>,
    idle_since: Instant,
    /// Reads the socket. To be woken when no request is open any more: then its time runs.
    reader: Option<Waker>,
    /// The socket no longer speaks HTTP.
    upgraded: bool,
}

/// Keeps its request open.
#[derive(Debug)]
pub(super) struct Open(Activity);

impl Activity {
    /// The head of the first request is expected at once.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let state =
            State { open: 0, has_asked: false, head_since: Some(now), idle_since: now, reader: None, upgraded: false };
        Self { state: Arc::new(Mutex::new(state)), idle: CancellationToken::new() }
    }

    /// A request's head has come.
    pub(super) fn begin(&self) -> Open {
        let mut state = self.state.lock();
        state.open += 1;
        state.has_asked = true;
        state.head_since = None;
        Open(self.clone())
    }

    /// Bytes have come.
    pub(super) fn received(&self) {
        let mut state = self.state.lock();
        if state.open == 0 && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
        }
    }

    pub(super) fn upgraded(&self) {
        self.state.lock().upgraded = true;
    }

    pub(super) fn has_asked(&self) -> bool {
        self.state.lock().has_asked
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.state.lock().upgraded
    }

    /// When the socket has to be closed if nothing happens. An HTTP/2 connection sends more than heads, so that after
    /// its first request only the time between requests counts.
    /// While requests are open there is none, and the task is woken at their end.
    pub(super) fn deadline(&self, cx: &Context<'_>, limits: &Limits, is_http2: bool) -> Option<Instant> {
        let mut state = self.state.lock();
        if state.upgraded {
            return None;
        }
        if state.open > 0 {
            if !state.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
                state.reader = Some(cx.waker().clone());
            }
            return None;
        }
        let since = state.head_since.filter(|_| !(is_http2 && state.has_asked));
        let (since, limit) = since.map_or((state.idle_since, limits.idle), |since| (since, limits.head));
        since.checked_add(limit)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let reader = {
            let mut state = self.0.state.lock();
            state.open -= 1;
            state.idle_since = Instant::now();
            if state.open == 0 { state.reader.take() } else { None }
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

/// The body of an answer. Its request is open until all of it has been handed to the socket.
#[derive(Debug)]
pub(super) struct OpenBody {
    pub(super) body: Body,
    #[expect(dead_code, reason = "dropped with the body")]
    pub(super) open: Open,
}

impl HttpBody for OpenBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
