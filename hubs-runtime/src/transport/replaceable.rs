//! A transport whose type is not known, so that another kind of socket can take its place, and what stands there while
//! there is none.

use std::{
    io,
    sync::Weak,
    task::{Context, Poll},
};

use bytes::Bytes;

use super::{CloseCode, DirectWrite, Transport, TransportError, TransportKind};
use crate::ids::TransferFormat;

impl Transport for Box<dyn Transport> {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        (**self).poll_receive(cx, into)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        (**self).poll_flush(cx)
    }

    fn send(&mut self, batch: Bytes, format: TransferFormat) -> Result<(), TransportError> {
        (**self).send(batch, format)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, code: CloseCode) -> Poll<()> {
        (**self).poll_close(cx, code)
    }

    fn bytes_sent(&self) -> u64 {
        (**self).bytes_sent()
    }

    fn ping(&mut self) {
        (**self).ping();
    }

    fn bytes_received(&self) -> u64 {
        (**self).bytes_received()
    }

    fn direct(&self) -> Option<Weak<dyn DirectWrite>> {
        (**self).direct()
    }

    fn is_lost(&self) -> bool {
        (**self).is_lost()
    }

    fn kind(&self) -> TransportKind {
        (**self).kind()
    }
}

/// No socket: nothing comes in, and nothing can leave.
#[derive(Debug)]
pub(crate) struct NoSocket;

impl Transport for NoSocket {
    fn poll_receive(&mut self, _: &mut Context<'_>, _: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        Poll::Pending
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, _: Bytes, _: TransferFormat) -> Result<(), TransportError> {
        Err(io::Error::from(io::ErrorKind::NotConnected).into())
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: CloseCode) -> Poll<()> {
        Poll::Ready(())
    }

    fn bytes_sent(&self) -> u64 {
        0
    }

    fn kind(&self) -> TransportKind {
        TransportKind::WebSockets
    }
}
