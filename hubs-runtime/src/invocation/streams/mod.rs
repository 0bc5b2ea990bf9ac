//! Streams that come in, item by item, on either end: a bounded queue between the session that reads the socket and
//! whoever reads the stream. A full queue stops the session from reading, and with it the peer.

mod batch;
mod incoming;
mod room;

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use parking_lot::Mutex;

pub(crate) use self::incoming::IncomingStreams;
use self::{
    batch::Batch,
    room::{Room, Share},
};
use crate::connection::Peer;

/// How many bytes a stream holds beyond its first items before the session stops reading.
const BYTE_LIMIT: usize = 64 * 1024;

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StreamEnd {
    /// In peace.
    Done,
    /// The peer said why.
    Failed(String),
    /// The connection is gone.
    Disconnected,
}

/// One stream that comes in.
#[derive(Debug)]
pub(crate) struct IncomingStream {
    queue: Mutex<Queue>,
    /// So many items fit, whatever their size.
    capacity: usize,
    /// What it shares with the other streams of its connection.
    room: Arc<Room>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Batch,
    /// What the reader has taken: it counts until all of it is read.
    taken_items: usize,
    taken_bytes: usize,
    share: Share,
    end: Option<StreamEnd>,
    reader: Option<Waker>,
    /// Nobody reads any more.
    abandoned: bool,
}

impl IncomingStream {
    /// How many bytes fit before it is to be asked again; any one item fits where one byte does. `None`: nobody reads any
    /// more.
    fn allowance(&self) -> Option<usize> {
        let queue = self.queue.lock();
        if queue.abandoned || queue.end.is_some() {
            return None;
        }
        Some(if self.full(&queue) { 0 } else { BYTE_LIMIT.saturating_sub(queue.bytes()).max(1) })
    }

    /// Takes all items of `batch`. What nobody will read is dropped.
    fn take(&self, batch: &mut Batch) {
        let mut queue = self.queue.lock();
        if queue.abandoned || queue.end.is_some() {
            batch.clear();
            return;
        }
        queue.waiting.append(batch);
        queue.note(&self.room);
        let reader = queue.reader.take();
        drop(queue);
        reader.into_iter().for_each(Waker::wake);
    }

    /// No more items come.
    pub(crate) fn end(&self, end: StreamEnd) {
        let mut queue = self.queue.lock();
        queue.end.get_or_insert(end);
        let reader = queue.reader.take();
        drop(queue);
        reader.into_iter().for_each(Waker::wake);
    }

    /// Whether nobody reads any more.
    #[cfg(feature = "client")]
    fn abandoned(&self) -> bool {
        self.queue.lock().abandoned
    }

    fn full(&self, queue: &Queue) -> bool {
        let (items, bytes) = (queue.items(), queue.bytes());
        (items >= self.capacity && bytes >= BYTE_LIMIT) || (items > 0 && self.room.is_scarce())
    }

    /// Gives all that waits for `read`, which the reader is through with. Says whether this has made room.
    fn exchange(&self, queue: &mut Queue, read: &mut Batch) -> bool {
        let was_full = self.full(queue);
        read.clear();
        mem::swap(&mut queue.waiting, read);
        (queue.taken_items, queue.taken_bytes) = (read.len(), read.size());
        let others_have_room = queue.note(&self.room);
        others_have_room || (was_full && !self.full(queue))
    }
}

impl Queue {
    fn items(&self) -> usize {
        self.waiting.len() + self.taken_items
    }

    fn bytes(&self) -> usize {
        self.waiting.size() + self.taken_bytes
    }

    /// Notes how much it holds. Says whether this has made room for others.
    fn note(&mut self, room: &Room) -> bool {
        let bytes = self.bytes();
        room.note(&mut self.share, bytes)
    }
}

/// The reading end of a stream. Dropping it abandons the stream.
#[derive(Debug)]
pub struct StreamReader {
    stream: Arc<IncomingStream>,
    /// What was taken out of the queue at once, so that most items cost no lock.
    batch: Batch,
    /// Whose session to wake when there is room again.
    peer: Arc<Peer>,
}

impl StreamReader {
    /// The next item, undecoded; after the last one how the stream ended.
    pub(crate) fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Result<&[u8], StreamEnd>> {
        if self.batch.is_read()
            && let Err(end) = ready!(self.poll_batch(cx))
        {
            return Poll::Ready(Err(end));
        }
        Poll::Ready(Ok(self.batch.read()))
    }

    /// Waits for at least one item.
    fn poll_batch(&mut self, cx: &Context<'_>) -> Poll<Result<(), StreamEnd>> {
        let mut queue = self.stream.queue.lock();
        let has_room = self.stream.exchange(&mut queue, &mut self.batch);
        let polled = match &queue.end {
            _ if !self.batch.is_read() => Poll::Ready(Ok(())),
            Some(end) => Poll::Ready(Err(end.clone())),
            None => {
                queue.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        };
        drop(queue);
        if has_room {
            self.peer.outbox.wake();
        }
        polled
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let mut queue = self.stream.queue.lock();
        queue.abandoned = true;
        queue.waiting = Batch::default();
        (queue.taken_items, queue.taken_bytes) = (0, 0);
        queue.note(&self.stream.room);
        drop(queue);
        self.peer.outbox.wake();
    }
}

/// Opens streams for one connection.
#[derive(Debug, Clone)]
pub(crate) struct StreamOpener {
    peer: Arc<Peer>,
    capacity: usize,
    room: Arc<Room>,
}

impl StreamOpener {
    pub(crate) fn new(peer: Arc<Peer>, capacity: usize) -> Self {
        Self { peer, capacity: capacity.max(1), room: Arc::default() }
    }

    /// Both ends of a new stream.
    pub(crate) fn open(&self) -> (Arc<IncomingStream>, StreamReader) {
        let (queue, room) = (Mutex::default(), Arc::clone(&self.room));
        let stream = Arc::new(IncomingStream { queue, capacity: self.capacity, room });
        (Arc::clone(&stream), StreamReader { stream, batch: Batch::default(), peer: Arc::clone(&self.peer) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connection::OutboxLimits, ids::ConnectionId, protocol::JsonHubProtocol};

    fn open(capacity: usize) -> (Arc<IncomingStream>, StreamReader) {
        let limits = OutboxLimits::DEFAULT;
        let peer = Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits);
        StreamOpener::new(Arc::new(peer), capacity).open()
    }

    fn push(stream: &IncomingStream, item: &[u8]) -> bool {
        let mut batch = Batch::default();
        batch.push(item);
        let fits = stream.allowance() != Some(0);
        if fits {
            stream.take(&mut batch);
        }
        fits
    }

    fn read(reader: &mut StreamReader) -> Poll<Result<Vec<u8>, StreamEnd>> {
        reader.poll_next(&Context::from_waker(Waker::noop())).map_ok(<[u8]>::to_vec)
    }

    #[test]
    fn what_was_taken_counts_until_all_of_it_is_read() {
        let (stream, mut reader) = open(1);
        let small = 1 + size_of::<usize>();
        let mut fitted = 0;
        while push(&stream, b"1") {
            fitted += 1;
        }
        assert_eq!(fitted, BYTE_LIMIT.div_ceil(small));
        for _ in 0..fitted {
            assert_eq!(read(&mut reader), Poll::Ready(Ok(b"1".to_vec())));
            assert!(!push(&stream, b"1"));
        }
        assert!(read(&mut reader).is_pending());
        assert!(push(&stream, b"2"));
        assert_eq!(read(&mut reader), Poll::Ready(Ok(b"2".to_vec())));
    }

    #[test]
    fn many_streams_hold_together_little_more_than_one() {
        let limits = OutboxLimits::DEFAULT;
        let peer = Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits));
        let opener = StreamOpener::new(peer, 10);
        let mut streams: Vec<_> = (0..100).map(|_| opener.open()).collect();
        let item = vec![b'x'; 30_000];
        let fitted: usize = streams.iter().map(|(stream, _)| (0..10).filter(|_| push(stream, &item)).count()).sum();
        assert!((34..40 + 100).contains(&fitted), "{fitted}");
        let (last, reader) = streams.last_mut().expect("there are some");
        assert!(!push(last, b"2"), "one item a stream");
        assert!(read(reader).is_ready() && read(reader).is_pending() && push(last, b"2"));
        streams.drain(..80);
        assert!(push(&streams[0].0, b"2"), "what is dropped makes room");
    }

    #[test]
    fn the_first_items_always_fit() {
        let (stream, _reader) = open(3);
        let large = vec![b'x'; BYTE_LIMIT];
        assert_eq!([(); 4].map(|()| push(&stream, &large)), [true, true, true, false]);
    }

    #[test]
    fn the_end_comes_after_the_items_and_what_comes_later_is_dropped() {
        let (stream, mut reader) = open(1);
        assert!(push(&stream, b"1"));
        stream.end(StreamEnd::Done);
        stream.end(StreamEnd::Disconnected);
        assert!(push(&stream, b"late"));
        assert_eq!(read(&mut reader), Poll::Ready(Ok(b"1".to_vec())));
        assert_eq!(read(&mut reader), Poll::Ready(Err(StreamEnd::Done)));
    }

    #[test]
    fn a_stream_that_nobody_reads_takes_everything_and_holds_nothing() {
        let (stream, reader) = open(1);
        assert!(push(&stream, b"1"));
        drop(reader);
        let large = vec![b'x'; 2 * BYTE_LIMIT];
        assert!(push(&stream, &large) && push(&stream, &large));
        assert_eq!(stream.queue.lock().waiting.size(), 0);
    }
}
