//! A socket, plain or with TLS, that ends when its client does not get anywhere. Must not know requests: [`Activity`]
//! tells it of them.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep, sleep_until},
};

use super::{activity::Activity, frames::Frames, limits::Limits};

/// One accepted socket, as the HTTP server reads and writes it.
#[derive(Debug)]
pub(in crate::server) struct LimitedSocket<S> {
    socket: S,
    limits: Limits,
    activity: Activity,
    frames: Frames,
    /// Runs while no request is open.
    silence: Option<Pin<Box<Sleep>>>,
    /// Runs while the client takes no byte.
    unread: Option<Pin<Box<Sleep>>>,
}

impl<S> LimitedSocket<S> {
    pub(super) fn new(socket: S, limits: Limits, activity: Activity) -> Self {
        Self { socket, limits, activity, frames: Frames::Preface(0), silence: None, unread: None }
    }

    /// The socket, without any limit.
    pub(in crate::server) fn into_inner(self) -> S {
        self.socket
    }

    /// Nothing has come. Ready when that has gone on for too long.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            let is_http2 = self.frames.is_http2();
            let Some(deadline) = self.activity.deadline(cx, &self.limits, is_http2) else {
                self.silence = None;
                return Poll::Pending;
            };
            let silence = self.silence.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            // One that ends too early is set anew when it has ended: most often much has happened by then.
            if silence.deadline() > deadline {
                silence.as_mut().reset(deadline);
            }
            ready!(silence.as_mut().poll(cx));
            if deadline <= Instant::now() {
                return self.fell_silent(is_http2);
            }
            silence.as_mut().reset(deadline);
        }
    }

    /// An HTTP/2 client that has asked before is told, so that no request of its is lost on the way.
    fn fell_silent(&mut self, is_http2: bool) -> Poll<io::Error> {
        if is_http2 && self.activity.has_asked() {
            self.silence = None;
            if !self.activity.idle.is_cancelled() {
                self.activity.idle.cancel();
            }
            return Poll::Pending;
        }
        Poll::Ready(timed_out("no request came in time"))
    }

    fn written(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = &polled {
            self.unread = None;
            self.frames.sent(*written.as_ref().unwrap_or(&0));
            return polled;
        }
        if self.activity.is_upgraded() {
            return Poll::Pending;
        }
        let limit = self.limits.unread;
        let unread = self.unread.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(unread.as_mut().poll(cx));
        Poll::Ready(Err(timed_out("the client does not read its answer")))
    }
}

fn timed_out(text: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, text)
}

impl<S: AsyncRead + Unpin> AsyncRead for LimitedSocket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.socket).poll_read(cx, into);
        if polled.is_pending() {
            return self.poll_silence(cx).map(Err);
        }
        let come = &into.filled()[before..];
        if !come.is_empty() && !self.activity.is_upgraded() {
            if !self.frames.received(come) {
                return Poll::Ready(Err(io::Error::other("the client floods the server with control frames")));
            }
            self.activity.received();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LimitedSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.written(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.socket).poll_write_vectored(cx, bytes);
        self.written(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
