//! Server-Sent Events: what is sent becomes events of one response that never ends, what is received comes from requests
//! of its own through the [`Feed`]. Text only. Must not know HTTP.
//!
//! The HTTP server is given a little of the response at a time; a portion is dropped when it has been written. So the
//! server always asks for more, also where the client does not read, and can be told to drop the socket.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::Stream;
use memchr::memchr2;
use parking_lot::Mutex;

use super::{
    CloseCode, Feed, Transport, TransportError, TransportKind,
    wakers::{remember, wake},
};
use crate::ids::TransferFormat;

/// A comment, so that the client sees at once that the response has begun.
const OPENING: Bytes = Bytes::from_static(b":\r\n");

/// How much of an event the response gets at once, ...
const PORTION: usize = 48 * 1024;
/// ... and how much at most may be unwritten when it gets more. HTTP servers hold back a few hundred KiB,
/// ours 128.
const MAX_UNWRITTEN: usize = 48 * 1024;

/// The session's end.
#[derive(Debug)]
pub(crate) struct ServerSentEvents {
    feed: Feed,
    shared: Arc<Mutex<State>>,
}

/// The bytes of the response. Dropping them before their end is like losing the socket.
#[derive(Debug)]
pub(crate) struct EventStream {
    feed: Feed,
    shared: Arc<Mutex<State>>,
    opened: bool,
}

#[derive(Debug, Default)]
struct State {
    /// At most one event waits for the response to take it, whole or what is left of it: more wait in the session,
    /// where they are counted.
    event: Bytes,
    /// Bytes that the response has taken and not written.
    unwritten: usize,
    sent: u64,
    /// No event will follow.
    ended: bool,
    /// The session has left: what has not been written will never be.
    left: bool,
    /// The response has ended or was lost.
    down: bool,
    session: Option<Waker>,
    response: Option<Waker>,
}

/// A part of an event that the response has taken. Dropped when it has been written.
struct Portion {
    bytes: Bytes,
    shared: Arc<Mutex<State>>,
}

impl AsRef<[u8]> for Portion {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Portion {
    fn drop(&mut self) {
        let wakers = {
            let mut state = self.shared.lock();
            state.unwritten -= self.bytes.len();
            state.sent += self.bytes.len() as u64;
            // The response is asked again only if it has something to say.
            let response = if state.event.is_empty() && !state.ended { None } else { state.response.take() };
            [state.session.take(), response]
        };
        wakers.into_iter().for_each(wake);
    }
}

impl State {
    /// Whether all that was sent has been written.
    fn is_written(&self) -> bool {
        self.event.is_empty() && self.unwritten == 0
    }
}

/// Both ends of a connection whose incoming bytes come through `feed`.
pub(crate) fn open(feed: Feed) -> (ServerSentEvents, EventStream) {
    let shared = Arc::<Mutex<State>>::default();
    let events = EventStream { feed: feed.clone(), shared: Arc::clone(&shared), opened: false };
    (ServerSentEvents { feed, shared }, events)
}

impl ServerSentEvents {
    /// Sends an event that is written already.
    pub(super) fn put(&mut self, event: Bytes) -> Result<(), TransportError> {
        let mut state = self.shared.lock();
        if state.ended || !state.is_written() {
            let message = "send after close, or before the last batch was flushed";
            return Err(io::Error::new(io::ErrorKind::NotConnected, message).into());
        }
        state.event = event;
        let response = state.response.take();
        drop(state);
        wake(response);
        Ok(())
    }

    fn end(&self) {
        let response = {
            let mut state = self.shared.lock();
            state.ended = true;
            state.response.take()
        };
        wake(response);
        self.feed.abandon();
    }
}

impl Transport for ServerSentEvents {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        self.feed.poll_next(cx, into).map(|taken| taken.map(Ok))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut state = self.shared.lock();
        if state.is_written() {
            return Poll::Ready(Ok(()));
        }
        if state.down {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::BrokenPipe).into()));
        }
        remember(&mut state.session, cx);
        Poll::Pending
    }

    fn send(&mut self, batch: Bytes, _format: TransferFormat) -> Result<(), TransportError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.put(event(&batch))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _code: CloseCode) -> Poll<()> {
        self.end();
        let mut state = self.shared.lock();
        if state.down {
            return Poll::Ready(());
        }
        remember(&mut state.session, cx);
        Poll::Pending
    }

    fn bytes_sent(&self) -> u64 {
        self.shared.lock().sent
    }

    fn kind(&self) -> TransportKind {
        TransportKind::ServerSentEvents
    }
}

impl Drop for ServerSentEvents {
    fn drop(&mut self) {
        self.shared.lock().left = true;
        self.end();
    }
}

impl EventStream {
    fn lost(&self) {
        let session = {
            let mut state = self.shared.lock();
            state.down = true;
            state.session.take()
        };
        wake(session);
        self.feed.close();
    }
}

impl Stream for EventStream {
    /// An error makes the server drop the socket.
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.opened {
            self.opened = true;
            return Poll::Ready(Some(Ok(OPENING)));
        }
        let mut state = self.shared.lock();
        let end = if state.left && !state.is_written() {
            Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its events")))
        } else if state.ended && state.is_written() {
            None
        } else if state.event.is_empty() || state.unwritten > MAX_UNWRITTEN {
            remember(&mut state.response, cx);
            return Poll::Pending;
        } else {
            let size = state.event.len().min(PORTION);
            let bytes = state.event.split_to(size);
            state.unwritten += size;
            drop(state);
            let portion = Portion { bytes, shared: Arc::clone(&self.shared) };
            return Poll::Ready(Some(Ok(Bytes::from_owner(portion))));
        };
        drop(state);
        self.lost();
        Poll::Ready(end)
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.lost();
    }
}

/// One event whose data is `payload`. Its lines become lines of the event: a bare CR would end a line for the client
/// too, and so let a payload forge fields.
fn event(payload: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(payload.len() + 10);
    let mut rest = payload;
    loop {
        out.extend_from_slice(b"data: ");
        let Some(end) = memchr2(b'\r', b'\n', rest) else { break };
        out.extend_from_slice(&rest[..end]);
        out.extend_from_slice(b"\r\n");
        let ending = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = &rest[end + ending..];
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(b"\r\n\r\n");
    Bytes::from(out)
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use futures_util::{FutureExt, StreamExt};
    use tokio::time::timeout;

    use super::*;

    async fn soon<F: Future>(future: F) -> F::Output {
        timeout(Duration::from_secs(5), future).await.expect("within the time limit")
    }

    async fn next(events: &mut EventStream) -> Option<Bytes> {
        soon(events.next()).await.transpose().expect("the response goes on")
    }

    fn send(transport: &mut ServerSentEvents, text: &'static str) -> Result<(), TransportError> {
        transport.send(Bytes::from_static(text.as_bytes()), TransferFormat::Text)
    }

    fn is_flushed(transport: &mut ServerSentEvents) -> bool {
        transport.poll_flush(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    /// Case 16.
    #[test]
    fn lines_of_a_payload_are_lines_of_its_event() {
        for (payload, expected) in [
            ("{}\x1e", "data: {}\x1e\r\n\r\n"),
            ("Hello\r\nWorld", "data: Hello\r\ndata: World\r\n\r\n"),
            ("Hello\nWorld", "data: Hello\r\ndata: World\r\n\r\n"),
            ("Hello\rid: 7", "data: Hello\r\ndata: id: 7\r\n\r\n"),
            ("Hello\n", "data: Hello\r\ndata: \r\n\r\n"),
            ("\r\n\r\nevent: x", "data: \r\ndata: \r\ndata: event: x\r\n\r\n"),
        ] {
            assert_eq!(event(payload.as_bytes()), expected, "{payload:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_has_left_when_the_response_has_written_it() {
        let (mut transport, mut events) = open(Feed::default());
        send(&mut transport, "one").unwrap();
        assert!(!is_flushed(&mut transport));
        assert!(send(&mut transport, "two").is_err(), "only after a flush");
        assert_eq!(next(&mut events).await.unwrap(), ":\r\n");
        assert!(!is_flushed(&mut transport));
        let taken = next(&mut events).await.unwrap();
        assert_eq!(taken, "data: one\r\n\r\n");
        assert!(!is_flushed(&mut transport));
        assert_eq!(transport.bytes_sent(), 0);
        drop(taken);
        assert!(is_flushed(&mut transport));
        assert_eq!(transport.bytes_sent(), 13);
        assert_eq!(transport.kind(), TransportKind::ServerSentEvents);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_comes_after_the_last_event() {
        let feed = Feed::default();
        let (mut transport, mut events) = open(feed.clone());
        assert_eq!(next(&mut events).await.unwrap(), ":\r\n");
        send(&mut transport, "last").unwrap();
        let closer = tokio::spawn(async move { soon(poll_fn(|cx| transport.poll_close(cx, CloseCode::Normal))).await });
        tokio::task::yield_now().await;
        assert!(!closer.is_finished());
        assert_eq!(next(&mut events).await.unwrap(), "data: last\r\n\r\n");
        assert_eq!(next(&mut events).await, None);
        soon(closer).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_response_ends_the_connection_after_what_was_accepted() {
        let feed = Feed::default();
        let (mut transport, events) = open(feed.clone());
        let body = futures_util::stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"accepted"))]);
        soon(feed.take_all(body)).await.unwrap();
        send(&mut transport, "never read").unwrap();
        drop(events);
        let mut received = Vec::new();
        soon(poll_fn(|cx| transport.poll_receive(cx, &mut received))).await.unwrap().unwrap();
        assert_eq!(received, b"accepted");
        assert!(soon(poll_fn(|cx| transport.poll_receive(cx, &mut received))).await.is_none());
        assert!(soon(poll_fn(|cx| transport.poll_flush(cx))).await.is_err());
        soon(poll_fn(|cx| transport.poll_close(cx, CloseCode::Normal))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_session_ends_the_response() {
        let (transport, mut events) = open(Feed::default());
        assert_eq!(next(&mut events).await.unwrap(), ":\r\n");
        let response = tokio::spawn(async move { next(&mut events).await });
        tokio::task::yield_now().await;
        drop(transport);
        assert_eq!(soon(response).await.unwrap(), None);
    }
    #[tokio::test(start_paused = true)]
    async fn what_is_large_leaves_in_portions() {
        let (mut transport, mut events) = open(Feed::default());
        assert_eq!(next(&mut events).await.unwrap(), ":\r\n");
        transport.send(Bytes::from(vec![b'x'; 3 * PORTION]), TransferFormat::Text).unwrap();
        let first = next(&mut events).await.unwrap();
        let second = next(&mut events).await.unwrap();
        assert_eq!((first.len(), second.len()), (PORTION, PORTION));
        assert!(events.next().now_or_never().is_none(), "enough is unwritten");
        drop(first);
        assert_eq!(transport.bytes_sent(), PORTION as u64);
        assert_eq!(next(&mut events).await.unwrap().len(), PORTION);
        assert_eq!(next(&mut events).await.unwrap().len(), 10, "the end of its line");
        assert!(!is_flushed(&mut transport));
        drop(second);
        assert!(is_flushed(&mut transport));
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_waits_for_the_client_is_woken_when_that_reads() {
        let (mut transport, mut events) = open(Feed::default());
        assert_eq!(next(&mut events).await.unwrap(), ":\r\n");
        transport.send(Bytes::from(vec![b'x'; 3 * PORTION - 10]), TransferFormat::Text).unwrap();
        let mut unwritten = vec![next(&mut events).await, next(&mut events).await];
        for come in [Some(PORTION), None] {
            let response = tokio::spawn(async move { (next(&mut events).await, events) });
            tokio::task::yield_now().await;
            assert!(!response.is_finished());
            drop(std::mem::take(&mut unwritten));
            let bytes;
            (bytes, events) = soon(response).await.unwrap();
            assert_eq!(bytes.as_ref().map(Bytes::len), come);
            unwritten.push(bytes);
            transport.end();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_leaves_unread_words_breaks_the_response_off() {
        for is_taken in [false, true] {
            let (mut transport, mut events) = open(Feed::default());
            assert_eq!(next(&mut events).await.unwrap(), ":\r\n");
            send(&mut transport, "unread").unwrap();
            let unwritten = if is_taken { next(&mut events).await } else { None };
            drop(transport);
            let end = soon(events.next()).await.expect("an error, not the end");
            assert_eq!(end.unwrap_err().kind(), io::ErrorKind::TimedOut);
            drop(unwritten);
        }
    }
}
