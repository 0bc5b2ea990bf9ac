//! The signals that end a process: SIGINT, as a terminal sends it, and SIGTERM, as service managers and containers do.

use std::{future::Future, io};

/// Resolves when the process is told to stop: by Ctrl-C, or by SIGTERM, which service managers and containers send. For
/// [`Hubs::serve`](crate::Hubs::serve), [`Hubs::shutdown_on`](crate::Hubs::shutdown_on) and `with_graceful_shutdown` of axum.
///
/// It listens from this call on, and from then on neither ends the process by itself. Where signals cannot be listened for,
/// which is in the log, it never resolves. Must be called inside of a Tokio runtime. Needs feature `server`, which is on by
/// default.
///
/// ```no_run
/// # async fn f(hubs: hubs::Hubs, listener: tokio::net::TcpListener) {
/// let app = axum::Router::new().merge(hubs.router());
/// hubs.serve(listener, app, hubs::stop_signal()).await;
/// # }
/// ```
pub fn stop_signal() -> impl Future<Output = ()> + Send + 'static {
    let signals = Signals::listen();
    async move {
        match signals {
            Ok(mut signals) => signals.next().await,
            Err(error) => {
                tracing::error!(%error, "cannot listen for the signals that stop the process");
                std::future::pending().await
            }
        }
    }
}

/// Both, from when they are first listened for. A process 1, which ignores what it does not handle, gets them too.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Ready with the next of either.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    pub(super) async fn next(&mut self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot listen for Ctrl-C");
            std::future::pending::<()>().await;
        }
    }
}
