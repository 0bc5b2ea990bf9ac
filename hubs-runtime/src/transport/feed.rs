//! Bytes on their way in where a client sends them in requests of their own: one bounded buffer for each connection,
//! filled by one request after the other, emptied by the transport. Must not know HTTP.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use bytes::{Buf, Bytes};
use futures_util::Stream;
use parking_lot::Mutex;

use super::wakers::{remember, wake};

/// Both ends of the buffer. Empty it holds no memory for bytes. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Held by the request whose bytes are being taken.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// How many bytes may wait for the session; further ones wait in their request.
    capacity: usize,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Why not all bytes of a request were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// The connection has ended. Some bytes were taken before, or none.
    Gone { partly: bool },
    /// The request broke off.
    BrokenOff,
}

/// The buffer takes no more.
struct Closed;

impl Feed {
    /// With room for this many bytes, one at least.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State { capacity: capacity.max(1), ..State::default() }),
                turn: Default::default(),
            }),
        }
    }

    /// Gives room for this many bytes in all, if there was less.
    pub(crate) fn widen(&self, capacity: usize) {
        let writer = {
            let mut state = self.shared.state.lock();
            state.capacity = state.capacity.max(capacity);
            state.writer.take()
        };
        wake(writer);
    }

    /// Takes all bytes of one request, in portions, as there is room. Requests that come together take turns, in the
    /// order in which they came. One that has handed over its last byte when the connection ends was taken.
    pub(crate) async fn take_all<E>(&self, body: impl Stream<Item = Result<Bytes, E>>) -> Result<(), NotTaken> {
        let _turn = self.shared.turn.lock().await;
        let mut body = pin!(body);
        let (mut portion, mut partly) = (Bytes::new(), false);
        if self.shared.state.lock().closed {
            return Err(NotTaken::Gone { partly });
        }
        poll_fn(|cx| {
            loop {
                let before = portion.len();
                let put = self.poll_put(cx, &mut portion);
                partly |= portion.len() < before;
                let put = ready!(put).map_err(|Closed| NotTaken::Gone { partly });
                if !portion.is_empty() {
                    return Poll::Ready(put);
                }
                match body.as_mut().poll_next(cx) {
                    Poll::Ready(Some(Ok(bytes))) => portion = bytes,
                    Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(NotTaken::BrokenOff)),
                    Poll::Ready(None) => {
                        // This request waits for no room any more: the next read need not wake its task.
                        self.shared.state.lock().writer = None;
                        return Poll::Ready(Ok(()));
                    }
                    Poll::Pending if put.is_err() => return Poll::Ready(put),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    /// Ready when all of `portion` is in the buffer. Wakes the task also when the connection ends later.
    fn poll_put(&self, cx: &Context<'_>, portion: &mut Bytes) -> Poll<Result<(), Closed>> {
        let mut state = self.shared.state.lock();
        if state.closed {
            return Poll::Ready(Err(Closed));
        }
        let room = portion.len().min(state.capacity - state.bytes.len());
        state.bytes.extend_from_slice(&portion[..room]);
        portion.advance(room);
        remember(&mut state.writer, cx);
        let reader = if room > 0 { state.reader.take() } else { None };
        drop(state);
        wake(reader);
        if portion.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Waits for bytes and appends them to `into`. `None`: none will come.
    pub(crate) fn poll_next(&self, cx: &Context<'_>, into: &mut Vec<u8>) -> Poll<Option<()>> {
        let mut state = self.shared.state.lock();
        if state.bytes.is_empty() {
            if state.closed {
                return Poll::Ready(None);
            }
            remember(&mut state.reader, cx);
            return Poll::Pending;
        }
        let bytes = std::mem::take(&mut state.bytes);
        let writer = state.writer.take();
        drop(state);
        wake(writer);
        into.extend_from_slice(&bytes);
        Poll::Ready(Some(()))
    }

    /// Takes no more; what is there can still be read.
    pub(crate) fn close(&self) {
        let (reader, writer) = {
            let mut state = self.shared.state.lock();
            state.closed = true;
            (state.reader.take(), state.writer.take())
        };
        wake(reader);
        wake(writer);
    }

    /// Takes no more, and drops what is there, which will not be read.
    pub(crate) fn abandon(&self) {
        self.shared.state.lock().bytes = Vec::new();
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use futures_util::stream;
    use tokio::{sync::mpsc, time::timeout};

    use super::*;

    const CAPACITY: usize = 64 * 1024;

    impl Default for Feed {
        fn default() -> Self {
            Self::new(CAPACITY)
        }
    }

    async fn soon<F: Future>(future: F) -> F::Output {
        timeout(Duration::from_secs(5), future).await.expect("within the time limit")
    }

    fn body(portions: &[&'static [u8]]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        stream::iter(portions.iter().map(|portion| Ok(Bytes::from_static(portion))).collect::<Vec<_>>())
    }

    /// A body that comes as the test sends it.
    fn live() -> (mpsc::UnboundedSender<Bytes>, impl Stream<Item = Result<Bytes, Infallible>>) {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        (sender, stream::poll_fn(move |cx| receiver.poll_recv(cx).map(|bytes| bytes.map(Ok))))
    }

    async fn read(feed: &Feed) -> Option<Bytes> {
        let mut bytes = Vec::new();
        soon(poll_fn(|cx| feed.poll_next(cx, &mut bytes))).await.map(|()| bytes.into())
    }

    #[tokio::test(start_paused = true)]
    async fn portions_are_joined_and_nothing_is_held_when_empty() {
        let feed = Feed::default();
        soon(feed.take_all(body(&[b"one", b"", b"two"]))).await.unwrap();
        soon(feed.take_all(body(&[]))).await.unwrap();
        assert_eq!(read(&feed).await.unwrap(), "onetwo");
        assert_eq!(feed.shared.state.lock().bytes.capacity(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_request_waits_until_it_is_read() {
        static LARGE: [u8; CAPACITY + 10] = [b'x'; CAPACITY + 10];
        let feed = Feed::default();
        let writer = tokio::spawn({
            let feed = feed.clone();
            async move { soon(feed.take_all(body(&[&LARGE, b"end"]))).await }
        });
        tokio::task::yield_now().await;
        assert!(!writer.is_finished());
        assert_eq!(read(&feed).await.unwrap().len(), CAPACITY);
        soon(writer).await.unwrap().unwrap();
        assert_eq!(read(&feed).await.unwrap(), "xxxxxxxxxxend");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_take_turns() {
        let feed = Feed::default();
        let (first, first_body) = live();
        let (second, second_body) = live();
        let take = |body| {
            let feed = feed.clone();
            async move { soon(feed.take_all(body)).await }
        };
        let one = tokio::spawn(take(first_body));
        tokio::task::yield_now().await;
        let (other, other_body) = (second, take(second_body));
        let two = tokio::spawn(other_body);
        other.send(Bytes::from_static(b"second")).unwrap();
        drop(other);
        first.send(Bytes::from_static(b"fi")).unwrap();
        tokio::task::yield_now().await;
        assert_eq!(read(&feed).await.unwrap(), "fi");
        first.send(Bytes::from_static(b"rst")).unwrap();
        drop(first);
        soon(one).await.unwrap().unwrap();
        soon(two).await.unwrap().unwrap();
        assert_eq!(read(&feed).await.unwrap(), "rstsecond");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_reaches_both_sides() {
        let feed = Feed::default();
        let (portions, waiting) = live();
        let writer = tokio::spawn({
            let feed = feed.clone();
            async move { soon(feed.take_all(waiting)).await }
        });
        portions.send(Bytes::from_static(b"accepted")).unwrap();
        tokio::task::yield_now().await;
        feed.close();
        assert_eq!(soon(writer).await.unwrap(), Err(NotTaken::Gone { partly: true }));
        assert_eq!(read(&feed).await.unwrap(), "accepted");
        assert_eq!(read(&feed).await, None);
        assert_eq!(soon(feed.take_all(body(&[b"late"]))).await, Err(NotTaken::Gone { partly: false }));

        let feed = Feed::default();
        soon(feed.take_all(body(&[b"never read"]))).await.unwrap();
        feed.abandon();
        assert_eq!(read(&feed).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_whose_last_byte_was_taken_is_answered_so_even_if_the_end_overtakes_its_own() {
        let feed = Feed::default();
        let (portions, body) = live();
        let writer = tokio::spawn({
            let feed = feed.clone();
            async move { soon(feed.take_all(body)).await }
        });
        portions.send(Bytes::from_static(b"all of it")).unwrap();
        tokio::task::yield_now().await;
        assert_eq!(read(&feed).await.unwrap(), "all of it");
        // Both happen before the request is looked at again.
        feed.close();
        drop(portions);
        assert_eq!(soon(writer).await.unwrap(), Ok(()));
        let (portions, body) = live();
        drop(portions);
        assert_eq!(
            soon(feed.take_all(body)).await,
            Err(NotTaken::Gone { partly: false }),
            "an empty one that comes too late"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_breaks_off_is_told_apart() {
        let feed = Feed::default();
        let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err("reset")]);
        assert_eq!(soon(feed.take_all(broken)).await, Err(NotTaken::BrokenOff));
        assert_eq!(read(&feed).await.unwrap(), "half");
    }
}
