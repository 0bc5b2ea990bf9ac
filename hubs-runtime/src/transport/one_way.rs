//! Server-Sent Events whose text the sender has written, and whose reader sends nothing.

use std::task::{Context, Poll};

use bytes::Bytes;

use super::{
    CloseCode, Feed, Transport, TransportError, TransportKind,
    sse::{self, EventStream, ServerSentEvents},
};
use crate::ids::TransferFormat;

#[derive(Debug)]
pub(crate) struct OneWay(ServerSentEvents);

/// Both ends of a stream of events.
pub(crate) fn open() -> (OneWay, EventStream) {
    let (transport, events) = sse::open(Feed::new(1));
    (OneWay(transport), events)
}

impl Transport for OneWay {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        self.0.poll_receive(cx, into)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_flush(cx)
    }

    fn send(&mut self, batch: Bytes, _format: TransferFormat) -> Result<(), TransportError> {
        self.0.put(batch)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, code: CloseCode) -> Poll<()> {
        self.0.poll_close(cx, code)
    }

    fn bytes_sent(&self) -> u64 {
        self.0.bytes_sent()
    }

    fn kind(&self) -> TransportKind {
        self.0.kind()
    }
}
