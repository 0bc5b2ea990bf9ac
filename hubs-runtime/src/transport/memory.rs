//! A pair of transports inside this process, for the test kit and for tunnels between nodes: no ports, no real time, the same back-pressure and the
//! same way of closing as a socket. Must not know what a hub message is.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{
    CloseCode, Transport, TransportError, TransportKind,
    wakers::{remember, wake},
};
use crate::ids::TransferFormat;

/// How many bytes may lie between the two ends, each way, unless another number is asked for.
pub(crate) const DEFAULT_CAPACITY: usize = 64 * 1024;

/// One end of the pair. Dropping it is like losing the socket.
#[derive(Debug)]
pub(crate) struct MemoryTransport {
    shared: Arc<Mutex<Shared>>,
    side: usize,
    batch: Option<Bytes>,
    sent: u64,
}

/// Both directions; a direction is named after the side that writes it.
#[derive(Debug)]
struct Shared {
    capacity: usize,
    directions: [Direction; 2],
}

#[derive(Debug)]
struct Direction {
    queue: VecDeque<Bytes>,
    bytes: usize,
    format: TransferFormat,
    closed: Option<CloseCode>,
    writer_is_gone: bool,
    writer: Option<Waker>,
    reader: Option<Waker>,
}

impl Direction {
    fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            bytes: 0,
            format: TransferFormat::Text,
            closed: None,
            writer_is_gone: false,
            writer: None,
            reader: None,
        }
    }
}

/// Two ends, with at most `capacity` bytes between them each way; one batch always fits when there is none.
pub(crate) fn pair(capacity: usize) -> (MemoryTransport, MemoryTransport) {
    let shared = Arc::new(Mutex::new(Shared { capacity, directions: [Direction::new(), Direction::new()] }));
    let end = |side| MemoryTransport { shared: Arc::clone(&shared), side, batch: None, sent: 0 };
    (end(0), end(1))
}

impl MemoryTransport {
    /// The code with which the other end closed, if it has.
    #[cfg(any(test, feature = "server"))]
    pub(crate) fn close_code(&self) -> Option<CloseCode> {
        self.shared.lock().directions[1 - self.side].closed
    }

    /// The format of what the other end has sent last.
    #[cfg(feature = "server")]
    pub(crate) fn peer_format(&self) -> TransferFormat {
        self.shared.lock().directions[1 - self.side].format
    }

    /// Moves the batch over if there is room.
    fn poll_hand_over(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let Some(batch) = &self.batch else { return Poll::Ready(Ok(())) };
        let mut shared = self.shared.lock();
        let capacity = shared.capacity;
        if shared.directions[1 - self.side].writer_is_gone {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::BrokenPipe).into()));
        }
        let out = &mut shared.directions[self.side];
        if out.bytes > 0 && out.bytes + batch.len() > capacity {
            remember(&mut out.writer, cx);
            return Poll::Pending;
        }
        out.bytes += batch.len();
        self.sent += batch.len() as u64;
        out.queue.extend(self.batch.take());
        let reader = out.reader.take();
        drop(shared);
        wake(reader);
        Poll::Ready(Ok(()))
    }
}

impl Transport for MemoryTransport {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        let mut shared = self.shared.lock();
        let incoming = &mut shared.directions[1 - self.side];
        let Some(batch) = incoming.queue.pop_front() else {
            if incoming.closed.is_some() || incoming.writer_is_gone {
                return Poll::Ready(None);
            }
            remember(&mut incoming.reader, cx);
            return Poll::Pending;
        };
        incoming.bytes -= batch.len();
        let writer = incoming.writer.take();
        drop(shared);
        wake(writer);
        into.extend_from_slice(&batch);
        Poll::Ready(Some(Ok(())))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_hand_over(cx)
    }

    fn send(&mut self, batch: Bytes, format: TransferFormat) -> Result<(), TransportError> {
        let closed = {
            let out = &mut self.shared.lock().directions[self.side];
            out.format = format;
            out.closed.is_some()
        };
        if closed || self.batch.is_some() {
            let message = "send after close, or before the last batch was flushed";
            return Err(io::Error::new(io::ErrorKind::NotConnected, message).into());
        }
        self.batch = Some(batch).filter(|batch| !batch.is_empty());
        Ok(())
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, code: CloseCode) -> Poll<()> {
        let handed_over = self.poll_hand_over(cx);
        // Reads on meanwhile: the other end may be unable to read before it has written.
        let mut unread = Vec::new();
        let answered = loop {
            match self.poll_receive(cx, &mut unread) {
                Poll::Ready(Some(_)) => unread.clear(),
                Poll::Ready(None) => break true,
                Poll::Pending => break false,
            }
        };
        if handed_over.is_pending() {
            return Poll::Pending;
        }
        let reader = {
            let out = &mut self.shared.lock().directions[self.side];
            out.closed.get_or_insert(code);
            out.reader.take()
        };
        wake(reader);
        if answered { Poll::Ready(()) } else { Poll::Pending }
    }

    fn bytes_sent(&self) -> u64 {
        self.sent
    }

    fn is_lost(&self) -> bool {
        self.shared.lock().directions[1 - self.side].closed.is_none()
    }

    fn kind(&self) -> TransportKind {
        TransportKind::Memory
    }
}

impl Drop for MemoryTransport {
    fn drop(&mut self) {
        let (reader, writer) = {
            let mut shared = self.shared.lock();
            let incoming = &mut shared.directions[1 - self.side];
            incoming.queue.clear();
            incoming.bytes = 0;
            let writer = incoming.writer.take();
            let out = &mut shared.directions[self.side];
            out.writer_is_gone = true;
            (out.reader.take(), writer)
        };
        wake(reader);
        wake(writer);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use tokio::time::timeout;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    async fn soon<F: Future>(future: F) -> F::Output {
        timeout(LIMIT, future).await.expect("within the time limit")
    }

    async fn send(end: &mut MemoryTransport, bytes: &'static [u8]) -> Result<(), TransportError> {
        end.send(Bytes::from_static(bytes), TransferFormat::Text)?;
        soon(poll_fn(|cx| end.poll_flush(cx))).await
    }

    async fn receive(end: &mut MemoryTransport) -> Option<Bytes> {
        let mut batch = Vec::new();
        let received = soon(poll_fn(|cx| end.poll_receive(cx, &mut batch))).await?;
        received.expect("memory never breaks the rules");
        Some(batch.into())
    }

    fn is_blocked(end: &mut MemoryTransport) -> bool {
        end.poll_flush(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    #[tokio::test(start_paused = true)]
    async fn carries_both_ways_and_counts() {
        let (mut a, mut b) = pair(DEFAULT_CAPACITY);
        send(&mut a, b"one").await.unwrap();
        send(&mut a, b"three").await.unwrap();
        send(&mut b, b"back").await.unwrap();
        assert_eq!(receive(&mut b).await.unwrap(), "one");
        assert_eq!(receive(&mut b).await.unwrap(), "three");
        assert_eq!(receive(&mut a).await.unwrap(), "back");
        assert_eq!((a.bytes_sent(), b.bytes_sent()), (8, 4));
        assert_eq!(a.kind(), TransportKind::Memory);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_buffer_holds_the_writer_until_the_reader_reads() {
        let (mut a, mut b) = pair(4);
        send(&mut a, b"longer than four").await.unwrap();
        a.send(Bytes::from_static(b"x"), TransferFormat::Text).unwrap();
        assert!(is_blocked(&mut a));
        assert!(a.send(Bytes::from_static(b"y"), TransferFormat::Text).is_err(), "only after a flush");
        assert_eq!(a.bytes_sent(), 16, "the batch that waits has not left");
        let writer = tokio::spawn(async move {
            soon(poll_fn(|cx| a.poll_flush(cx))).await.unwrap();
            a
        });
        tokio::task::yield_now().await;
        assert_eq!(receive(&mut b).await.unwrap(), "longer than four");
        let a = soon(writer).await.unwrap();
        assert_eq!(receive(&mut b).await.unwrap(), "x");
        assert_eq!(a.bytes_sent(), 17);
    }

    #[tokio::test(start_paused = true)]
    async fn closing_comes_after_the_last_batch_and_awaits_the_answer() {
        let (mut a, mut b) = pair(DEFAULT_CAPACITY);
        a.send(Bytes::from_static(b"last"), TransferFormat::Text).unwrap();
        let closer = tokio::spawn(async move { soon(poll_fn(|cx| a.poll_close(cx, CloseCode::InternalError))).await });
        assert_eq!(receive(&mut b).await.unwrap(), "last");
        assert_eq!(receive(&mut b).await, None);
        assert_eq!(b.close_code(), Some(CloseCode::InternalError));
        assert!(!closer.is_finished(), "the other end has not answered");
        soon(poll_fn(|cx| b.poll_close(cx, CloseCode::Normal))).await;
        soon(closer).await.unwrap();
        assert!(b.send(Bytes::from_static(b"late"), TransferFormat::Text).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_an_end_wakes_a_reader_and_a_writer() {
        let (a, mut b) = pair(DEFAULT_CAPACITY);
        let reader = tokio::spawn(async move { receive(&mut b).await });
        tokio::task::yield_now().await;
        drop(a);
        assert_eq!(soon(reader).await.unwrap(), None);

        let (mut a, b) = pair(1);
        send(&mut a, b"fills it").await.unwrap();
        let writer = tokio::spawn(async move { send(&mut a, b"waits").await });
        tokio::task::yield_now().await;
        drop(b);
        assert!(matches!(soon(writer).await.unwrap(), Err(TransportError::Io(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_sent_before_a_loss_still_arrives() {
        let (mut a, mut b) = pair(DEFAULT_CAPACITY);
        send(&mut a, b"sent").await.unwrap();
        drop(a);
        assert_eq!(receive(&mut b).await.unwrap(), "sent");
        assert_eq!(receive(&mut b).await, None);
        assert_eq!(b.close_code(), None);
    }
}
