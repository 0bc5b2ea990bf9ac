//! The streams that come in on one connection, as its session holds them.

use std::{sync::Arc, task::Context};

use indexmap::IndexMap;

use super::{Allowance, IncomingStream, StreamEnd, batch::Batch};
use crate::{connection::Registered, ids::InvocationId};

/// How many times the limit may wait while this end waits for an answer of the peer: the answer may be behind it.
const TIMES_WHILE_ASKING: usize = 4;

/// What became of an item.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It waits for its reader, or was dropped because there is none.
    Yes,
    /// No stream of this id is open.
    Unknown,
    /// The streams hold as much as they may. The task is woken when there is room.
    Full(Registered),
}

/// The streams that come in on one connection. Most connections have none, and no memory for them.
#[derive(Debug, Default)]
pub(crate) struct IncomingStreams(Option<Box<Streams>>);

/// Items that come one after the other are handed to their reader together, so that most of them cost no lock.
#[derive(Debug, Default)]
struct Streams {
    open: IndexMap<InvocationId, Arc<IncomingStream>>,
    /// For which of them the last item was.
    last: usize,
    /// Items of that one that its reader has not been given.
    fresh: Batch,
    /// How many bytes of them still fit.
    allowance: usize,
}

impl IncomingStreams {
    /// Whether a stream of this id is open.
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.0.as_ref().is_some_and(|streams| streams.open.contains_key(id))
    }

    pub(crate) fn insert(&mut self, id: InvocationId, stream: Arc<IncomingStream>) {
        let streams = self.0.get_or_insert_default();
        streams.hand_over();
        streams.open.insert(id, stream);
    }

    /// Takes an item, to be given to its reader by [`IncomingStreams::hand_over`]. `asking` tells whether this end waits
    /// for an answer of the peer.
    pub(crate) fn push(&mut self, id: &str, item: &[u8], asking: impl FnOnce() -> bool, cx: &Context<'_>) -> Taken {
        self.0.as_mut().map_or(Taken::Unknown, |streams| streams.push(id, item, asking, cx))
    }

    /// Gives readers what has come. To be called before they are polled.
    pub(crate) fn hand_over(&mut self) {
        if let Some(streams) = &mut self.0 {
            streams.hand_over();
        }
    }

    /// Takes out the streams whose readers were dropped, and returns their ids.
    pub(crate) fn take_abandoned(&mut self) -> Vec<InvocationId> {
        let Some(streams) = &mut self.0 else { return Vec::new() };
        streams.hand_over();
        streams.open.extract_if(.., |_, stream| stream.abandoned()).map(|(id, _)| id).collect()
    }

    /// Closes a stream. Returns whether it was open.
    pub(crate) fn end(&mut self, id: &str, end: StreamEnd) -> bool {
        let Some(streams) = &mut self.0 else { return false };
        streams.hand_over();
        let ended = streams.open.swap_remove(id).map(|stream| stream.end(end)).is_some();
        if streams.open.is_empty() {
            self.0 = None;
        }
        ended
    }

    /// The connection has ended: closes all streams.
    pub(crate) fn disconnect(&mut self) {
        let Some(mut streams) = self.0.take() else { return };
        streams.hand_over();
        streams.open.drain(..).for_each(|(_, stream)| stream.end(StreamEnd::Disconnected));
    }
}

impl Streams {
    fn push(&mut self, id: &str, item: &[u8], asking: impl FnOnce() -> bool, cx: &Context<'_>) -> Taken {
        let Some(index) = self.find(id) else { return Taken::Unknown };
        if index != self.last || self.allowance == 0 {
            self.hand_over();
            self.last = index;
            let stream = &self.open[index];
            let mut allowance = stream.allowance(1, cx);
            if matches!(allowance, Allowance::Full(_)) && asking() {
                allowance = stream.allowance(TIMES_WHILE_ASKING, cx);
            }
            match allowance {
                Allowance::Unread => return Taken::Yes,
                Allowance::Full(waits) => return Taken::Full(waits),
                Allowance::Bytes(bytes) => self.allowance = bytes,
            }
        }
        self.allowance = self.allowance.saturating_sub(Batch::size_of(item));
        self.fresh.push(item);
        Taken::Yes
    }

    fn find(&self, id: &str) -> Option<usize> {
        let last = self.open.get_index(self.last).filter(|(known, _)| known.as_str() == id);
        if last.is_some() { Some(self.last) } else { self.open.get_index_of(id) }
    }

    fn hand_over(&mut self) {
        self.allowance = 0;
        if self.fresh.len() > 0
            && let Some((_, stream)) = self.open.get_index(self.last)
        {
            stream.take(&mut self.fresh);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        task::{Context, Poll, Waker},
    };

    use super::*;
    use crate::{
        connection::{OutboxLimits, Peer},
        ids::ConnectionId,
        invocation::{StreamOpener, StreamReader},
        protocol::JsonHubProtocol,
    };

    fn open<const N: usize>(ids: [&str; N]) -> (IncomingStreams, [StreamReader; N]) {
        let limits = OutboxLimits::DEFAULT;
        let peer = Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits));
        let opener = StreamOpener::new(peer, 64 * 1024, 1);
        let mut streams = IncomingStreams::default();
        let readers = ids.map(|id| {
            let (stream, reader) = opener.open();
            streams.insert(id.into(), stream);
            reader
        });
        (streams, readers)
    }

    fn push(streams: &mut IncomingStreams, id: &str, item: &[u8]) -> bool {
        let taken = streams.push(id, item, || false, &Context::from_waker(Waker::noop()));
        !matches!(taken, Taken::Full(_))
    }

    /// All that a reader gets, and how it ended.
    fn read(reader: &mut StreamReader) -> (String, Option<StreamEnd>) {
        let mut items = Vec::new();
        loop {
            match reader.poll_next(&Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(item)) => items.push(String::from_utf8(item.to_vec()).unwrap()),
                Poll::Ready(Err(end)) => return (items.join(" "), Some(end)),
                Poll::Pending => return (items.join(" "), None),
            }
        }
    }

    #[test]
    fn items_reach_their_reader_however_they_are_mixed() {
        let (mut streams, [mut a, mut b]) = open(["a", "b"]);
        for (id, item) in [("a", "1"), ("a", "2"), ("b", "3"), ("x", "4"), ("a", "5"), ("b", "6")] {
            assert!(push(&mut streams, id, item.as_bytes()));
        }
        streams.hand_over();
        assert_eq!(read(&mut a), ("1 2 5".to_owned(), None));
        assert_eq!(read(&mut b), ("3 6".to_owned(), None));
    }

    #[test]
    fn what_came_before_an_end_comes_before_it() {
        let (mut streams, [mut a, mut b, mut c]) = open(["a", "b", "c"]);
        assert!(push(&mut streams, "c", b"1"));
        assert!(streams.end("a", StreamEnd::Done) && !streams.end("a", StreamEnd::Done));
        assert!(push(&mut streams, "c", b"2") && push(&mut streams, "b", b"3"));
        assert!(streams.end("b", StreamEnd::Done));
        assert!(push(&mut streams, "c", b"4"));
        streams.disconnect();
        assert_eq!(read(&mut a), (String::new(), Some(StreamEnd::Done)));
        assert_eq!(read(&mut b), ("3".to_owned(), Some(StreamEnd::Done)));
        assert_eq!(read(&mut c), ("1 2 4".to_owned(), Some(StreamEnd::Disconnected)));
    }

    #[test]
    fn the_limit_holds_for_what_is_not_handed_over_too() {
        let (mut streams, [mut a, b]) = open(["a", "b"]);
        let item = [b'x'; 1000];
        let mut fitted = 0;
        while push(&mut streams, "a", &item) {
            fitted += 1;
        }
        assert!((60..70).contains(&fitted), "{fitted}");
        assert!(push(&mut streams, "b", &item), "one that holds nothing takes one");
        assert!(!push(&mut streams, "a", &item));
        assert_eq!(read(&mut a).0.len(), fitted * 1001 - 1);
        assert!(read(&mut a).1.is_none());
        assert!(push(&mut streams, "a", &item));
        drop(b);
        assert!((0..1000).all(|_| push(&mut streams, "b", &item)), "items without a reader are dropped");
    }
}
