//! How a socket to a server is opened: TCP, or what the application says; with TLS on top for `https`.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use super::proxy::{self, Proxies};
use crate::{call::BoxFuture, transport::host};

/// Where a socket is to lead, for a connector of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination {
    /// The host of the hub's address: a name or an IP address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether TLS will be spoken on the socket; the connector does not do it.
    pub secure: bool,
}

impl Destination {
    pub(super) fn of(uri: &Uri) -> Self {
        let secure = uri.scheme_str() == Some("https");
        let host = host::of(uri).to_owned();
        Self { host, port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }), secure }
    }
}

/// What a connector opens.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Socket for T {}

/// An open socket.
pub(super) struct Wire {
    socket: Box<dyn Socket>,
    /// Cancelled when the socket is dropped.
    closed: CancellationToken,
}

/// What hyper is told of a socket, and tells of the socket to which it has handed a request over.
#[derive(Clone)]
pub(super) struct SocketClosed(pub(super) CancellationToken);

impl Wire {
    fn new(socket: Box<dyn Socket>) -> Self {
        Self { socket, closed: CancellationToken::new() }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire(..)")
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_read(cx, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.socket).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new().extra(SocketClosed(self.closed.clone()))
    }
}

/// Opens a socket.
type Open = Arc<dyn Fn(Destination) -> BoxFuture<io::Result<Box<dyn Socket>>> + Send + Sync>;

/// Opens the sockets of a client, for requests and for WebSockets.
#[derive(Clone)]
pub(super) struct Connector {
    open: Open,
    pub(super) proxies: Proxies,
    #[cfg(feature = "client-tls")]
    pub(super) tls: super::tls::Tls,
    pub(super) limit: Duration,
}

impl Connector {
    /// Opens TCP sockets, through the proxy that the environment names.
    pub(super) fn tcp(limit: Duration) -> Self {
        Self {
            open: Arc::new(|to| Box::pin(tcp(to))),
            proxies: Proxies::default(),
            #[cfg(feature = "client-tls")]
            tls: super::tls::Tls::default(),
            limit,
        }
    }

    /// Opens sockets with `open` from now on, and through no proxy.
    pub(super) fn open_with<F, R, S>(&mut self, open: F)
    where
        F: Fn(Destination) -> R + Send + Sync + 'static,
        R: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.proxies = Proxies::Never;
        self.open = Arc::new(move |to| {
            let opening = open(to);
            Box::pin(async move { Ok(Box::new(opening.await?) as Box<dyn Socket>) })
        });
    }

    /// Opens a socket to the host of `uri`, within the time limit.
    pub(super) async fn connect(self, uri: Uri) -> io::Result<Wire> {
        let limit = self.limit;
        let connected = tokio::time::timeout(limit, self.connect_unlimited(Destination::of(&uri))).await;
        connected.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, format!("not open within {limit:?}"))))
    }

    #[cfg(feature = "client-tls")]
    async fn connect_unlimited(self, to: Destination) -> io::Result<Wire> {
        let (secure, host) = (to.secure, to.host.clone());
        let socket = self.open(to).await?;
        if secure { self.tls.wrap(&host, Box::new(socket)).await.map(Wire::new) } else { Ok(socket) }
    }

    #[cfg(not(feature = "client-tls"))]
    async fn connect_unlimited(self, to: Destination) -> io::Result<Wire> {
        if to.secure {
            let text = "this build has no TLS; switch the feature `client-tls` of hubs-runtime on";
            return Err(io::Error::new(io::ErrorKind::Unsupported, text));
        }
        self.open(to).await
    }

    /// Opens a socket without TLS, through the proxy that leads there.
    async fn open(&self, to: Destination) -> io::Result<Wire> {
        let direct = Self { proxies: Proxies::Never, ..self.clone() };
        match proxy::tunnel(&self.proxies, direct, &to).await {
            Some(opened) => opened,
            None => (self.open)(to).await.map(Wire::new),
        }
    }
}

async fn tcp(to: Destination) -> io::Result<Box<dyn Socket>> {
    let socket = TcpStream::connect((to.host.as_str(), to.port)).await?;
    // A call is smaller than a packet, and must not wait for the next one.
    socket.set_nodelay(true)?;
    Ok(Box::new(socket))
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = io::Error;
    type Future = BoxFuture<io::Result<TokioIo<Wire>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.clone().connect(uri);
        Box::pin(async move { connecting.await.map(TokioIo::new) })
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_follow_from_the_scheme_and_brackets_are_removed() {
        let of = |text: &str| {
            let to = Destination::of(&text.parse().unwrap());
            (to.host, to.port, to.secure)
        };
        assert_eq!(of("http://a/x"), ("a".to_owned(), 80, false));
        assert_eq!(of("https://a.b/x"), ("a.b".to_owned(), 443, true));
        assert_eq!(of("http://[::1]:5/x"), ("::1".to_owned(), 5, false));
    }
}
