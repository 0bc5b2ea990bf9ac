//! The writing half with its socket: held by the session, and by the flusher that writes past it.

use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncWrite, WriteHalf},
    net::tcp::OwnedWriteHalf,
};

use super::{
    outgoing::{Opcode, Outgoing},
    sink::{AtOnce, Waiting},
};
use crate::{ids::TransferFormat, transport::DirectWrite};

/// What is to be written, and where.
#[derive(Debug)]
pub(crate) struct Writer<W> {
    pub(super) outgoing: Outgoing,
    io: W,
    needs_flush: bool,
}

/// A writer that two may hold.
pub(crate) type SharedWriter<W> = Arc<Mutex<Writer<W>>>;

impl<W> Writer<W> {
    pub(super) fn shared(io: W) -> SharedWriter<W> {
        Arc::new(Mutex::new(Self { outgoing: Outgoing::default(), io, needs_flush: false }))
    }

    /// Takes a batch. False if one waits already, or the Close frame was queued.
    pub(super) fn batch(&mut self, batch: Bytes, format: TransferFormat) -> bool {
        let opcode = match format {
            TransferFormat::Text => Opcode::Text,
            TransferFormat::Binary => Opcode::Binary,
        };
        batch.is_empty() || self.outgoing.batch(opcode, batch)
    }
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// Writes until all is gone.
    pub(super) fn poll_drive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let before = self.outgoing.sent();
        let driven = self.outgoing.drive(&mut Waiting { io: &mut self.io, cx });
        self.needs_flush |= self.outgoing.sent() != before;
        ready!(driven)?;
        if self.needs_flush {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.needs_flush = false;
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// A socket's writing half, as far as it can be written to without its task.
pub(crate) trait WriteIo: AsyncWrite + Unpin + Send + fmt::Debug + Sized + 'static {
    /// The way past the task, where there is one.
    fn direct(writer: &SharedWriter<Self>) -> Option<Weak<dyn DirectWrite>>;
}

impl WriteIo for OwnedWriteHalf {
    fn direct(writer: &SharedWriter<Self>) -> Option<Weak<dyn DirectWrite>> {
        let writer: Weak<Mutex<Writer<Self>>> = Arc::downgrade(writer);
        Some(writer)
    }
}

impl<IO: AsyncWrite + Unpin + Send + fmt::Debug + 'static> WriteIo for WriteHalf<IO> {
    fn direct(_: &SharedWriter<Self>) -> Option<Weak<dyn DirectWrite>> {
        None
    }
}

impl DirectWrite for Mutex<Writer<OwnedWriteHalf>> {
    fn write_now(&self, batch: Bytes, format: TransferFormat) -> Option<u64> {
        let mut writer = self.lock();
        // A batch is refused only after the Close frame, when the client no longer expects it.
        writer.batch(batch, format);
        let Writer { outgoing, io, .. } = &mut *writer;
        let driven = outgoing.drive(&mut AtOnce(io));
        matches!(driven, Poll::Ready(Ok(()))).then(|| outgoing.sent())
    }
}
