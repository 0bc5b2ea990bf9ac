//! The shortest way to a running server: a runtime, a listener and Ctrl-C.

use std::{future::Future, io, net::ToSocketAddrs, time::Duration};

use tokio_util::sync::CancellationToken;

use super::listen::{self, Patience};
use crate::server::Hubs;

/// How long the sockets may take to close when all connections have ended, or their time is over: one whose client does
/// not read may take for ever.
const LAST_SOCKETS: Duration = Duration::from_secs(1);

pub(in crate::server) fn run(hubs: &Hubs, address: impl ToSocketAddrs) -> io::Result<()> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        println!("listening on http://{}", listener.local_addr()?);
        serve(hubs, listener, Patience::default(), ctrl_c()).await;
        Ok(())
    })
}

async fn ctrl_c() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "Ctrl-C cannot be heard");
        std::future::pending::<()>().await;
    }
}

/// Serves until `signal`, and a bounded time longer.
pub(in crate::server) async fn serve(
    hubs: &Hubs,
    listener: tokio::net::TcpListener,
    patience: Patience,
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
    let serving = listen::serve(listener, hubs.router(), patience, stopped);
    tokio::select! {
        () = serving => {}
        () = async { ended.cancelled().await; tokio::time::sleep(LAST_SOCKETS).await } => {
            tracing::warn!("not all sockets have closed in time");
        }
    }
}
