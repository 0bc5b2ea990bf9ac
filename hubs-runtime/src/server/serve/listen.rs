//! Serves HTTP on the sockets of a listener as `axum::serve` does, but not for ever on those that ask for nothing. Must
//! not know hubs.

use std::{future::Future, net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, serve::Listener};
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
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a socket may ask for nothing. Times that Kestrel has, too.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Patience {
    /// Until the head of its first request is there.
    pub(in crate::server) first: Duration,
    /// From one answer to the head of the next request. HTTP/2 has none.
    pub(in crate::server) between: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: Duration::from_secs(30), between: Duration::from_secs(130) }
    }
}

/// Serves `app` until `stopped`, and then until all sockets have closed.
pub(super) async fn serve(
    mut listener: TcpListener,
    app: Router,
    patience: Patience,
    stopped: impl Future<Output = ()>,
) {
    let app = TowerToHyperService::new(app);
    let (sockets, ending) = (TaskTracker::new(), CancellationToken::new());
    let mut stopped = pin!(stopped);
    loop {
        let (socket, address) = tokio::select! {
            // It waits where there is no room for one more, and never fails.
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stopped => break,
        };
        sockets.spawn(serve_one(socket, address, app.clone(), patience, ending.clone()));
    }
    drop(listener);
    ending.cancel();
    sockets.close();
    sockets.wait().await;
}

async fn serve_one(
    socket: TcpStream,
    address: SocketAddr,
    app: TowerToHyperService<Router>,
    patience: Patience,
    ending: CancellationToken,
) {
    // Small messages must not wait for an acknowledgement of the one before.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    let asked = CancellationToken::new();
    let service = {
        let asked = asked.clone();
        service_fn(move |request: Request<Incoming>| {
            asked.cancel();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(address));
            app.call(request)
        })
    };
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.between);
    // A WebSocket in a stream of HTTP/2.
    builder.http2().enable_connect_protocol();
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(socket), service));
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = silence(&asked, patience.first) => {
            return tracing::debug!(%address, "a socket that asked for nothing was closed");
        }
        () = ending.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%address, %error, "a socket failed");
    }
}

/// Ready when nothing has been asked for so long.
async fn silence(asked: &CancellationToken, limit: Duration) {
    if tokio::time::timeout(limit, asked.cancelled()).await.is_ok() {
        std::future::pending().await
    }
}
