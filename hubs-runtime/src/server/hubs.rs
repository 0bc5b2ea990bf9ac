//! [`Hubs`]: which hubs an application has, and where.

use std::{fmt, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{HubMetrics, HubOptions, auth::Authentication, mapped::Mapped, options::LONGEST, session::UserIdProvider};
use crate::{
    backplane::Backplane,
    call::{HubInterface, Lifecycle},
    clients::HubContext,
    hub::{Access, Filters, HubCallerContext, Policies, Principal},
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
    /// Around all hubs.
    pub(super) filters: Filters,
    /// Connects this process with the other nodes of its cluster.
    pub(super) backplane: Option<Arc<dyn Backplane>>,
    /// From then on no connection is let in.
    pub(super) stopping: CancellationToken,
    /// Ends all connections.
    pub(super) shutdown: CancellationToken,
    pub(super) tasks: TaskTracker,
    pub(super) shutdown_timeout: Duration,
    pub(super) shutdown_spread: Duration,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<super::TlsCertificate>,
}

impl Default for Hubs {
    fn default() -> Self {
        Self {
            mapped: Vec::new(),
            options: HubOptions::default(),
            user_id: Arc::new(|request| request.extensions.get::<Principal>()?.id().cloned()),
            authentication: Authentication::default(),
            policies: Arc::default(),
            filters: Filters::default(),
            backplane: None,
            stopping: CancellationToken::new(),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            shutdown_timeout: Duration::from_secs(5),
            shutdown_spread: Duration::ZERO,
            #[cfg(feature = "tls")]
            tls: None,
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
        self.shutdown_spread = time.min(LONGEST);
        self
    }

    /// Connects all hubs with the same hubs of other processes: what is sent to all, to a group, to a user or to a
    /// connection reaches it on any node. A send that may not have reached the other nodes fails with
    /// [`SendError::Backplane`](crate::SendError).
    ///
    /// # Panics
    ///
    /// As [`Hubs::options`]. With a backplane, [`Hubs::context`], [`Hubs::metrics`] and [`Hubs::router`] panic outside of a
    /// Tokio runtime.
    #[must_use]
    pub fn backplane(mut self, backplane: impl Backplane) -> Self {
        self.assert_not_started("backplane");
        self.backplane = Some(Arc::new(backplane));
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

    /// Has [`Hubs::run`] and [`Hubs::serve`] speak TLS on every socket: pages then use `https` and `wss`. Needs feature
    /// `tls`.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, certificate: super::TlsCertificate) -> Self {
        self.tls = Some(certificate);
        self
    }

    /// Adds a policy, which `#[authorize(policy = "..")]` names. It is asked about authenticated users only, sees the
    /// arguments of the call, and is quick: it runs where the connection is served. One that has to wait, such as for a
    /// query, is a [`Hubs::policy_async`].
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

    /// Adds a policy that has to wait, such as for a query to a database. As [`Hubs::policy`], but the function takes from
    /// the access what it needs and returns a future. A call begins with it: calls that come after it wait as they wait for
    /// the method, and one that is refused has not started. For what a hub requires of everyone, it runs on every request,
    /// each poll included.
    ///
    /// ```
    /// # #[derive(Clone)] struct Database;
    /// # impl Database { async fn owns(&self, _: Option<hubs::UserId>, _: Option<String>) -> Result<bool, ()> { Ok(true) } }
    /// # let database = Database;
    /// let hubs = hubs::Hubs::new().policy_async("own_board", move |access| {
    ///     let (database, user) = (database.clone(), access.user().id().cloned());
    ///     let board: Option<String> = access.argument("board");
    ///     async move { database.owns(user, board).await.unwrap_or(false) }
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Hubs::options`].
    #[must_use]
    pub fn policy_async<F>(mut self, name: &str, policy: impl Fn(&Access<'_>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.assert_not_started("policy_async");
        Arc::make_mut(&mut self.policies).add_async(name, policy);
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
}

impl fmt::Debug for Hubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = |mapped: &Mapped| mapped.paths.iter().map(|served| served.path.clone()).collect::<Vec<_>>();
        f.debug_map().entries(self.mapped.iter().map(|mapped| (&mapped.name, paths(mapped)))).finish()
    }
}
