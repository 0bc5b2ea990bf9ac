//! [`Hubs`]: which hubs an application has, and where.

use std::{
    any::TypeId,
    fmt,
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

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
    hub::{HubCallerContext, HubInvoker, Invoker, Principal},
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

/// A hub, and the paths at which it is served.
struct Mapped {
    name: String,
    contract: TypeId,
    /// Options of its own; else those of the application.
    options: Option<HubOptions>,
    paths: Vec<Served>,
    /// Made when it is first needed: until then options may be set.
    core: OnceLock<(Arc<HubCore>, Arc<HubOptions>)>,
}

/// A path and what serves it.
struct Served {
    path: String,
    invoker: Arc<dyn HubInvoker>,
    runtime: OnceLock<Arc<HubRuntime>>,
}

impl Default for Hubs {
    fn default() -> Self {
        Self {
            mapped: Vec::new(),
            options: HubOptions::default(),
            user_id: Arc::new(|request| request.extensions.get::<Principal>()?.id().cloned()),
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

    /// Sets how long all connections together may take to end once shutdown has begun, their `on_disconnected` included.
    /// 5 s.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
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

    fn add<C, H>(mut self, name: &str, path: &str, hub: H, options: Option<HubOptions>) -> Self
    where
        C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
        H: Send + Sync + 'static,
    {
        let contract = TypeId::of::<C>();
        if let Some(problem) = options.as_ref().and_then(HubOptions::problem) {
            tracing::error!(hub = name, "this hub refuses every connection: {problem}");
        }
        let invoker = Arc::new(Invoker::<H, C>::new(hub));
        let path = Served { path: path.to_owned(), invoker, runtime: OnceLock::new() };
        match self.mapped.iter_mut().find(|other| other.name == name) {
            Some(other) => {
                assert!(
                    other.contract == contract,
                    "the name `{name}` belongs to a hub of another contract: give this one another name with `Hubs::map_named`"
                );
                assert!(
                    options.is_none(),
                    "hub `{name}` is mapped already: name the second one with `Hubs::map_named`"
                );
                other.paths.push(path);
            }
            None => {
                let (name, paths) = (name.to_owned(), vec![path]);
                self.mapped.push(Mapped { name, contract, options, paths, core: OnceLock::new() });
            }
        }
        self
    }

    fn assert_not_started(&self, what: &str) {
        let started = self.mapped.iter().any(|mapped| mapped.core.get().is_some());
        assert!(!started, "call `Hubs::{what}` before `Hubs::context`, `Hubs::metrics` and `Hubs::router`");
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

    /// The hub of contract `C`, at its first path.
    #[cfg(feature = "testing")]
    pub(crate) fn runtime<C: HubInterface>(&self, name: Option<&str>) -> Arc<HubRuntime> {
        let mapped = self.find::<C>(name);
        self.runtime_of(mapped, &mapped.paths[0])
    }

    fn find<C: HubInterface>(&self, name: Option<&str>) -> &Mapped {
        let contract = C::DESCRIPTOR.name;
        let mut all = self.mapped.iter().filter(|mapped| mapped.contract == TypeId::of::<C>());
        let named = all.clone().find(|mapped| mapped.name == name.unwrap_or(contract));
        match (named, all.next(), all.next(), name) {
            (Some(mapped), ..) | (None, Some(mapped), None, None) => mapped,
            (None, _, _, Some(name)) => panic!("no hub `{name}` of contract `{contract}` is mapped"),
            (None, None, ..) => panic!("no hub `{contract}` is mapped: call `Hubs::map` with its contract first"),
            _ => panic!("several hubs have contract `{contract}`: choose one by its name"),
        }
    }

    fn core(&self, mapped: &Mapped) -> (Arc<HubCore>, Arc<HubOptions>) {
        let make = || {
            let options = mapped.options.as_ref().unwrap_or(&self.options);
            if let (None, Some(problem)) = (&mapped.options, options.problem()) {
                tracing::error!(hub = mapped.name, "this hub refuses every connection: {problem}");
            }
            let options = options.clone().saturated();
            let core = HubCore::new(&mapped.name, options.client_result_timeout, options.intervals());
            (Arc::new(core), Arc::new(options))
        };
        mapped.core.get_or_init(make).clone()
    }

    fn runtime_of(&self, mapped: &Mapped, served: &Served) -> Arc<HubRuntime> {
        let make = || {
            let (core, options) = self.core(mapped);
            Arc::new(HubRuntime {
                invoker: Arc::clone(&served.invoker),
                core,
                options,
                user_id: Arc::clone(&self.user_id),
                shutdown: self.shutdown.clone(),
                tasks: self.tasks.clone(),
                reports: Reports::default(),
            })
        };
        Arc::clone(served.runtime.get_or_init(make))
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
                options: Arc::clone(&runtime.options),
                user_id: Arc::clone(&self.user_id),
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
        self.mapped.iter().flat_map(|mapped| mapped.paths.iter().map(|served| served.path.as_str()))
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
        let paths = |mapped: &Mapped| mapped.paths.iter().map(|served| served.path.clone()).collect::<Vec<_>>();
        f.debug_map().entries(self.mapped.iter().map(|mapped| (&mapped.name, paths(mapped)))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HubResult, NoClient};

    type Cx = HubCallerContext<NoClient>;

    #[hubs_macros::hub]
    trait Greeter {
        async fn greet(&self, cx: &Cx) -> HubResult<()>;
    }

    struct Greets;

    impl Greeter for Greets {
        async fn greet(&self, _: &Cx) -> HubResult<()> {
            Ok(())
        }
    }

    #[test]
    fn a_hub_at_several_paths_is_one_hub() {
        let hubs = Hubs::new().map("/new", GreeterContract, Greets).map("/old", GreeterContract, Greets);
        let [mapped] = &hubs.mapped[..] else { panic!("one hub") };
        let cores = [0, 1].map(|path: usize| hubs.runtime_of(mapped, &mapped.paths[path]).core.clone());
        assert!(Arc::ptr_eq(&cores[0], &cores[1]));
        assert!(cores[0].name.starts_with("Greeter"));
        let _: axum::Router = hubs.router();
    }
}
