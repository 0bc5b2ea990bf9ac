//! The transport itself: one socket, what is read from it, what is written to it, and the closing handshake.

use std::{
    io,
    sync::Weak,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    decoder::{Decoder, Event, Fault},
    writer::{SharedWriter, WriteIo, Writer},
};
use crate::{
    ids::TransferFormat,
    transport::{CloseCode, DirectWrite, Transport, TransportError, TransportKind},
};

/// A WebSocket message may hold many hub messages, so it may be this many times as large as one, ...
const HUB_MESSAGES_PER_MESSAGE: u64 = 16;
/// ... and always at least this large.
const LEAST_MAX_MESSAGE: u64 = 1024 * 1024;

/// The answer to a client's `Sec-WebSocket-Key`.
pub(crate) fn accept_key(key: &[u8]) -> String {
    derive_accept_key(key)
}

/// One WebSocket whose upgrade has been answered.
#[derive(Debug)]
pub(crate) struct WebSocket<R, W> {
    io: R,
    pub(super) decoder: Decoder,
    pub(super) writer: SharedWriter<W>,
    peer: Peer,
    closing: Closing,
    received: u64,
    /// Whether pings wait for their answer.
    unanswered: bool,
}

/// What is to be expected of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    Talking,
    /// It sent its Close.
    Done,
    /// The socket ended.
    Lost,
    /// It broke the rules. The session hears of it after all that came before.
    Breaks(Fault),
    /// It broke the rules, and the session has heard of it.
    Broke(Fault),
}

/// How far our own side of the closing handshake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    NotYet,
    /// The Close is on its way, and the client's is awaited.
    Sent,
    /// Both are through; the server ends the stream first (RFC 6455, 7.1.1).
    Ending,
    /// Reading on until the client ends too: closing with unread bytes would reset the stream and lose our Close.
    Draining,
    Down,
}

/// A WebSocket over the plain TCP socket: senders can write to it directly.
pub(crate) type TcpWebSocket = WebSocket<OwnedReadHalf, OwnedWriteHalf>;

/// A WebSocket over any other IO, to which only its task can write.
pub(crate) type IoWebSocket<IO> = WebSocket<ReadHalf<IO>, WriteHalf<IO>>;

impl TcpWebSocket {
    /// `leftover` is what the client sent with its upgrade; `maximum_receive_message_size` is that of one hub message,
    /// in bytes.
    pub(crate) fn over_tcp(tcp: TcpStream, leftover: &[u8], maximum_receive_message_size: Option<usize>) -> Self {
        let (read, write) = tcp.into_split();
        Self::over(read, write, leftover, maximum_receive_message_size)
    }
}

impl<IO: AsyncRead + AsyncWrite> IoWebSocket<IO> {
    /// As [`WebSocket::over_tcp`].
    pub(crate) fn new(io: IO, leftover: &[u8], maximum_receive_message_size: Option<usize>) -> Self {
        let (read, write) = tokio::io::split(io);
        Self::over(read, write, leftover, maximum_receive_message_size)
    }
}

impl<R, W> WebSocket<R, W> {
    fn over(read: R, write: W, leftover: &[u8], maximum_receive_message_size: Option<usize>) -> Self {
        let max_message = maximum_receive_message_size
            .map(|size| (size as u64).saturating_mul(HUB_MESSAGES_PER_MESSAGE).max(LEAST_MAX_MESSAGE));
        Self {
            io: read,
            decoder: Decoder::new(leftover, max_message),
            writer: Writer::shared(write),
            peer: Peer::Talking,
            closing: Closing::NotYet,
            received: 0,
            unanswered: false,
        }
    }
}

impl<R: AsyncRead + Unpin + Send + 'static, W: WriteIo> WebSocket<R, W> {
    /// Reads until something has come into `into`, or no more will come; then it gives the socket's error, if that is
    /// why.
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<io::Error>> {
        let before = into.len();
        while self.peer == Peer::Talking {
            match self.decoder.next(into) {
                Ok(Some(Event::Ping(payload))) => self.pinged(payload, cx),
                Ok(Some(Event::Close)) => self.peer = Peer::Done,
                Ok(None) if into.len() > before => break,
                Ok(None) => {
                    self.answer_pings(cx);
                    match ready!(self.decoder.poll_fill(&mut self.io, cx)) {
                        Ok(0) => self.peer = Peer::Lost,
                        Ok(count) => self.received += count as u64,
                        Err(error) => {
                            self.peer = Peer::Lost;
                            return Poll::Ready(Some(error).filter(|error| !is_gone(error)));
                        }
                    }
                }
                Err(fault) => self.peer = Peer::Breaks(fault),
            }
        }
        Poll::Ready(None)
    }

    /// Takes a ping; its answer leaves before the next read.
    fn pinged(&mut self, payload: Bytes, cx: &mut Context<'_>) {
        let mut writer = self.writer.lock();
        if writer.outgoing.is_full_of_pongs() {
            let _ = writer.poll_drive(cx);
        }
        writer.outgoing.pong(payload);
        self.unanswered = true;
    }

    /// Tries to write the answers to pings. An error shows with the next read or flush.
    fn answer_pings(&mut self, cx: &mut Context<'_>) {
        if self.unanswered {
            let mut writer = self.writer.lock();
            let _ = writer.poll_drive(cx);
            self.unanswered = writer.outgoing.has_pongs();
        }
    }

    /// Writes our Close, and meanwhile reads on: the client may be unable to read before it has written.
    fn poll_close_frames(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = self.writer.lock().poll_drive(cx);
        let mut unread = Vec::new();
        while self.peer == Peer::Talking && self.poll_receive(cx, &mut unread).is_ready() {
            unread.clear();
        }
        ready!(written)?;
        if self.peer == Peer::Talking { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.decoder.discard();
            if matches!(ready!(self.decoder.poll_fill(&mut self.io, cx)), Ok(0) | Err(_)) {
                return Poll::Ready(());
            }
        }
    }
}

impl<R: AsyncRead + Unpin + Send + 'static, W: WriteIo> Transport for WebSocket<R, W> {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        let before = into.len();
        let read = self.poll_read(cx, into);
        self.decoder.settle();
        self.answer_pings(cx);
        if into.len() > before {
            return Poll::Ready(Some(Ok(())));
        }
        if let Peer::Breaks(fault) = self.peer {
            self.peer = Peer::Broke(fault);
            return Poll::Ready(Some(Err(fault.into())));
        }
        ready!(read).map_or(Poll::Ready(None), |error| Poll::Ready(Some(Err(error.into()))))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.writer.lock().poll_drive(cx).map_err(TransportError::from)
    }

    fn send(&mut self, batch: Bytes, format: TransferFormat) -> Result<(), TransportError> {
        if self.writer.lock().batch(batch, format) {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::NotConnected, "send after close, or before the last batch was flushed")
            .into())
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, code: CloseCode) -> Poll<()> {
        loop {
            match self.closing {
                Closing::NotYet => {
                    self.writer.lock().outgoing.close(match self.peer {
                        Peer::Broke(fault) | Peer::Breaks(fault) => fault.code(),
                        Peer::Talking | Peer::Done | Peer::Lost => code.into(),
                    });
                    self.closing = Closing::Sent;
                }
                Closing::Sent => {
                    let sent = ready!(self.poll_close_frames(cx));
                    self.closing = if sent.is_ok() { Closing::Ending } else { Closing::Down };
                }
                Closing::Ending => {
                    let ended = ready!(self.writer.lock().poll_shutdown(cx));
                    let drain = ended.is_ok() && matches!(self.peer, Peer::Broke(_) | Peer::Breaks(_));
                    self.closing = if drain { Closing::Draining } else { Closing::Down };
                }
                Closing::Draining => {
                    ready!(self.poll_drain(cx));
                    self.closing = Closing::Down;
                }
                Closing::Down => return Poll::Ready(()),
            }
        }
    }

    fn bytes_sent(&self) -> u64 {
        self.writer.lock().outgoing.sent()
    }

    fn ping(&mut self) {
        self.writer.lock().outgoing.ping();
    }

    fn bytes_received(&self) -> u64 {
        self.received
    }

    fn direct(&self) -> Option<Weak<dyn DirectWrite>> {
        W::direct(&self.writer)
    }

    fn is_lost(&self) -> bool {
        self.peer == Peer::Lost
    }

    fn kind(&self) -> TransportKind {
        TransportKind::WebSockets
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        match code {
            CloseCode::Normal => 1000,
            CloseCode::InternalError => 1011,
        }
    }
}

/// Whether the error only says that the client went away without a Close frame, which is no failure of ours or of the network.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(error.kind(), ConnectionReset | ConnectionAborted | BrokenPipe | NotConnected | UnexpectedEof)
}
