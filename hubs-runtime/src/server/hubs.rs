//! [`Hubs`]: which hubs an application has, and where.

use std::{any::TypeId, fmt, future::Future, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    HubMetrics, HubOptions,
    accept::SessionAcceptor,
    endpoint, serve,
    session::{HubRuntime, UserIdProvider},
};
use crate::{
    call::{HubInterface, Lifecycle},
    clients::{HubContext, HubCore},
    engine::Reports,
    hub::{HubCallerContext, Invoker, Principal},
    ids::UserId,
};

/// The hubs of an application, to be mounted in an [`axum::Router`].
///
/// ```
/// # use hubs::{hub, Hubs, HubResult, NoClient};
/// # pub type Cx = hubs::HubCallerContext<NoClient>;
/// #[hub]
/// trait Greeter {
///     async fn greet(&self, cx: &Cx, name: String) -> HubResult<String>;
/// }
///
/// struct Polite;
///
/// impl Greeter for Polite {
///     async fn greet(&self, _: &Cx, name: String) -> HubResult<String> {
///         Ok(format!("Good day, {name}"))
///     }
/// }
///
/// let hubs = Hubs::new().map("/greeter", GreeterContract, Polite);
/// let app: axum::Router = axum::Router::new().merge(hubs.router());
/// ```
pub struct Hubs {
    mapped: Vec<Mapped>,
    options: HubOptions,
    user_id: UserIdProvider,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    shutdown_timeout: Duration,
}

struct Mapped {
    path: String,
    contract: TypeId,
    runtime: Arc<HubRuntime>,
}

impl Default for Hubs {
    fn default() -> Self {
        Self {
            mapped: Vec::new(),
            options: HubOptions::default(),
            user_id: Arc::new(|request| request.extensions.get::<Principal>().map(|user| user.id().clone())),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}

impl Hubs {
    /// No hubs yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the options of the hubs that are mapped after this.
    #[must_use]
    pub fn options(mut self, options: HubOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets how long all connections together may take to end once shutdown has begun, their `on_disconnected` included.
    /// 5 s.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Says how the user of a connection is found in the request that makes it, for the hubs that are mapped after
    /// this. Without it, it is the id of the [`Principal`] in the request's extensions.
    #[must_use]
    pub fn user_id_provider(
        mut self,
        provider: impl Fn(&http::request::Parts) -> Option<UserId> + Send + Sync + 'static,
    ) -> Self {
        self.user_id = Arc::new(provider);
        self
    }

    /// Serves `hub` at `path`.
    ///
    /// # Panics
    ///
    /// If a hub of the same contract is mapped already: its groups and [`Hubs::context`] would be two.
    #[must_use]
    pub fn map<C, H>(self, path: &str, contract: C, hub: H) -> Self
    where
        C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
        H: Send + Sync + 'static,
    {
        let options = self.options.clone();
        self.map_with(path, contract, hub, options)
    }

    /// Serves `hub` at `path` with options of its own.
    ///
    /// # Panics
    ///
    /// As [`Hubs::map`].
    #[must_use]
    pub fn map_with<C, H>(mut self, path: &str, _contract: C, hub: H, options: HubOptions) -> Self
    where
        C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
        H: Send + Sync + 'static,
    {
        let contract = TypeId::of::<C>();
        let name = C::DESCRIPTOR.name;
        assert!(self.mapped.iter().all(|other| other.contract != contract), "hub `{name}` is mapped already");
        let runtime = Arc::new(HubRuntime {
            invoker: Arc::new(Invoker::<H, C>::new(hub)),
            core: Arc::new(HubCore::new(options.client_result_timeout)),
            options: Arc::new(options),
            user_id: Arc::clone(&self.user_id),
            shutdown: self.shutdown.clone(),
            tasks: self.tasks.clone(),
            reports: Reports::default(),
            ticking: std::sync::Once::new(),
        });
        self.mapped.push(Mapped { path: path.to_owned(), contract, runtime });
        self
    }

    /// The door to the clients of a hub from outside of its methods.
    ///
    /// # Panics
    ///
    /// If no hub of contract `C` is mapped.
    pub fn context<C: HubInterface>(&self) -> HubContext<C> {
        HubContext::new(Arc::clone(&self.runtime::<C>().core))
    }

    /// What a hub counts.
    ///
    /// # Panics
    ///
    /// If no hub of contract `C` is mapped.
    pub fn metrics<C: HubInterface>(&self) -> HubMetrics {
        HubMetrics::of(Arc::clone(&self.runtime::<C>().core))
    }

    pub(crate) fn runtime<C: HubInterface>(&self) -> &Arc<HubRuntime> {
        let found = self.mapped.iter().find(|mapped| mapped.contract == TypeId::of::<C>());
        let name = C::DESCRIPTOR.name;
        &found.unwrap_or_else(|| panic!("no hub `{name}` is mapped: call `Hubs::map` with its contract first")).runtime
    }

    /// The routes of all hubs, to be merged into or nested in the application's own router, with its state and layers.
    ///
    /// Paths match by case, as all of axum's: only [`Hubs::run`] knows every route, and so can match them in any case.
    /// [`axum::serve()`] sets no limit on what clients may leave half done; [`Hubs::serve`] does.
    ///
    /// WebSockets over plain TCP set `TCP_NODELAY` by themselves. For TLS, HTTP/2 and the other transports set it where
    /// the sockets are accepted, as with axum's `ListenerExt::tap_io`: small messages wait for each other otherwise.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        self.mapped.iter().fold(axum::Router::new(), |router, mapped| {
            let wiring = endpoint::Wiring {
                options: Arc::clone(&mapped.runtime.options),
                user_id: Arc::clone(&mapped.runtime.user_id),
                shutdown: self.shutdown.clone(),
                tasks: self.tasks.clone(),
                counters: Arc::clone(&mapped.runtime.core.counters),
                acceptor: SessionAcceptor::new(Arc::clone(&mapped.runtime)),
            };
            router.merge(endpoint::router(&mapped.path, wiring))
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
        serve::run(&self, address)
    }

    /// Serves `app` on `listener` until `signal` resolves, and then ends gracefully: as [`axum::serve()`] with
    /// [`Hubs::shutdown_on`], with limits on what a client may leave half done, and on the time that the end takes.
    ///
    /// | What the client does | Limit |
    /// |---|---|
    /// | sends the head of a request | 30 s and 128 KiB |
    /// | asks for nothing between two requests | 130 s, also with HTTP/2 |
    /// | reads nothing of an answer | 30 s |
    /// | does not answer HTTP/2's pings | 20 s |
    /// | floods the server with HTTP/2 settings, pings or empty frames | 1000 in 10 s |
    /// | sends no `Host`, or two | answered with 400 |
    ///
    /// [`axum::serve()`] has none of these limits: use it only where clients cannot reach it directly. The limits of
    /// the hubs' own requests and connections hold under either.
    ///
    /// ```no_run
    /// # async fn f(hubs: hubs::Hubs) -> std::io::Result<()> {
    /// let app = axum::Router::new().merge(hubs.router());
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:5080").await?;
    /// hubs.serve(listener, app, async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Dropping the future closes the listener; sockets that are open stay with their tasks.
    pub async fn serve<F>(&self, listener: tokio::net::TcpListener, app: axum::Router, signal: F)
    where
        F: Future<Output = ()> + Send,
    {
        serve::serve(self, listener, app, serve::Limits::default(), signal).await;
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
        self.shutdown.clone().cancelled_owned()
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.mapped.iter().map(|mapped| mapped.path.as_str())
    }

    /// Ends all connections when `signal` resolves, and resolves when they have ended: the future for
    /// [`axum::serve()`]'s `with_graceful_shutdown`, which by itself neither tells nor awaits sockets.
    ///
    /// From the signal on negotiate and connects answer 503; every client is told to reconnect, elsewhere perhaps; and
    /// `on_disconnected` of all is awaited, for up to [`Hubs::shutdown_timeout`]. After that `axum::serve` waits for the
    /// sockets, without a limit of its own: a client that reads nothing can hold one open, under HTTP/2 for ever. Put a
    /// limit around it where the process must end, as [`Hubs::run`] does.
    pub fn shutdown_on<F>(&self, signal: F) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Future<Output = ()> + Send,
    {
        serve::shutdown_on(signal, self.shutdown.clone(), self.tasks.clone(), self.shutdown_timeout)
    }
}

impl fmt::Debug for Hubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hubs = self.mapped.iter().map(|mapped| (&mapped.path, mapped.runtime.invoker.name()));
        f.debug_map().entries(hubs).finish()
    }
}
