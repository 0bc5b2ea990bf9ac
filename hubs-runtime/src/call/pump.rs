//! Writes a stream out, item by item, as fast as the peer reads.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::{Fault, ItemSource};
use crate::{
    connection::{Peer, scratch},
    ids::InvocationId,
};

/// How many items are written before what they are leaves and others get their turn: so many that the write costs
/// little beside them, and so few that others wait a quarter of a millisecond if an item takes a microsecond to make.
const ITEMS_A_POLL: usize = 256;

/// One stream on its way out. It is polled only while little waits to be sent, so that a large stream waits for its
/// reader and never makes it too slow.
pub(crate) struct Pump {
    id: InvocationId,
    source: Box<dyn ItemSource>,
    peer: Arc<Peer>,
}

impl Pump {
    pub(crate) fn new(id: InvocationId, source: Box<dyn ItemSource>, peer: Arc<Peer>) -> Self {
        Self { id, source, peer }
    }
}

impl Future for Pump {
    type Output = Result<(), Fault>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.peer.ended.is_cancelled() {
            return Poll::Ready(Ok(()));
        }
        scratch::with(|message| self.poll_items(cx, message))
    }
}

impl Pump {
    /// Writes items, each of which is in the outbox before the next one is made: what the stream sends to the same peer
    /// in between has its place.
    fn poll_items(&mut self, cx: &mut Context<'_>, message: &mut Vec<u8>) -> Poll<Result<(), Fault>> {
        let Self { id, source, peer } = self;
        let (protocol, format) = (peer.protocol, peer.protocol.payload_format());
        protocol.open_items(id.as_str(), message).map_err(Fault::Encode)?;
        let head = message.len();
        for _ in 0..ITEMS_A_POLL {
            ready!(peer.outbox.poll_room(cx));
            match ready!(source.poll_item(cx, format, message)) {
                Some(written) => written?,
                None => return Poll::Ready(Ok(())),
            }
            let start = protocol.close_item(message).map_err(Fault::Encode)?;
            if !peer.outbox.append_own(&message[start..]) {
                return Poll::Ready(Ok(()));
            }
            message.truncate(head);
        }
        // Polled again once the runtime has looked for what came in for others.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use bytes::Bytes;
    use futures_util::{Stream, StreamExt, stream};

    use super::*;
    use crate::{
        call::source::Source,
        connection::{End, OutboxLimits},
        contract::HubType,
        ids::{ConnectionId, HubResult},
        protocol::{ALL_PROTOCOLS, HubProtocol, JsonHubProtocol, Outgoing},
    };

    fn peer(protocol: &'static dyn HubProtocol) -> Arc<Peer> {
        let limits = OutboxLimits::DEFAULT;
        Arc::new(Peer::new(ConnectionId::new("a"), None, protocol, limits))
    }

    fn pump<T, S>(peer: &Arc<Peer>, items: S) -> Pump
    where
        T: HubType,
        S: Stream<Item = HubResult<T>> + Send + Unpin + 'static,
    {
        Pump::new(InvocationId::new("1"), Box::new(Source::new(items)), Arc::clone(peer))
    }

    fn poll(pump: &mut Pump) -> Poll<Result<(), Fault>> {
        Pin::new(pump).poll(&mut Context::from_waker(Waker::noop()))
    }

    fn sent(peer: &Peer) -> Vec<u8> {
        let batch = peer.outbox.take().unwrap_or_default();
        peer.outbox.left(batch.len());
        batch.to_vec()
    }

    #[test]
    fn items_are_the_messages_they_are_alone_in_every_protocol() {
        for protocol in ALL_PROTOCOLS {
            let peer = peer(protocol);
            let items = ["short".to_owned(), "a longer item ".repeat(100), "\"\u{1e}\n".to_owned(), String::new()];
            let mut pump = pump(&peer, stream::iter(items.clone()).map(Ok));
            assert!(matches!(poll(&mut pump), Poll::Ready(Ok(()))));
            let mut expected = Vec::new();
            for item in &items {
                protocol.encode(&Outgoing::StreamItem { id: "1", item }, &mut expected).unwrap();
            }
            assert_eq!(sent(&peer), expected, "{}", protocol.name());
        }
    }

    #[test]
    fn what_a_stream_sends_to_its_own_peer_between_two_items_stays_between_them() {
        let peer = peer(&JsonHubProtocol);
        let same = Arc::clone(&peer);
        let items = (0..3).map(move |number| {
            same.push(&Bytes::from(format!("<{number}>")));
            Ok(number)
        });
        assert!(poll(&mut pump(&peer, stream::iter(items))).is_ready());
        let item = |number| format!(r#"{{"type":2,"invocationId":"1","item":{number}}}{}"#, '\u{1e}');
        let expected = format!("<0>{}<1>{}<2>{}", item(0), item(1), item(2));
        assert_eq!(String::from_utf8(sent(&peer)).unwrap(), expected);
    }

    #[test]
    fn an_endless_stream_lets_others_have_their_turn() {
        let peer = peer(&JsonHubProtocol);
        let mut pump = pump(&peer, stream::repeat_with(|| Ok(1)));
        assert!(poll(&mut pump).is_pending());
        let small = sent(&peer);
        assert_eq!(small.iter().filter(|byte| **byte == 0x1e).count(), ITEMS_A_POLL);
    }

    #[test]
    fn a_stream_of_large_items_stops_when_much_waits_and_goes_on_when_it_has_left() {
        let peer = peer(&JsonHubProtocol);
        let mut pump = pump(&peer, stream::iter(0..20).map(|_| Ok("x".repeat(10_000))));
        assert!(poll(&mut pump).is_pending());
        assert!(peer.outbox.full() && peer.outbox.waiting() < 80_000);
        let first = sent(&peer).len();
        assert!(poll(&mut pump).is_pending());
        assert_eq!(sent(&peer).len(), first);
    }

    #[test]
    fn a_stream_ends_with_its_connection() {
        let ended = peer(&JsonHubProtocol);
        ended.ended.cancel();
        let mut never = pump(&ended, stream::repeat_with(|| -> HubResult<u8> { panic!("polled") }));
        assert!(matches!(poll(&mut never), Poll::Ready(Ok(()))));

        let ending = peer(&JsonHubProtocol);
        let same = Arc::clone(&ending);
        let items = (0..100).map(move |number| {
            assert!(number < 3, "an item after the end");
            if number == 2 {
                same.outbox.end(End::Aborted);
            }
            Ok(number)
        });
        assert!(matches!(poll(&mut pump(&ending, stream::iter(items))), Poll::Ready(Ok(()))));
        assert_eq!(sent(&ending).iter().filter(|byte| **byte == 0x1e).count(), 2);
    }

    #[test]
    fn an_item_that_cannot_be_written_leaves_nothing_of_itself() {
        let peer = peer(&JsonHubProtocol);
        let mut pump = pump(&peer, stream::iter([1, u64::MAX, 2]).map(Ok));
        assert!(matches!(poll(&mut pump), Poll::Ready(Err(Fault::Encode(_)))));
        assert_eq!(sent(&peer), b"{\"type\":2,\"invocationId\":\"1\",\"item\":1}\x1e");
    }
}
