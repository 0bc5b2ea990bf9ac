//! Streams that come in, item by item, on either end: a bounded queue between the session that reads the socket and
//! whoever reads the stream. A full queue stops the session from reading, and with it the peer.

use std::{
    cell::Cell,
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use indexmap::IndexMap;
use parking_lot::Mutex;

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
    items: VecDeque<Bytes>,
    bytes: usize,
    end: Option<StreamEnd>,
    reader: Option<Waker>,
    /// Nobody reads any more.
    abandoned: bool,
}

impl IncomingStream {
    /// Whether the session has to wait before the next item.
    pub(crate) fn full(&self) -> bool {
        self.queue.lock().full(self.capacity)
    }

    /// Whether nobody reads any more.
    pub(crate) fn abandoned(&self) -> bool {
        self.queue.lock().abandoned
    }

    /// Takes an item; whoever nobody reads for is dropped.
    pub(crate) fn push(&self, item: Bytes) {
        let mut queue = self.queue.lock();
        if queue.abandoned || queue.end.is_some() {
            return;
        }
        queue.bytes += item.len();
        queue.items.push_back(item);
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
}

impl Queue {
    fn full(&self, capacity: usize) -> bool {
        !self.abandoned && self.items.len() >= capacity && self.bytes >= BYTE_LIMIT
    }
}

/// The reading end of a stream. Dropping it abandons the stream.
#[derive(Debug)]
pub struct StreamReader {
    stream: Arc<IncomingStream>,
    /// Whose session to wake when there is room again.
    peer: Arc<Peer>,
}

impl StreamReader {
    /// The next item, undecoded; after the last one how the stream ended.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Result<Bytes, StreamEnd>> {
        let mut queue = self.stream.queue.lock();
        let was_full = queue.full(self.stream.capacity);
        let Some(item) = queue.items.pop_front() else {
            if let Some(end) = &queue.end {
                return Poll::Ready(Err(end.clone()));
            }
            queue.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
        queue.bytes -= item.len();
        let has_room = was_full && !queue.full(self.stream.capacity);
        drop(queue);
        if has_room {
            self.peer.outbox.wake();
        }
        Poll::Ready(Ok(item))
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let mut queue = self.stream.queue.lock();
        queue.abandoned = true;
        queue.items = VecDeque::new();
        queue.bytes = 0;
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
        (Arc::clone(&stream), StreamReader { stream, peer: Arc::clone(&self.peer) })
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

    /// The stream of this id, if somebody reads it.
    pub(crate) fn get(&self, id: &str) -> Option<&Arc<IncomingStream>> {
        let (_, stream) = self.entry(id)?;
        Some(stream).filter(|stream| !stream.abandoned())
    }

    fn entry(&self, id: &str) -> Option<(&InvocationId, &Arc<IncomingStream>)> {
        let last = self.open.get_index(self.last.get()).filter(|(known, _)| known.as_str() == id);
        last.or_else(|| {
            let index = self.open.get_index_of(id)?;
            self.last.set(index);
            self.open.get_index(index)
        })
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
