//! Streams that come in, item by item, on either end: a bounded queue between the session that reads the socket and
//! whoever reads the stream. A full queue stops the session from reading, and with it the peer.

mod batch;

use std::{
    cell::Cell,
    mem,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use indexmap::IndexMap;
use parking_lot::Mutex;

use self::batch::Batch;
use crate::{connection::Peer, ids::InvocationId};

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
    /// So many items always fit.
    capacity: usize,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Batch,
    /// What the reader has taken: it counts until all of it is read.
    taken_items: usize,
    taken_bytes: usize,
    end: Option<StreamEnd>,
    reader: Option<Waker>,
    /// Nobody reads any more.
    abandoned: bool,
}

impl IncomingStream {
    /// Takes an item. False: there is no room, and the session has to wait with it. What nobody will read is dropped.
    pub(crate) fn push(&self, item: &[u8]) -> bool {
        let mut queue = self.queue.lock();
        if queue.abandoned || queue.end.is_some() {
            return true;
        }
        if queue.full(self.capacity) {
            return false;
        }
        queue.waiting.push(item);
        let reader = queue.reader.take();
        drop(queue);
        reader.into_iter().for_each(Waker::wake);
        true
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
}

impl Queue {
    fn full(&self, capacity: usize) -> bool {
        self.waiting.len() + self.taken_items >= capacity && self.waiting.size() + self.taken_bytes >= BYTE_LIMIT
    }

    /// Gives all that waits for `read`, which the reader is through with. Says whether this has made room.
    fn exchange(&mut self, read: &mut Batch, capacity: usize) -> bool {
        let was_full = self.full(capacity);
        read.clear();
        mem::swap(&mut self.waiting, read);
        (self.taken_items, self.taken_bytes) = (read.len(), read.size());
        was_full && !self.full(capacity)
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
        let has_room = queue.exchange(&mut self.batch, self.stream.capacity);
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
        drop(queue);
        self.peer.outbox.wake();
    }
}

/// Opens streams for one connection.
#[derive(Debug, Clone)]
pub(crate) struct StreamOpener {
    peer: Arc<Peer>,
    capacity: usize,
}

impl StreamOpener {
    pub(crate) fn new(peer: Arc<Peer>, capacity: usize) -> Self {
        Self { peer, capacity: capacity.max(1) }
    }

    /// Both ends of a new stream.
    pub(crate) fn open(&self) -> (Arc<IncomingStream>, StreamReader) {
        let stream = Arc::new(IncomingStream { queue: Mutex::default(), capacity: self.capacity });
        (Arc::clone(&stream), StreamReader { stream, batch: Batch::default(), peer: Arc::clone(&self.peer) })
    }
}

/// The streams that come in on one connection.
#[derive(Debug, Default)]
pub(crate) struct IncomingStreams {
    open: IndexMap<InvocationId, Arc<IncomingStream>>,
    /// Where the last one was found: items of one stream come together.
    last: Cell<usize>,
}

impl IncomingStreams {
    /// Whether a stream of this id is open.
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.open.contains_key(id)
    }

    pub(crate) fn insert(&mut self, id: InvocationId, stream: Arc<IncomingStream>) {
        self.open.insert(id, stream);
    }

    /// The stream of this id.
    pub(crate) fn get(&self, id: &str) -> Option<&IncomingStream> {
        let last = self.open.get_index(self.last.get()).filter(|(known, _)| known.as_str() == id);
        let (_, stream) = last.or_else(|| {
            let index = self.open.get_index_of(id)?;
            self.last.set(index);
            self.open.get_index(index)
        })?;
        Some(stream)
    }

    /// Takes out the streams that nobody reads any more and tells their ids.
    #[cfg(feature = "client")]
    pub(crate) fn take_abandoned(&mut self) -> Vec<InvocationId> {
        self.open.extract_if(.., |_, stream| stream.abandoned()).map(|(id, _)| id).collect()
    }

    /// Closes a stream; says whether there was one.
    pub(crate) fn end(&mut self, id: &str, end: StreamEnd) -> bool {
        self.open.swap_remove(id).map(|stream| stream.end(end)).is_some()
    }

    /// The connection is gone.
    pub(crate) fn disconnect(&mut self) {
        self.open.drain(..).for_each(|(_, stream)| stream.end(StreamEnd::Disconnected));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connection::OutboxLimits, ids::ConnectionId, protocol::JsonHubProtocol};

    fn open(capacity: usize) -> (Arc<IncomingStream>, StreamReader) {
        let limits = OutboxLimits { producer: 1, reader: 1 };
        let peer = Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits);
        StreamOpener::new(Arc::new(peer), capacity).open()
    }

    fn read(reader: &mut StreamReader) -> Poll<Result<Vec<u8>, StreamEnd>> {
        reader.poll_next(&Context::from_waker(Waker::noop())).map_ok(<[u8]>::to_vec)
    }

    #[test]
    fn what_was_taken_counts_until_all_of_it_is_read() {
        let (stream, mut reader) = open(1);
        let small = 1 + size_of::<usize>();
        let mut fitted = 0;
        while stream.push(b"1") {
            fitted += 1;
        }
        assert_eq!(fitted, BYTE_LIMIT.div_ceil(small));
        for _ in 0..fitted {
            assert_eq!(read(&mut reader), Poll::Ready(Ok(b"1".to_vec())));
            assert!(!stream.push(b"1"));
        }
        assert!(read(&mut reader).is_pending());
        assert!(stream.push(b"2"));
        assert_eq!(read(&mut reader), Poll::Ready(Ok(b"2".to_vec())));
    }

    #[test]
    fn the_first_items_always_fit() {
        let (stream, _reader) = open(3);
        let large = vec![b'x'; BYTE_LIMIT];
        assert_eq!([(); 4].map(|()| stream.push(&large)), [true, true, true, false]);
    }

    #[test]
    fn the_end_comes_after_the_items_and_what_comes_later_is_dropped() {
        let (stream, mut reader) = open(1);
        assert!(stream.push(b"1"));
        stream.end(StreamEnd::Done);
        stream.end(StreamEnd::Disconnected);
        assert!(stream.push(b"late"));
        assert_eq!(read(&mut reader), Poll::Ready(Ok(b"1".to_vec())));
        assert_eq!(read(&mut reader), Poll::Ready(Err(StreamEnd::Done)));
    }

    #[test]
    fn a_stream_that_nobody_reads_takes_everything_and_holds_nothing() {
        let (stream, reader) = open(1);
        assert!(stream.push(b"1"));
        drop(reader);
        let large = vec![b'x'; 2 * BYTE_LIMIT];
        assert!(stream.push(&large) && stream.push(&large));
        assert_eq!(stream.queue.lock().waiting.size(), 0);
    }
}
