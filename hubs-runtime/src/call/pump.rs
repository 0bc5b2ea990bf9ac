//! Writes a stream out, item by item, as fast as the peer reads.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::ItemSource;
use crate::{
    connection::{Peer, scratch},
    ids::{HubError, InvocationId},
    protocol::EncodeError,
};

/// How many items are written before others get their turn: so many that the write of them costs little beside them.
const ITEMS_A_POLL: usize = 512;

/// How many bytes are written before others get their turn, and what was written leaves.
const BYTES_A_POLL: usize = 32 * 1024;

/// Why a stream ended before its end.
#[derive(Debug)]
pub enum PumpError {
    /// The stream's own error.
    Source(HubError),
    /// An item cannot be written.
    Encode(EncodeError),
}

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

    /// Which stream it is.
    #[cfg(feature = "client")]
    pub(crate) fn id(&self) -> &InvocationId {
        &self.id
    }
}

impl Future for Pump {
    type Output = Result<(), PumpError>;

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
    fn poll_items(&mut self, cx: &mut Context<'_>, message: &mut Vec<u8>) -> Poll<Result<(), PumpError>> {
        let Self { id, source, peer } = self;
        let (protocol, format) = (peer.protocol, peer.protocol.payload_format());
        protocol.open_items(id.as_str(), message).map_err(PumpError::Encode)?;
        let head = message.len();
        let mut bytes = 0;
        for _ in 0..ITEMS_A_POLL {
            if bytes >= BYTES_A_POLL {
                break;
            }
            ready!(peer.outbox.poll_room(cx));
            match ready!(source.poll_item(cx, format, message)) {
                Some(written) => written?,
                None => return Poll::Ready(Ok(())),
            }
            let start = protocol.close_item(message).map_err(PumpError::Encode)?;
            let framed = &message[start..];
            if !peer.outbox.append_own(framed) {
                return Poll::Ready(Ok(()));
            }
            bytes += framed.len();
            message.truncate(head);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
