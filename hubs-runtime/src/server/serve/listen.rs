//! Serves HTTP on the sockets of a listener as `axum::serve` does, with a limit on the time of everything that a client
//! may leave half done. Must not know hubs.

use std::{future::Future, net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::StatusCode;
use hyper::{
    Request,
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    accepting::Accepting,
    activity::{Activity, OpenBody},
    limits::Limits,
    socket::LimitedSocket,
};
use crate::server::http::{answer, request};

/// How often an HTTP/2 client is asked whether it is still there, and how long it may take to answer.
const HTTP2_PING: Duration = Duration::from_secs(20);
/// The largest head of a request, and how much of an answer waits for the socket. Server-Sent Events hand over less at a
/// time.
const MAX_BUFFER: usize = 128 * 1024;

/// What every socket is served with. Cheap to clone.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) app: TowerToHyperService<Router>,
    pub(super) limits: Limits,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<super::tls::TlsCertificate>,
    /// From then on no further request is read.
    pub(super) ending: CancellationToken,
}

/// Serves sockets until `stopped`, and then until all of them have closed.
pub(super) async fn serve(listener: TcpListener, serving: Serving, stopped: impl Future<Output = ()>) {
    let (sockets, mut accepting) = (TaskTracker::new(), Accepting::new(listener));
    let mut stopped = pin!(stopped);
    loop {
        let (socket, address) = tokio::select! {
            accepted = accepting.next() => accepted,
            () = &mut stopped => break,
        };
        sockets.spawn(open_one(socket, address, serving.clone()));
    }
    drop(accepting);
    serving.ending.cancel();
    sockets.close();
    sockets.wait().await;
}

async fn open_one(socket: TcpStream, address: SocketAddr, serving: Serving) {
    // Small messages must not wait for an acknowledgement of the one before.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    #[cfg(feature = "tls")]
    if let Some(tls) = &serving.tls {
        let accepted = tokio::select! {
            accepted = tls.accept(socket, serving.limits.tls) => accepted,
            () = serving.ending.cancelled() => return,
        };
        match accepted {
            Ok(socket) => serve_one(socket, address, serving).await,
            Err(error) => tracing::debug!(%address, %error, "a client did not begin TLS"),
        }
        return;
    }
    serve_one(socket, address, serving).await;
}

async fn serve_one<S>(socket: S, address: SocketAddr, serving: Serving)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let Serving { app, limits, ending, .. } = serving;
    let activity = Activity::new();
    let idle = activity.idle.clone();
    let socket = TokioIo::new(LimitedSocket::new(socket, limits, activity.clone()));
    let service = service_fn(move |request| answer_one(&app, &activity, address, request));
    let builder = builder();
    let mut connection = pin!(builder.serve_connection_with_upgrades(socket, service));
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = async { tokio::select! { () = idle.cancelled() => {}, () = ending.cancelled() => {} } } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%address, error, "a socket was closed");
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(MAX_BUFFER);
    let mut http2 = builder.http2();
    http2.timer(TokioTimer::new()).keep_alive_interval(HTTP2_PING).keep_alive_timeout(HTTP2_PING);
    // A WebSocket in a stream of HTTP/2.
    http2.enable_connect_protocol();
    builder
}

fn answer_one(
    app: &TowerToHyperService<Router>,
    activity: &Activity,
    address: SocketAddr,
    request: Request<Incoming>,
) -> impl Future<Output = Result<http::Response<OpenBody>, std::convert::Infallible>> + use<> {
    let (activity, open) = (activity.clone(), activity.begin());
    let answered = request::names_its_host(&request).then(|| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        app.call(request)
    });
    async move {
        let response = match answered {
            Some(answered) => answered.await?,
            None => answer::text(StatusCode::BAD_REQUEST, "A request has one Host header."),
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            activity.upgraded();
        }
        Ok(response.map(|body| OpenBody { body, open }))
    }
}
