//! A session that sends every message back as it came, whole and of its kind: what test suites of WebSockets ask for.
//! SignalR has no use for it, since there the ends of messages mean nothing; for tests alone.

use std::{future::poll_fn, task::Poll};

use bytes::Bytes;
use tokio::io::AsyncRead;

use super::{WebSocket, outgoing::Opcode, writer::WriteIo};
use crate::{
    ids::TransferFormat,
    transport::{Transport, TransportError},
};

/// Runs until the client is done. The caller closes the socket.
pub(crate) async fn echo<R, W>(socket: &mut WebSocket<R, W>) -> Result<(), TransportError>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: WriteIo,
{
    let mut collected = Vec::new();
    while let Some(received) = receive(socket, &mut collected).await {
        received?;
        while let Some(ended) = socket.decoder.ended.pop_front() {
            let size = usize::try_from(ended.size).expect("it fits the memory");
            let rest = collected.split_off(size);
            send(socket, Bytes::from(std::mem::replace(&mut collected, rest)), ended.is_text)?;
            poll_fn(|cx| socket.poll_flush(cx)).await?;
        }
    }
    Ok(())
}

/// Waits for more bytes, or for an empty message that has ended.
async fn receive<R, W>(socket: &mut WebSocket<R, W>, into: &mut Vec<u8>) -> Option<Result<(), TransportError>>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: WriteIo,
{
    poll_fn(|cx| match socket.poll_receive(cx, into) {
        Poll::Pending if !socket.decoder.ended.is_empty() => Poll::Ready(Some(Ok(()))),
        polled => polled,
    })
    .await
}

fn send<R, W>(socket: &mut WebSocket<R, W>, message: Bytes, is_text: bool) -> Result<(), TransportError>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: WriteIo,
{
    if message.is_empty() {
        // SignalR never sends an empty message, so the transport does not.
        let opcode = if is_text { Opcode::Text } else { Opcode::Binary };
        assert!(socket.writer.lock().outgoing.batch(opcode, message), "the last message was flushed");
        return Ok(());
    }
    socket.send(message, if is_text { TransferFormat::Text } else { TransferFormat::Binary })
}
