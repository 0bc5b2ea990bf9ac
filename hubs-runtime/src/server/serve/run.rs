//! The shortest way to a running server: a runtime, a listener, a log, and the signals that end it.

use std::{
    future::Future,
    io,
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

use axum::Router;
use hyper_util::service::TowerToHyperService;
use tokio_util::sync::CancellationToken;

use super::{
    limits::Limits,
    listen::{self, Serving},
    log,
    routes::{self, Route},
    signals::Signals,
};
use crate::server::Hubs;

/// How long the sockets may take to close when all connections have ended, or their time is over: one whose client does
/// not read may take for ever.
const LAST_SOCKETS: Duration = Duration::from_secs(1);

/// Serves the hubs until SIGINT or SIGTERM.
pub(in crate::server) fn run(hubs: &Hubs, address: impl ToSocketAddrs) -> io::Result<()> {
    let listener = bind(address)?;
    log::install();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        println!("listening on {}://{}", scheme(hubs), listener.local_addr()?);
        let app = routes::in_any_case(hubs.router(), hubs.paths().map(Route::new).collect());
        let stop = CancellationToken::new();
        let stopped_twice = async {
            signals.next().await;
            stop.cancel();
            signals.next().await;
        };
        tokio::select! {
            () = serve(hubs, listener, app, Limits::default(), stop.cancelled()) => {}
            () = stopped_twice => tracing::warn!("a second signal: not waiting for the connections to end"),
        }
        Ok(())
    });
    // What still runs is not waited for.
    runtime.shutdown_background();
    served
}

fn scheme(hubs: &Hubs) -> &'static str {
    #[cfg(feature = "tls")]
    if hubs.tls.is_some() {
        return "https";
    }
    let _ = hubs;
    "http"
}

/// The error names the address.
fn bind(address: impl ToSocketAddrs) -> io::Result<std::net::TcpListener> {
    let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
    let bound = std::net::TcpListener::bind(&*addresses).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|error| {
        let tried: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        io::Error::new(error.kind(), format!("cannot listen on {}: {error}", tried.join(", ")))
    })
}

/// Serves `app` until `signal`, and a bounded time longer.
pub(in crate::server) async fn serve(
    hubs: &Hubs,
    listener: tokio::net::TcpListener,
    app: Router,
    limits: Limits,
    signal: impl Future<Output = ()> + Send,
) {
    let ended = CancellationToken::new();
    let stopped = {
        let (stopped, ended) = (hubs.shutdown_on(signal), ended.clone());
        async move {
            stopped.await;
            ended.cancel();
        }
    };
    let serving = Serving {
        app: TowerToHyperService::new(app),
        limits,
        #[cfg(feature = "tls")]
        tls: hubs.tls.clone(),
        ending: CancellationToken::new(),
    };
    let serving = listen::serve(listener, serving, stopped);
    tokio::select! {
        () = serving => {}
        () = async { ended.cancelled().await; tokio::time::sleep(LAST_SOCKETS).await } => {
            tracing::warn!("not all sockets have closed in time");
        }
    }
}
