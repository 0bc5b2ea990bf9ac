//! The next socket of a connection that another node owns: what its client sends and gets passes through the backplane,
//! one part after the other in each direction. The other side confirms a part once it has taken it, so that a slow client
//! slows the owner as it would without a tunnel. Must not know what a hub message is.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    backplane::{Backplane, BackplaneError, Pending, Subscription},
    ids::TransferFormat,
    transport::{CloseCode, Transport, memory::MemoryTransport},
};

/// How long the other side may take to take a part.
const TAKING: Duration = Duration::from_secs(15);
/// How long a client may take to close its socket.
const CLOSING: Duration = Duration::from_secs(5);

const TAKEN: &[u8] = b"taken";

/// Which end of a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The node that has the client's socket.
    Client,
    /// The node that owns the connection.
    Owner,
}

/// What a part is: its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text = 0,
    Binary = 1,
    /// The socket was closed.
    Closed = 2,
    /// The socket was closed because of an error.
    Failed = 3,
    /// The socket is gone.
    Lost = 4,
}

/// One end of a tunnel.
pub(super) struct Tunnel {
    backplane: Arc<dyn Backplane>,
    to: String,
    incoming: mpsc::Receiver<Part>,
    _answers: Subscription,
}

struct Part {
    payload: Bytes,
    taken: oneshot::Sender<()>,
}

/// Why a tunnel has ended.
enum Ended {
    /// The socket of this side has.
    Here(Kind),
    /// That of the other side has.
    There(Kind),
}

/// A tunnel with its socket.
struct Passing<T> {
    tunnel: Tunnel,
    socket: T,
    /// The part that the other side has not confirmed.
    sending: Option<Pending<Bytes>>,
    /// To confirm the part that is being written.
    writing: Option<oneshot::Sender<()>>,
    received: Vec<u8>,
}

/// A socket of a side.
pub(super) trait End: Transport {
    /// How its batches are to be written.
    fn format(&self) -> TransferFormat {
        TransferFormat::Text
    }

    /// How it has ended.
    fn ended(&self) -> Kind {
        if self.is_lost() { Kind::Lost } else { Kind::Closed }
    }
}

impl End for Box<dyn Transport> {}

impl End for MemoryTransport {
    fn format(&self) -> TransferFormat {
        self.peer_format()
    }

    fn ended(&self) -> Kind {
        match self.close_code() {
            Some(CloseCode::Normal) => Kind::Closed,
            Some(CloseCode::InternalError) => Kind::Failed,
            None => Kind::Lost,
        }
    }
}

impl Tunnel {
    /// The end of a tunnel of this name, once the other side can reach it.
    pub(super) async fn open(backplane: &Arc<dyn Backplane>, name: &str, side: Side) -> Result<Self, BackplaneError> {
        let [client, owner] = ["client", "owner"].map(|side| format!("{name}:{side}"));
        let (own, to) = if side == Side::Client { (client, owner) } else { (owner, client) };
        let (parts, incoming) = mpsc::channel(1);
        let respond = move |payload| -> BoxFuture<'static, Bytes> {
            let parts = parts.clone();
            Box::pin(async move {
                let (taken, is_taken) = oneshot::channel();
                let taken = parts.send(Part { payload, taken }).await.is_ok() && is_taken.await.is_ok();
                Bytes::from_static(if taken { TAKEN } else { b"" })
            })
        };
        let answers = backplane.respond(&own, Arc::new(respond));
        answers.confirmed().await?;
        Ok(Self { backplane: Arc::clone(backplane), to, incoming, _answers: answers })
    }

    /// Passes on what comes, until one of the sockets has ended, the other side is not reached, or `stopping`.
    pub(super) async fn run(self, socket: impl End, stopping: &CancellationToken) {
        let (sending, writing, received) = (None, None, Vec::new());
        let mut passing = Passing { tunnel: self, socket, sending, writing, received };
        let ended = stopping.run_until_cancelled(poll_fn(|cx| passing.poll(cx))).await;
        passing.end(ended.unwrap_or(Ended::Here(Kind::Lost))).await;
    }

    fn send(&self, kind: Kind, bytes: &[u8]) -> Pending<Bytes> {
        self.backplane.request(&self.to, [&[kind as u8], bytes].concat().into(), TAKING)
    }
}

impl<T: End> Passing<T> {
    /// Ready when the tunnel has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        loop {
            let out = match self.poll_out(cx) {
                Poll::Ready(Err(ended)) => return Poll::Ready(ended),
                out => out.is_ready(),
            };
            let written = match self.poll_in(cx) {
                Poll::Ready(Err(ended)) => return Poll::Ready(ended),
                written => written.is_ready(),
            };
            if !out && !written {
                return Poll::Pending;
            }
        }
    }

    /// Sends on what the socket has received. Ready when there is more to do.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ended>> {
        if let Some(sending) = &mut self.sending {
            let is_taken = matches!(ready!(sending.poll_unpin(cx)), Ok(answer) if answer == TAKEN);
            self.sending = None;
            return Poll::Ready(if is_taken { Ok(()) } else { Err(Ended::There(Kind::Lost)) });
        }
        match ready!(self.socket.poll_receive(cx, &mut self.received)) {
            Some(Ok(())) => {
                let kind = match self.socket.format() {
                    TransferFormat::Text => Kind::Text,
                    TransferFormat::Binary => Kind::Binary,
                };
                self.sending = Some(self.tunnel.send(kind, &self.received));
                self.received.clear();
                Poll::Ready(Ok(()))
            }
            Some(Err(_)) => Poll::Ready(Err(Ended::Here(Kind::Lost))),
            None => Poll::Ready(Err(Ended::Here(self.socket.ended()))),
        }
    }

    /// Writes what the other side has sent. Ready when there is more to do.
    fn poll_in(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ended>> {
        if ready!(self.socket.poll_flush(cx)).is_err() {
            return Poll::Ready(Err(Ended::Here(Kind::Lost)));
        }
        if let Some(taken) = self.writing.take() {
            // It may wait no more.
            let _ = taken.send(());
        }
        let Some(Part { mut payload, taken }) = ready!(self.tunnel.incoming.poll_recv(cx)) else {
            return Poll::Ready(Err(Ended::There(Kind::Lost)));
        };
        let format = match payload.first() {
            Some(&kind) if kind == Kind::Text as u8 => TransferFormat::Text,
            Some(&kind) if kind == Kind::Binary as u8 => TransferFormat::Binary,
            Some(&kind) if kind == Kind::Closed as u8 => return Poll::Ready(Err(Ended::There(Kind::Closed))),
            Some(&kind) if kind == Kind::Failed as u8 => return Poll::Ready(Err(Ended::There(Kind::Failed))),
            _ => return Poll::Ready(Err(Ended::There(Kind::Lost))),
        };
        let sent = self.socket.send(payload.split_off(1), format);
        self.writing = Some(taken);
        Poll::Ready(sent.map_err(|_| Ended::Here(Kind::Lost)))
    }

    /// Ends the side that has not ended.
    async fn end(mut self, ended: Ended) {
        let code = match ended {
            Ended::Here(kind) => {
                // What was received before is taken first.
                if let Some(sending) = self.sending {
                    let _ = sending.await;
                }
                let _ = self.tunnel.send(kind, &[]).await;
                return;
            }
            Ended::There(Kind::Closed) => CloseCode::Normal,
            Ended::There(Kind::Failed) => CloseCode::InternalError,
            // The socket is dropped, and its peer sees that it is lost.
            Ended::There(_) => return,
        };
        let _ = timeout(CLOSING, poll_fn(|cx| self.socket.poll_close(cx, code))).await;
    }
}
