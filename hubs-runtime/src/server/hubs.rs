//! [`Hubs`]: which hubs an application has, and where.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    HubMetrics, HubOptions, accept::SessionAcceptor, auth::Authentication, endpoint, gate::Gate, health,
    mapped::Mapped, serve, session::UserIdProvider,
};
use crate::{
    call::{HubInterface, Lifecycle},
    clients::HubContext,
    hub::{Access, HubCallerContext, Policies, Principal},
    ids::UserId,
};

/// The hubs of an application, to be mounted in an [`axum::Router`]. Needs feature `server`, which is on by default.
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
    pub(super) mapped: Vec<Mapped>,
    pub(super) options: HubOptions,
    pub(super) user_id: UserIdProvider,
    pub(super) authentication: Authentication,
    pub(super) policies: Arc<Policies>,
    /// From then on no connection is let in.
    pub(super) stopping: CancellationToken,
    /// Ends all connections.
    pub(super) shutdown: CancellationToken,
    pub(super) tasks: TaskTracker,
    shutdown_timeout: Duration,
    shutdown_spread: Duration,
}

impl Default for Hubs {
    fn default() -> Self {
        Self {
            mapped: Vec::new(),
            options: HubOptions::default(),
            user_id: Arc::new(|request| request.extensions.get::<Principal>()?.id().cloned()),
            stopping: CancellationToken::new(),
            authentication: Authentication::default(),
            policies: Arc::default(),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            shutdown_timeout: Duration::from_secs(5),
            shutdown_spread: Duration::ZERO,
        }
    }
}

impl Hubs {
    /// No hubs yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the options of all hubs that have none of their own, whether they are mapped before or after this.
    ///
    /// # Panics
    ///
    /// If [`Hubs::context`], [`Hubs::metrics`] or [`Hubs::router`] was called before: the hubs have started with other
    /// options.
    #[must_use]
    pub fn options(mut self, options: HubOptions) -> Self {
        self.assert_not_started("options");
        self.options = options;
        self
    }

    /// Sets how long all connections together may take to end once all of them have been told to, their
    /// `on_disconnected` included. 5 s.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Sets over how long connections are told to end and to reconnect once shutdown has begun, evenly, in no order. Meanwhile
    /// they work as before, and no new ones are let in. Zero, the default, tells all at once: behind a load balancer the other
    /// servers then get all clients at the same moment.
    ///
    /// A process must be given this time and [`Hubs::shutdown_timeout`] to end, for example as
    /// `terminationGracePeriodSeconds` of Kubernetes.
    #[must_use]
    pub fn shutdown_spread(mut self, time: Duration) -> Self {
        self.shutdown_spread = time;
        self
    }

    /// Sets how the user of a connection is found in the request that makes it, for all hubs. By default it is the id of
    /// the [`Principal`] in the request's extensions.
    ///
    /// # Panics
    ///
    /// As [`Hubs::options`].
    #[must_use]
    pub fn user_id_provider(
        mut self,
        provider: impl Fn(&http::request::Parts) -> Option<UserId> + Send + Sync + 'static,
    ) -> Self {
        self.assert_not_started("user_id_provider");
        self.user_id = Arc::new(provider);
        self
    }

    /// Has all hubs validate JSON Web Tokens, of the header `Authorization` and of `access_token` in the query. A request
    /// with a bad token is answered 401, one without a token has no user. Needs feature `jwt`.
    ///
    /// It guards the routes of the hubs and no other, so unknown paths of the application stay 404. A principal that a
    /// layer of the application has found stays.
    ///
    /// # Panics
    ///
    /// As [`Hubs::options`].
    #[cfg(feature = "jwt")]
    #[must_use]
    pub fn jwt(mut self, jwt: super::JwtBearer) -> Self {
        self.assert_not_started("jwt");
        self.authentication.jwt = Some(Arc::new(jwt));
        self
    }

    /// Has all hubs read signed session cookies. A bad cookie is no cookie. Needs feature `cookies`.
    ///
    /// # Panics
    ///
    /// As [`Hubs::options`].
    #[cfg(feature = "cookies")]
    #[must_use]
    pub fn cookies(mut self, cookies: super::SessionCookies) -> Self {
        self.assert_not_started("cookies");
        self.authentication.cookies = Some(cookies);
        self
    }

    /// Adds a policy, which `#[authorize(policy = "..")]` names. It is asked about authenticated users only, sees the
    /// arguments of the call, and is quick: it runs where the connection is served. What takes time, such as a query,
    /// belongs into the method, before [`HubCallerContext::authorize`].
    ///
    /// ```
    /// # use hubs::{HubCallerContext, HubResult, NoClient, hub};
    /// # type Cx = HubCallerContext<NoClient>;
    /// #[hub]
    /// #[authorize]
    /// trait DeskHub {
    ///     #[authorize(policy = "own_tenant")]
    ///     async fn open(&self, cx: &Cx, tenant: String) -> HubResult<()>;
    /// }
    /// # struct Desk;
    /// # impl DeskHub for Desk { async fn open(&self, _: &Cx, _: String) -> HubResult<()> { Ok(()) } }
    ///
    /// let hubs = hubs::Hubs::new()
    ///     .policy("own_tenant", |access| {
    ///         let tenant: Option<String> = access.argument("tenant");
    ///         tenant.is_some_and(|tenant| access.user().claim("tenant").is_some_and(|own| *own == *tenant))
    ///     })
    ///     .map("/desk", DeskHubContract, Desk);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Hubs::options`].
    #[must_use]
    pub fn policy(mut self, name: &str, policy: impl Fn(&Access<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.assert_not_started("policy");
        Arc::make_mut(&mut self.policies).add(name, policy);
        self
    }

    /// Serves `hub` at `path`, under the name of its contract.
    ///
    /// A contract that is mapped again is the same hub at one more path: both have the same groups, and each path is served
    /// by the implementation given with it. Use [`Hubs::map_named`] for two separate hubs of one contract.
    #[must_use]
    pub fn map<C, H>(self, path: &str, _contract: C, hub: H) -> Self
    where
        C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
        H: Send + Sync + 'static,
    {
        self.add::<C, H>(C::DESCRIPTOR.name, path, hub, None)
    }

    /// Serves `hub` at `path` with options of its own.
    ///
    /// # Panics
    ///
    /// If a hub of this contract is mapped already: a hub has one set of options.
    #[must_use]
    pub fn map_with<C, H>(self, path: &str, _contract: C, hub: H, options: HubOptions) -> Self
    where
        C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
        H: Send + Sync + 'static,
    {
        self.add::<C, H>(C::DESCRIPTOR.name, path, hub, Some(options))
    }

    /// Serves `hub` at `path` under a name of its own, with options of its own: a separate hub of its contract, with its
    /// own connections and groups. [`Hubs::context_named`] finds it.
    ///
    /// ```
    /// # use hubs::{hub, HubOptions, HubResult, Hubs, NoClient};
    /// # pub type Cx = hubs::HubCallerContext<NoClient>;
    /// # #[hub] trait Chat { async fn say(&self, cx: &Cx, text: String) -> HubResult<()>; }
    /// # struct Room;
    /// # impl Chat for Room { async fn say(&self, _: &Cx, _: String) -> HubResult<()> { Ok(()) } }
    /// let hubs = Hubs::new()
    ///     .map("/chat", ChatContract, Room)
    ///     .map_named("support", "/support", ChatContract, Room, HubOptions::default());
    /// let public = hubs.context::<ChatContract>();
    /// let support = hubs.context_named::<ChatContract>("support");
    /// ```
    ///
    /// # Panics
    ///
    /// If the name is taken.
    #[must_use]
    pub fn map_named<C, H>(self, name: &str, path: &str, _contract: C, hub: H, options: HubOptions) -> Self
    where
        C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
        H: Send + Sync + 'static,
    {
        self.add::<C, H>(name, path, hub, Some(options))
    }

    /// A handle for calling a hub's clients from outside its methods.
    ///
    /// # Panics
    ///
    /// If no hub of contract `C` is mapped, or several are and none has the contract's name.
    pub fn context<C: HubInterface>(&self) -> HubContext<C> {
        HubContext::new(self.core(self.find::<C>(None)).0)
    }

    /// The same for the hub of this name.
    ///
    /// # Panics
    ///
    /// If no hub of contract `C` has this name.
    pub fn context_named<C: HubInterface>(&self, name: &str) -> HubContext<C> {
        HubContext::new(self.core(self.find::<C>(Some(name))).0)
    }

    /// The counters of a hub.
    ///
    /// # Panics
    ///
    /// As [`Hubs::context`].
    pub fn metrics<C: HubInterface>(&self) -> HubMetrics {
        HubMetrics::of(self.core(self.find::<C>(None)).0)
    }

    /// The counters of the hub of this name.
    ///
    /// # Panics
    ///
    /// As [`Hubs::context_named`].
    pub fn metrics_named<C: HubInterface>(&self, name: &str) -> HubMetrics {
        HubMetrics::of(self.core(self.find::<C>(Some(name))).0)
    }

    /// The routes of all hubs, to be merged into or nested in the application's own router, with its state and layers.
    ///
    /// Paths match by case, as all of axum's: only [`Hubs::run`] knows every route, and so can match them in any case.
    /// [`axum::serve()`] sets no limit on what clients may leave half done; [`Hubs::serve`] does.
    ///
    /// WebSockets over plain TCP set `TCP_NODELAY` by themselves. For TLS, HTTP/2 and the other transports set it where
    /// the sockets are accepted, as with axum's `ListenerExt::tap_io`: small messages wait for each other otherwise.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        let paths = self.mapped.iter().flat_map(|mapped| mapped.paths.iter().map(move |path| (mapped, path)));
        paths.fold(axum::Router::new(), |router, (mapped, served)| {
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
                counters: Arc::clone(&runtime.core.counters),
                acceptor: SessionAcceptor::new(runtime),
            };
            router.merge(endpoint::router(&served.path, wiring))
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

    /// Routes for the probes of load balancers and orchestrators, to be merged into the application's router: `GET /livez`
    /// answers 200 as long as the process answers at all; `GET /readyz` answers 200, and 503 from the moment the hubs begin to
    /// shut down, so that no new clients are sent here.
    ///
    /// ```
    /// # let hubs = hubs::Hubs::new();
    /// let app: axum::Router = hubs.router().merge(hubs.health_routes());
    /// ```
    pub fn health_routes<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        health::routes(self.stopping.clone())
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
    /// time of [`Hubs::shutdown_spread`]; and `on_disconnected` of all is awaited, for up to [`Hubs::shutdown_timeout`]. After that `axum::serve` waits for the
    /// sockets, without a limit of its own: a client that reads nothing can hold one open, under HTTP/2 without end. Put a
    /// limit around it where the process must end, as [`Hubs::run`] does.
    pub fn shutdown_on<F>(&self, signal: F) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Future<Output = ()> + Send,
    {
        let shutdown = serve::Shutdown {
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

impl fmt::Debug for Hubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = |mapped: &Mapped| mapped.paths.iter().map(|served| served.path.clone()).collect::<Vec<_>>();
        f.debug_map().entries(self.mapped.iter().map(|mapped| (&mapped.name, paths(mapped)))).finish()
    }
}
