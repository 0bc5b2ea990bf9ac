//! [`HubCallerContext`]: what a hub method sees of its caller.

use std::{borrow::Cow, fmt, future::Future, marker::PhantomData, sync::Arc};

use super::{Caller, Decision, Items, Phase, Principal, Require};
use crate::{
    call::Interface,
    clients::{CallerClients, Groups},
    connection::End,
    ids::{ConnectionId, GroupName, HubError, HubResult, UserId},
    protocol::{Headers, KeptHeaders, SendKey},
    transport::TransportKind,
};
#[cfg(feature = "server")]
use crate::{
    call::{PresenceMeta, ShowsPresence},
    clients::Presence,
};

/// The header of a call by which its client names it.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The longest key of a call, in bytes.
const LONGEST_KEY: usize = 128;

/// The first parameter of every hub method: the caller, and the clients that can be called from here. `C` is the contract
/// of the client interface. Cheap to clone.
///
/// ```
/// use hubs::{HubCallerContext, HubError, HubResult, client_interface, hub};
///
/// #[client_interface]
/// trait DocumentClient { async fn changed(&self, by: String) -> HubResult<()>; }
/// type Cx = HubCallerContext<DocumentClientContract>;
///
/// #[hub(client = DocumentClient)]
/// trait DocumentHub { async fn edit(&self, cx: &Cx, text: String) -> HubResult<()>; }
///
/// struct Documents;
///
/// impl DocumentHub for Documents {
///     async fn edit(&self, cx: &Cx, text: String) -> HubResult<()> {
///         let user = cx.user().ok_or_else(|| HubError::client("sign in first"))?;
///         if !user.has_role("editor") {
///             return Err(HubError::client("only editors may do this"));
///         }
///         tracing::info!(connection = %cx.connection_id(), transport = %cx.transport(), "edited {text}");
///         let by = cx.user_id().map(ToString::to_string).unwrap_or_default();
///         Ok(cx.clients().others().changed(by).await?)
///     }
/// }
/// ```
pub struct HubCallerContext<C> {
    caller: Arc<Caller>,
    phase: Phase,
    /// Who it is, if not who it was that connected.
    user: Option<Option<Arc<Principal>>>,
    /// Of the call, if it has any.
    headers: Option<KeptHeaders>,
    /// Names what the call sends durably, if its client names the call.
    key: Option<Arc<SendKey>>,
    interface: PhantomData<fn() -> C>,
}

impl<C: Interface> HubCallerContext<C> {
    pub(crate) fn new(caller: Arc<Caller>, phase: Phase) -> Self {
        let user = caller.latest_principal();
        Self { caller, phase, user, headers: None, key: None, interface: PhantomData }
    }

    /// For a call that came with these headers.
    pub(crate) fn with_headers(mut self, headers: Headers<'_>) -> Self {
        self.headers = headers.kept();
        if self.headers.is_some() {
            self.key = self.send_key();
        }
        self
    }

    /// Names what the call sends durably by its key. That of another user is another name.
    #[cold]
    fn send_key(&self) -> Option<Arc<SendKey>> {
        let key = self.idempotency_key()?;
        let user = self.user_id().map_or("", |user| user.as_str());
        Some(Arc::new(SendKey::new(format!("{}:{user}:{key}", user.len()))))
    }

    /// Chooses which clients to call.
    pub fn clients(&self) -> CallerClients<C> {
        let (core, asking) = (Arc::clone(&self.caller.core), self.caller.asking(self.phase));
        CallerClients::new(core, asking, Arc::clone(&self.caller.peer), self.key.clone())
    }

    /// Group membership.
    pub fn groups(&self) -> Groups {
        Groups::new(Arc::clone(&self.caller.core))
    }

    /// Who is in a group, for hubs whose client interface has `presence = ..`. Needs feature `server`.
    #[cfg(feature = "server")]
    pub fn presence<M: PresenceMeta>(&self) -> Presence<M>
    where
        C: ShowsPresence<Member = M>,
    {
        Presence::new(Arc::clone(&self.caller.core))
    }
}

impl<C> HubCallerContext<C> {
    /// The public name of the caller's connection.
    pub fn connection_id(&self) -> &ConnectionId {
        &self.caller.peer.id
    }

    /// The authenticated user of the connecting request, if it has one. Under long polling each poll is authenticated, and
    /// this is the user of the latest poll when the call began: a renewed token brings its claims along.
    pub fn user(&self) -> Option<&Principal> {
        match &self.user {
            Some(latest) => latest.as_deref(),
            None => self.caller.principal(),
        }
    }

    /// The key of the call, if its client has made one up: it makes the call again with the same key where it does not know
    /// whether the call ran, as generated clients do with methods that have `#[method(idempotent)]`. It has 128 bytes at
    /// most; a longer one is none. What the call sends durably is recorded once for each key; what else it does, such as
    /// writing to a database, has to be done once by the method itself.
    pub fn idempotency_key(&self) -> Option<Cow<'_, str>> {
        let key = self.headers().get(IDEMPOTENCY_KEY)?;
        (!key.is_empty() && key.len() <= LONGEST_KEY).then_some(key)
    }

    /// The id under which `Clients::user` finds the caller.
    pub fn user_id(&self) -> Option<&UserId> {
        self.caller.peer.user.as_ref()
    }

    /// Checks what `#[authorize]` cannot say, such as what depends on a value that the method has looked up. The caller
    /// reads the same refusal. A policy of [`Hubs::policy_async`](crate::Hubs::policy_async) refuses here: ask for it with
    /// [`authorize_async`](Self::authorize_async).
    ///
    /// ```
    /// # use hubs::{HubCallerContext, HubResult, NoClient, Require, hub};
    /// # type Cx = HubCallerContext<NoClient>;
    /// # #[hub] trait Board { async fn wipe(&self, cx: &Cx, board: String) -> HubResult<()>; }
    /// # struct Boards;
    /// # impl Boards { async fn is_public(&self, _: &str) -> bool { true } }
    /// # impl Board for Boards {
    /// async fn wipe(&self, cx: &Cx, board: String) -> HubResult<()> {
    ///     if !self.is_public(&board).await {
    ///         cx.authorize(Require::Role("moderator"))?;
    ///     }
    ///     Ok(())
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`HubError::unauthorized`] if the caller has not what is required, or is no user.
    pub fn authorize(&self, require: Require<'_>) -> HubResult<()> {
        match self.caller.may(self.user(), require, None) {
            Decision::Now(true) => Ok(()),
            Decision::Now(false) => Err(HubError::unauthorized()),
            Decision::Later(_) => {
                tracing::error!(?require, "this policy has to wait, so it refuses here: call authorize_async");
                Err(HubError::unauthorized())
            }
        }
    }

    /// As [`authorize`](Self::authorize), and waits for policies that have to wait.
    ///
    /// # Errors
    /// As [`authorize`](Self::authorize).
    pub async fn authorize_async(&self, require: Require<'_>) -> HubResult<()> {
        let decision = self.caller.may(self.user(), require, None);
        if decision.wait().await { Ok(()) } else { Err(HubError::unauthorized()) }
    }

    /// Adds the caller to a group if its user has what is required; a policy sees the group as
    /// [`Access::group`](crate::Access::group). Where the user's authentication can change while the connection lives, by
    /// `POST {hub}/refresh` or by a newer token of a client that polls, this is checked again, and a user who has it no
    /// longer is taken out of the group.
    ///
    /// ```
    /// # use hubs::{HubCallerContext, HubResult, NoClient, Require, hub};
    /// # type Cx = HubCallerContext<NoClient>;
    /// # #[hub] trait Board { async fn watch(&self, cx: &Cx, board: String) -> HubResult<()>; }
    /// # struct Boards;
    /// # impl Board for Boards {
    /// async fn watch(&self, cx: &Cx, board: String) -> HubResult<()> {
    ///     cx.join_authorized(board, Require::Policy("member_of")).await
    /// }
    /// # }
    /// # let _ = hubs::Hubs::new()
    /// .policy("member_of", |access| {
    ///     let boards = access.user().claim("boards").and_then(|boards| boards.as_array());
    ///     access.group().is_some_and(|group| boards.is_some_and(|boards| boards.contains(&group.as_str().into())))
    /// });
    /// ```
    ///
    /// # Errors
    /// [`HubError::unauthorized`] if the user has not what is required; as [`Groups::add`] otherwise.
    pub async fn join_authorized(&self, group: impl Into<GroupName>, require: Require<'_>) -> HubResult<()> {
        self.caller.join(group.into(), require).await
    }

    /// What the application keeps with this connection.
    pub fn items(&self) -> &Items {
        &self.caller.items
    }

    /// The request that made the connection: headers, query and extensions (with axum's `ConnectInfo` the peer's
    /// address, too).
    pub fn request(&self) -> &http::request::Parts {
        &self.caller.request
    }

    /// The headers of this call: what the client sent beside its arguments, such as `traceparent`. They are not those of
    /// the HTTP request, which are in [`request`](Self::request). Empty in `on_connected` and `on_disconnected`.
    pub fn headers(&self) -> Headers<'_> {
        Headers::of(self.headers.as_ref())
    }

    /// The value of a parameter of the connecting request's query, percent-decoded; `None` if the query does not name it.
    /// Of a repeated parameter the first. ASCII case does not count, as in ASP.NET Core.
    ///
    /// ```
    /// # use hubs::{HubCallerContext, HubError, HubResult, NoClient, hub};
    /// # type Cx = HubCallerContext<NoClient>;
    /// # #[hub] trait Board { async fn draw(&self, cx: &Cx) -> HubResult<()>; }
    /// # struct Boards;
    /// impl Board for Boards {
    ///     async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
    ///         // `/board?room=lobby`
    ///         let room = cx.query("room").ok_or_else(|| HubError::client("which room?"))?;
    ///         Ok(cx.groups().add(cx.connection_id(), room).await?)
    ///     }
    /// #   async fn draw(&self, _: &Cx) -> HubResult<()> { Ok(()) }
    /// }
    /// ```
    #[cfg(feature = "server")]
    pub fn query(&self, name: &str) -> Option<String> {
        let pairs = form_urlencoded::parse(self.request().uri.query()?.as_bytes());
        let mut found = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.into_owned())
    }

    /// The transport in use.
    pub fn transport(&self) -> TransportKind {
        self.caller.transport
    }

    /// Resolves when the connection has ended: its client closed it, its transport was lost, or the server ended it. A call
    /// that runs on after that has no caller to answer.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + use<C> {
        self.caller.peer.ended.clone().cancelled_owned()
    }

    /// Ends the connection: the client is told not to reconnect.
    pub fn abort(&self) {
        self.caller.peer.outbox.end(End::Aborted);
    }
}

impl<C> Clone for HubCallerContext<C> {
    fn clone(&self) -> Self {
        Self {
            caller: Arc::clone(&self.caller),
            phase: self.phase,
            user: self.user.clone(),
            headers: self.headers.clone(),
            key: self.key.clone(),
            interface: PhantomData,
        }
    }
}

impl<C> fmt::Debug for HubCallerContext<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubCallerContext").field("connection_id", self.connection_id()).finish_non_exhaustive()
    }
}
