//! Writes a stream out, item by item, as fast as the peer reads.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::ItemSource;
use crate::{
    connection::Peer,
    ids::{HubError, InvocationId},
    protocol::{EncodeError, Outgoing},
};

/// How many items are written before others get their turn.
const ITEMS_A_POLL: usize = 64;

/// Why a stream ended before its end.
#[derive(Debug)]
pub(crate) enum PumpError {
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
        let Self { id, source, peer } = &mut *self;
        for _ in 0..ITEMS_A_POLL {
            if peer.ended.is_cancelled() {
                return Poll::Ready(Ok(()));
            }
            if peer.outbox.poll_room(cx).is_pending() {
                return Poll::Pending;
            }
            let mut written = Ok(());
            let next = source.poll_item(cx, &mut |item| {
                let message = Outgoing::StreamItem { id: id.as_str(), item };
                written = peer.encode(&message);
            });
            match next {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(PumpError::Source(error))),
                Poll::Ready(Some(Ok(()))) => {}
            }
            if let Err(error) = written {
                return Poll::Ready(Err(PumpError::Encode(error)));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
