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
    /// WebSockets over plain TCP set `TCP_NODELAY` by themselves. For TLS, HTTP/2 and the other transports set it where
    /// the sockets are accepted, as with axum's `ListenerExt::tap_io`: small messages wait for each other otherwise.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        self.mapped.iter().fold(axum::Router::new(), |router, mapped| {
            let wiring = endpoint::Wiring {
                options: Arc::clone(&mapped.runtime.options),
                user_id: Arc::clone(&mapped.runtime.user_id),
                shutdown: self.shutdown.clone(),
                tasks: self.tasks.clone(),
                acceptor: SessionAcceptor::new(Arc::clone(&mapped.runtime)),
            };
            router.merge(endpoint::router(&mapped.path, wiring))
        })
    }

    /// Serves these hubs, and nothing else, at `address` until Ctrl-C, and ends gracefully, in bounded time. Blocks,
    /// with a tokio runtime of its own: the shortest way to a running server. An application that has routes, state or
    /// layers of its own mounts [`Hubs::router`] in its [`axum::Router`] instead.
    ///
    /// A socket on which no request comes for 30 s, or no further one for 130 s, is closed. [`axum::serve()`] has no such
    /// limits: where strangers can reach it directly, something in front of it should.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound.
    pub fn run(self, address: impl std::net::ToSocketAddrs) -> std::io::Result<()> {
        serve::run(&self, address)
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
