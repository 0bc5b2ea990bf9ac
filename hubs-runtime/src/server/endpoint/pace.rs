//! The body of a request, as long as it comes fast enough: one that drips holds up every later request of its connection.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long the server waits for the bytes of one body in all, ...
const GRACE: Duration = Duration::from_secs(10);
/// ... and a second more for so many bytes: Kestrel's minimum.
const BYTES_A_SECOND: u32 = 240;

/// Ends with an error when the client is too slow. The time in which the server does not read is not counted.
#[derive(Debug)]
pub(super) struct Paced<S> {
    body: S,
    allowed: Duration,
    waiting: Option<Waiting>,
    is_too_slow: bool,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    limit: Pin<Box<Sleep>>,
}

/// The body broke off, or came too slowly.
#[derive(Debug)]
pub(super) struct Broken;

impl<S> Paced<S> {
    pub(super) fn new(body: S) -> Self {
        Self { body, allowed: GRACE, waiting: None, is_too_slow: false }
    }

    /// Why it has ended with an error.
    pub(super) fn is_too_slow(&self) -> bool {
        self.is_too_slow
    }

    fn come(&mut self, bytes: usize) {
        if let Some(Waiting { since, .. }) = self.waiting.take() {
            self.allowed = self.allowed.saturating_sub(since.elapsed());
        }
        let earned = Duration::from_secs(bytes as u64) / BYTES_A_SECOND;
        self.allowed = self.allowed.saturating_add(earned);
    }
}

impl<S: Stream<Item = Result<Bytes, E>> + Unpin, E> Stream for Paced<S> {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(come) = Pin::new(&mut self.body).poll_next(cx) {
            return Poll::Ready(come.map(|come| {
                let bytes = come.map_err(|_| Broken)?;
                self.come(bytes.len());
                Ok(bytes)
            }));
        }
        let allowed = self.allowed;
        let waiting = self.waiting.get_or_insert_with(|| {
            let since = Instant::now();
            Waiting { since, limit: Box::pin(sleep_until(since + allowed)) }
        });
        ready!(waiting.limit.as_mut().poll(cx));
        self.is_too_slow = true;
        Poll::Ready(Some(Err(Broken)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;

    /// Portions of this size, one a second.
    fn dripping(size: usize) -> impl Stream<Item = Result<Bytes, ()>> + Unpin {
        Box::pin(stream::unfold((), move |()| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok(Bytes::from(vec![b'x'; size])), ()))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_given_up() {
        let mut body = Paced::new(dripping(1));
        let begun = Instant::now();
        while let Some(Ok(_)) = body.next().await {}
        assert!(body.is_too_slow());
        assert_eq!(begun.elapsed().as_secs(), GRACE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_one_is_not_and_time_without_reading_does_not_count() {
        let mut body = Paced::new(dripping(300));
        for _ in 0..1_000 {
            body.next().await.unwrap().unwrap();
        }
        let mut body = Paced::new(dripping(1));
        for _ in 0..8 {
            body.next().await.unwrap().unwrap();
            tokio::time::sleep(GRACE).await;
        }
    }
}
