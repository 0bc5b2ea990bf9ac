//! Streams that come in, item by item, on either end: a bounded queue between the session that reads the socket and the
//! code that reads the stream. All streams of a connection share one bound; past it the session stops reading.

mod batch;
mod incoming;
mod room;

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

use parking_lot::Mutex;

pub(crate) use self::incoming::{IncomingStreams, Taken};
use self::{
    batch::Batch,
    room::{Room, Share},
};
use crate::connection::{Peer, Registered};

/// How many bytes a stream takes before it asks for room again.
const PORTION: usize = 64 * 1024;

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StreamEnd {
    /// All items have come.
    Done,
    /// The peer ended it with this error.
    Failed(String),
    /// The connection has ended.
    Disconnected,
}

/// One stream that comes in.
#[derive(Debug)]
pub(crate) struct IncomingStream {
    queue: Mutex<Queue>,
    /// What it shares with the other streams of its connection.
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    room: Room,
    /// So many items of each stream fit where there is little room left for all.
    capacity: usize,
    /// Whether a reader was dropped since [`IncomingStreams::take_abandoned`].
    abandoned: AtomicBool,
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
    /// The reader was dropped.
    abandoned: bool,
}

/// How much a stream takes.
enum Allowance {
    /// Nothing will be read any more: items are dropped.
    Unread,
    /// So many bytes before it is asked again. Any one item fits where one byte does.
    Bytes(usize),
    /// Nothing. The session is woken when that changes.
    Full(Registered),
}

impl IncomingStream {
    /// How much fits, up to `times` the limit of all streams together. Past it, up to twice the limit, a stream takes
    /// items up to its capacity, and past that one item if it holds nothing.
    fn allowance(&self, times: usize, cx: &Context<'_>) -> Allowance {
        let allowance = |left: usize| if left > 0 { Some(Allowance::Bytes(left.min(PORTION))) } else { None };
        let room = &self.shared.room;
        let queue = self.queue.lock();
        if queue.abandoned || queue.end.is_some() {
            return Allowance::Unread;
        }
        let items = queue.items();
        drop(queue);
        if items == 0 {
            return Allowance::Bytes(room.left(times).clamp(1, PORTION));
        }
        let few = items < self.shared.capacity && room.left(2 * times) > 0;
        allowance(room.left(times).max(usize::from(few))).unwrap_or_else(|| {
            let waits = room.register(cx);
            // Items may have been read meanwhile, those of this stream included.
            let empty = self.queue.lock().items() == 0;
            allowance(room.left(times).max(usize::from(empty))).unwrap_or(Allowance::Full(waits))
        })
    }

    /// Takes all items of `batch`. Items of a stream that is not read any more are dropped.
    fn take(&self, batch: &mut Batch) {
        let mut queue = self.queue.lock();
        if queue.abandoned || queue.end.is_some() {
            batch.clear();
            return;
        }
        queue.waiting.append(batch);
        queue.note(&self.shared.room);
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

    /// Whether the reader was dropped.
    fn abandoned(&self) -> bool {
        self.queue.lock().abandoned
    }

    /// Exchanges `read`, of which all items were read, for the items that wait.
    fn exchange(&self, queue: &mut Queue, read: &mut Batch) {
        read.clear();
        mem::swap(&mut queue.waiting, read);
        (queue.taken_items, queue.taken_bytes) = (read.len(), read.size());
        queue.note(&self.shared.room);
    }
}

impl Queue {
    fn items(&self) -> usize {
        self.waiting.len() + self.taken_items
    }

    /// Notes how much it holds.
    fn note(&mut self, room: &Room) {
        let bytes = self.waiting.size() + self.taken_bytes;
        room.note(&mut self.share, bytes);
    }
}

/// The reading end of a stream. Dropping it abandons the stream.
#[derive(Debug)]
pub struct StreamReader {
    stream: Arc<IncomingStream>,
    /// What was taken out of the queue at once, so that most items cost no lock.
    batch: Batch,
    /// Its session is told when the reader is dropped.
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
        self.stream.exchange(&mut queue, &mut self.batch);
        match &queue.end {
            _ if !self.batch.is_read() => Poll::Ready(Ok(())),
            Some(end) => Poll::Ready(Err(end.clone())),
            None => {
                queue.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let mut queue = self.stream.queue.lock();
        queue.abandoned = true;
        queue.waiting = Batch::default();
        (queue.taken_items, queue.taken_bytes) = (0, 0);
        queue.note(&self.stream.shared.room);
        drop(queue);
        self.stream.shared.abandoned.store(true, Ordering::Release);
        self.peer.outbox.wake();
    }
}

/// Opens streams for one connection.
#[derive(Debug, Clone)]
pub(crate) struct StreamOpener {
    peer: Arc<Peer>,
    shared: Arc<Shared>,
}

impl StreamOpener {
    /// For streams that hold about `limit` bytes together. Where there is no room for more, `capacity` items of each
    /// still fit, up to twice the limit, and one item of each in any case.
    pub(crate) fn new(peer: Arc<Peer>, limit: usize, capacity: usize) -> Self {
        let (room, abandoned) = (Room::new(limit.max(1)), AtomicBool::new(false));
        Self { peer, shared: Arc::new(Shared { room, capacity, abandoned }) }
    }

    /// Both ends of a new stream.
    pub(crate) fn open(&self) -> (Arc<IncomingStream>, StreamReader) {
        let stream = Arc::new(IncomingStream { queue: Mutex::default(), shared: Arc::clone(&self.shared) });
        (Arc::clone(&stream), StreamReader { stream, batch: Batch::default(), peer: Arc::clone(&self.peer) })
    }

    /// Whether a reader was dropped since the last call.
    #[cfg(feature = "client")]
    pub(crate) fn take_abandoned(&self) -> bool {
        self.shared.abandoned.load(Ordering::Relaxed) && self.shared.abandoned.swap(false, Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests;
