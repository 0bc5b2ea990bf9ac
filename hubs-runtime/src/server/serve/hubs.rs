//! How the hubs of an application are served: their routes, the probes, and the way to the end.

use std::{future::Future, sync::Arc};

use super::{Limits, Shutdown, run};
use crate::{
    connection::End,
    ids::ConnectionId,
    server::{
        Hubs,
        accept::SessionAcceptor,
        cluster::Isolation,
        endpoint::{self, EndpointCluster, Refused},
        feed::{self, FeedRoute},
        gate::Gate,
        health,
        mapped::Mapped,
    },
};

impl Hubs {
    /// The routes of all hubs, to be merged into or nested in the application's own router, with its state and layers.
    ///
    /// Paths match by case, as all of axum's: only [`Hubs::run`] knows every route, and so can match them in any case.
    /// [`axum::serve()`] sets no limit on what clients may leave half done; [`Hubs::serve`] does. Give it
    /// `router.into_make_service()`: it copies all routes of a bare router for each socket, a tenth of what a connect costs.
    ///
    /// WebSockets over plain TCP set `TCP_NODELAY` by themselves. For TLS, HTTP/2 and the other transports set it where
    /// the sockets are accepted, as with axum's `ListenerExt::tap_io`: small messages wait for each other otherwise.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        let paths = self.mapped.iter().flat_map(|mapped| mapped.paths.iter().map(move |path| (mapped, path)));
        let router = self.mapped.iter().fold(axum::Router::new(), |router, mapped| self.with_feeds(router, mapped));
        paths.fold(router, |router, (mapped, served)| {
            let runtime = self.runtime_of(mapped, served);
            let wiring = endpoint::Wiring {
                hub: mapped.name.clone(),
                options: Arc::clone(&runtime.options),
                user_id: Arc::clone(&self.user_id),
                stopping: self.stopping.clone(),
                authentication: self.authentication.clone(),
                gate: Gate::new(runtime.invoker.requirement(), Arc::clone(&self.policies)),
                shutdown: self.shutdown.clone(),
                tasks: self.tasks.clone(),
                connections: Arc::clone(&runtime.core.counts),
                isolation: runtime.isolation.clone(),
                cluster: self.backplane.clone().map(|backplane| {
                    let connections = Arc::clone(&runtime.core.connections);
                    let end = move |id: &ConnectionId| {
                        connections.peer(id).iter().for_each(|peer| peer.outbox.end(End::BackplaneLost));
                    };
                    EndpointCluster { backplane, end: Arc::new(end) }
                }),
                counters: Arc::clone(&runtime.core.counters),
                acceptor: SessionAcceptor::new(runtime),
            };
            router.merge(endpoint::router(&served.path, wiring))
        })
    }

    fn with_feeds<S: Clone + Send + Sync + 'static>(
        &self,
        router: axum::Router<S>,
        mapped: &Mapped,
    ) -> axum::Router<S> {
        let (core, _) = self.core(mapped);
        let Some(readers) = &core.readers else { return router };
        mapped.feeds.iter().fold(router, |router, served| {
            let runtime = self.runtime_of(mapped, &mapped.paths[0]);
            let route = FeedRoute {
                readers: Arc::clone(readers),
                authentication: self.authentication.clone(),
                gate: Gate::new(runtime.invoker.requirement(), Arc::clone(&self.policies)),
                stopping: self.stopping.clone(),
                hook: Arc::clone(&served.hook),
                refused: Refused::new(Arc::clone(&core.counters)),
                runtime,
            };
            router.merge(feed::router(&served.path, route))
        })
    }

    /// Serves these hubs, and nothing else, at `address` until Ctrl-C or SIGTERM, and then ends gracefully, in bounded
    /// time; a second signal ends it at once. Blocks, with a tokio runtime of its own: the shortest way to a running
    /// server. An application that has routes, state or layers of its own calls [`Hubs::serve`] instead, or mounts
    /// [`Hubs::router`] in its [`axum::Router`].
    ///
    /// Sockets have the limits of [`Hubs::serve`]. The paths of the hubs match in any letter case.
    ///
    /// If the process has no [`tracing`] subscriber, warnings and errors are written to stderr. `RUST_LOG` chooses
    /// others, as in `RUST_LOG=hubs=debug`.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound; the error names it.
    pub fn run(self, address: impl std::net::ToSocketAddrs) -> std::io::Result<()> {
        run::run(&self, address)
    }

    /// Serves `app` on `listener` until `signal` resolves, and then ends gracefully: as [`axum::serve()`] with
    /// [`Hubs::shutdown_on`], with limits on what a client may leave half done, and on the time that the end takes.
    ///
    /// | What the client does | Limit |
    /// |---|---|
    /// | begins TLS, where [`Hubs`] have a certificate | 10 s |
    /// | sends the head of a request | 30 s and 128 KiB |
    /// | asks for nothing between two requests | 130 s, also with HTTP/2 |
    /// | reads nothing of an answer | 30 s |
    /// | does not answer HTTP/2's pings | 20 s |
    /// | floods the server with HTTP/2 settings, pings or empty frames | 1000 in 10 s |
    /// | sends no `Host`, or two | answered with 400 |
    ///
    /// Where the process has no file descriptor for one more socket, new clients wait, those that are connected are served,
    /// and an error is in the log, once in ten seconds.
    ///
    /// [`axum::serve()`] has none of these limits: use it only where clients cannot reach it directly. The limits of
    /// the hubs' own requests and connections hold under either.
    ///
    /// ```no_run
    /// # async fn f(hubs: hubs::Hubs) -> std::io::Result<()> {
    /// let app = axum::Router::new().merge(hubs.router());
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:5080").await?;
    /// hubs.serve(listener, app, hubs::stop_signal()).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Dropping the future closes the listener; sockets that are open stay with their tasks.
    pub async fn serve<F>(&self, listener: tokio::net::TcpListener, app: axum::Router, signal: F)
    where
        F: Future<Output = ()> + Send,
    {
        run::serve(self, listener, app, Limits::default(), signal).await;
    }

    /// Routes for the probes of load balancers and orchestrators, to be merged into the application's router: `GET /livez`
    /// answers 200 as long as the process answers at all; `GET /readyz` answers 200, and 503 from the moment the hubs begin to
    /// shut down, so that no new clients are sent here. It is 503 as well while the other nodes of a cluster are lost and
    /// [`HubOptions::backplane_policy`](crate::HubOptions) of a hub refuses new clients meanwhile.
    ///
    /// ```
    /// # let hubs = hubs::Hubs::new();
    /// let app: axum::Router = hubs.router().merge(hubs.health_routes());
    /// ```
    pub fn health_routes<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        let policies = self.mapped.iter().map(|mapped| self.core(mapped).1.backplane_policy);
        let isolations = policies.map(|policy| Isolation::new(self.backplane.as_ref(), policy)).collect();
        health::routes(self.stopping.clone(), isolations)
    }

    /// Resolves when the hubs begin to shut down: a stop signal for the application's own background tasks. Those that
    /// end with it end together with the connections.
    ///
    /// ```no_run
    /// # async fn f(hubs: &hubs::Hubs) {
    /// let stopping = hubs.stopping();
    /// tokio::spawn(async move {
    ///     tokio::select! {
    ///         () = stopping => {}
    ///         () = std::future::pending() => { /* the task's work */ }
    ///     }
    /// });
    /// # }
    /// ```
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + Sync + use<> {
        self.stopping.clone().cancelled_owned()
    }

    /// Ends all connections when `signal` resolves, and resolves when they have ended: the future for
    /// [`axum::serve()`]'s `with_graceful_shutdown`, which by itself neither tells nor awaits sockets.
    ///
    /// From the signal on negotiate and connects answer 503; every client is told to reconnect, elsewhere perhaps, over the
    /// time of [`Hubs::shutdown_spread`]; and `on_disconnected` of all is awaited, for up to [`Hubs::shutdown_timeout`].
    /// After that `axum::serve` waits for the sockets, without a limit of its own: a client that reads nothing can hold one
    /// open, under HTTP/2 without end. Put a limit around it where the process must end, as [`Hubs::run`] does.
    pub fn shutdown_on<F>(&self, signal: F) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Future<Output = ()> + Send,
    {
        let shutdown = Shutdown {
            hubs: self.mapped.iter().map(|mapped| self.core(mapped).0).collect(),
            stopping: self.stopping.clone(),
            ended: self.shutdown.clone(),
            tasks: self.tasks.clone(),
            spread: self.shutdown_spread,
            timeout: self.shutdown_timeout,
        };
        shutdown.on(signal)
    }
}
