//! The shortest way to a running server: a runtime, a listener and Ctrl-C.

use std::{io, net::ToSocketAddrs};

use axum::serve::ListenerExt;

use super::Hubs;

pub(super) fn run(hubs: &Hubs, address: impl ToSocketAddrs) -> io::Result<()> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(hubs, listener))
}

async fn serve(hubs: &Hubs, listener: std::net::TcpListener) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    println!("listening on http://{}", listener.local_addr()?);
    // Small messages must not wait for an acknowledgement of the one before.
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
    });
    let app = hubs.router::<()>().into_make_service_with_connect_info::<std::net::SocketAddr>();
    let stopped = hubs.shutdown_on(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be heard");
            std::future::pending::<()>().await;
        }
    });
    axum::serve(listener, app).with_graceful_shutdown(stopped).await
}
