//! The other nodes of a cluster, as one route sees them: which node owns a connection, and requests that came to a node
//! that does not. A node owns a connection by a lease, from the request that opens its transport until it ends. What is
//! passed on names the connection by its nonce: the token stays where the client sent it.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, future::BoxFuture, stream};
use http::StatusCode;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::{
    OTHER_TRANSPORT, TAKEN, UNKNOWN, not_random,
    passing::{Head, Kind, Reply},
    polling::NOT_POLLED,
    posting::{DISPOSED, ON_WEBSOCKET},
    renewal::renew_by,
    signed::Claims,
    tokens::{Line, Tokens},
    tunnel::{Side, Tunnel},
};
use crate::{
    backplane::{Backplane, BackplaneError, Lease, Subscription},
    connection::Handover,
    ids::{ConnectionId, UserId},
    server::http::answer::Refusal,
    transport::{
        Feed, NotTaken,
        long_polling::{Polled, Polls},
        memory,
        negotiate::random_id,
    },
};

/// How long a lease holds that is not renewed, and how often it is renewed.
const TERM: Duration = Duration::from_secs(30);
const RENEWED: Duration = Duration::from_secs(10);
/// How long the owner may take to take what a client sends.
const TAKING: Duration = Duration::from_secs(15);
/// How much longer than a poll its answer may take.
const ANSWERING: Duration = Duration::from_secs(5);

/// How many bytes are passed on at once.
const PART: usize = 256 * 1024;

const NOT_ANSWERED: Refusal =
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The server of this connection does not answer.");

/// What a route needs to be served by several nodes.
#[derive(Clone)]
pub(in crate::server) struct EndpointCluster {
    pub(in crate::server) backplane: Arc<dyn Backplane>,
    /// Ends the connection of this name: another node owns it.
    pub(in crate::server) end: Arc<dyn Fn(&ConnectionId) + Send + Sync>,
}

/// One route, in its cluster.
pub(super) struct Elsewhere {
    cluster: EndpointCluster,
    /// The hub and its path.
    scope: String,
    tokens: Tokens,
    poll_timeout: Duration,
    /// How long a token can open a transport.
    token_timeout: Duration,
    /// The leases that are renewed, and whose they are.
    renewed: Mutex<HashMap<String, ConnectionId>>,
    /// Where other nodes ask this one.
    inbox: OnceLock<Subscription>,
}

/// This node owns a connection, until this is dropped. The lease stays until it lapses: the token has been used.
pub(super) struct Claim {
    elsewhere: Arc<Elsewhere>,
    key: String,
}

/// Another node owns the connection.
#[derive(Debug)]
pub(super) struct Held;

impl Elsewhere {
    pub(super) fn new(
        cluster: EndpointCluster,
        scope: String,
        tokens: Tokens,
        poll_timeout: Duration,
        token_timeout: Duration,
    ) -> Arc<Self> {
        let (renewed, inbox) = (Mutex::default(), OnceLock::new());
        Arc::new(Self { cluster, scope, tokens, poll_timeout, token_timeout, renewed, inbox })
    }

    /// Makes this node the owner of a connection that is about to open its transport. `None`: the other nodes are not
    /// reached, so it is not known who owns it, and it is served.
    pub(super) async fn claim(
        self: &Arc<Self>,
        claims: &Claims,
        id: &ConnectionId,
        is_named_later: bool,
    ) -> Result<Option<Claim>, Held> {
        let key = self.key(claims);
        let inbox = self.inbox.get_or_init(|| self.start()).confirmed();
        let term = if is_named_later { TERM.max(self.token_timeout) } else { self.token_timeout };
        let acquired = async {
            inbox.await?;
            self.cluster.backplane.acquire(&key, term).await
        };
        match acquired.await {
            Ok(Lease::Acquired) if is_named_later => {
                self.renewed.lock().insert(key.clone(), id.clone());
                Ok(Some(Claim { elsewhere: Arc::clone(self), key }))
            }
            Ok(Lease::Acquired) => Ok(None),
            Ok(Lease::Held(_)) => Err(Held),
            Err(error) => {
                tracing::warn!(connection = %id, %error, "other nodes do not know that this one serves a connection");
                Ok(None)
            }
        }
    }

    /// Passes a request on to the owner of the connection. `None`: no node owns it.
    pub(super) async fn ask(
        &self,
        kind: Kind,
        claims: &Claims,
        user: Option<&UserId>,
        body: &[u8],
    ) -> Result<Option<Reply>, Refusal> {
        let backplane = &self.cluster.backplane;
        let owner = match backplane.holder(&self.key(claims)).await {
            Ok(Some(owner)) if owner != backplane.node() => owner,
            Ok(_) => return Ok(None),
            Err(error) => return Err(not_answered(&error)),
        };
        let user = user.map(|user| user.as_str().to_owned());
        let head = Head { kind, nonce: claims.nonce, expires: claims.expires, user };
        let limit = if matches!(kind, Kind::Poll) { self.poll_timeout + ANSWERING } else { TAKING };
        match backplane.request(&self.inbox_of(&owner), head.write(body), limit).await {
            Ok(reply) => Reply::read(&reply).map(Some).ok_or(NOT_ANSWERED),
            Err(BackplaneError::NoResponder) => Ok(None),
            Err(error) => Err(not_answered(&error)),
        }
    }

    /// Passes on what a client has sent, in parts that the owner takes one after the other. `false`: no node owns the
    /// connection, and nothing was taken.
    pub(super) async fn pass(&self, claims: &Claims, user: Option<&UserId>, bytes: &[u8]) -> Result<bool, Refusal> {
        let mut begun = false;
        for part in bytes.chunks(PART).chain(bytes.is_empty().then_some(bytes)) {
            match self.ask(Kind::Post, claims, user, part).await? {
                Some(Reply { status: StatusCode::OK, .. }) => begun = true,
                Some(reply) => return Err(reply.refusal()),
                None if begun => return Err(DISPOSED),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// A tunnel to the node that owns a connection, which has taken its end as the connection's next socket.
    pub(super) async fn resume(&self, claims: &Claims, user: Option<&UserId>) -> Result<Tunnel, Refusal> {
        let name = random_id().map_err(not_random)?;
        let tunnel = Tunnel::open(&self.cluster.backplane, &self.tunnel_of(name.as_str()), Side::Client).await;
        let tunnel = tunnel.map_err(|error| not_answered(&error))?;
        match self.ask(Kind::Resume, claims, user, name.as_str().as_bytes()).await? {
            Some(Reply { status: StatusCode::OK, .. }) => Ok(tunnel),
            Some(reply) => Err(reply.refusal()),
            None => Err(UNKNOWN),
        }
    }

    /// Gives a connection of this node the end of a tunnel as its next socket.
    async fn hand_over(&self, handover: &Handover, name: &[u8]) -> Reply {
        let name = self.tunnel_of(&String::from_utf8_lossy(name));
        let tunnel = match Tunnel::open(&self.cluster.backplane, &name, Side::Owner).await {
            Ok(tunnel) => tunnel,
            Err(error) => return not_answered(&error).into(),
        };
        let (socket, end) = memory::pair(memory::DEFAULT_CAPACITY);
        if !handover.offer(Box::new(socket)) {
            return TAKEN.into();
        }
        tokio::spawn(async move { tunnel.run(end, &CancellationToken::new()).await });
        Reply::empty(StatusCode::OK)
    }

    fn tunnel_of(&self, name: &str) -> String {
        format!("{}:internal:tunnel:{name}", self.scope)
    }

    fn key(&self, claims: &Claims) -> String {
        let nonce = claims.nonce.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("{}:internal:owner:{nonce}", self.scope)
    }

    fn inbox_of(&self, node: &str) -> String {
        format!("{}:internal:requests:{node}", self.scope)
    }

    /// Answers what other nodes pass on, and renews the leases of this node.
    fn start(self: &Arc<Self>) -> Subscription {
        let here = Arc::downgrade(self);
        tokio::spawn(renew(Weak::clone(&here)));
        let respond = move |payload: Bytes| -> BoxFuture<'static, Bytes> {
            let here = here.upgrade();
            Box::pin(async move {
                let reply = match (here, Head::read(&payload)) {
                    (Some(here), Some((head, body))) => here.answer(head, body).await,
                    _ => UNKNOWN.into(),
                };
                reply.write()
            })
        };
        let inbox = self.inbox_of(self.cluster.backplane.node());
        self.cluster.backplane.respond(&inbox, Arc::new(respond))
    }

    /// Does what another node asks, to a connection of this one.
    async fn answer(&self, head: Head, body: Bytes) -> Reply {
        let claims = Claims::passed_on(head.nonce, head.expires);
        let user = head.user.map(UserId::from);
        let (line, latest) = match self.tokens.attached(&claims.nonce, user.as_ref()) {
            Ok(attached) => attached,
            Err(unfound) => return Refusal::from(unfound).into(),
        };
        match (head.kind, line) {
            (Kind::Post, Line::Events(feed)) => take(&feed, body).await,
            (Kind::Post, Line::Polls(polls, _)) => take(polls.feed(), body).await,
            (Kind::Post, _) => ON_WEBSOCKET.into(),
            (Kind::Poll, Line::Polls(polls, user)) => {
                renew_by(&user, &body).await;
                self.fetch(&claims, &polls).await
            }
            (Kind::Refresh, _) => {
                let Some(latest) = latest else { return UNKNOWN.into() };
                renew_by(&latest, &body).await;
                Reply::empty(StatusCode::OK)
            }
            (Kind::Delete, Line::Polls(polls, _)) => {
                self.tokens.forget(&claims);
                polls.hang_up();
                Reply::empty(StatusCode::ACCEPTED)
            }
            (Kind::Resume, Line::WebSocket(Some(handover))) if handover.accepts() => {
                self.hand_over(&handover, &body).await
            }
            (Kind::Resume, Line::WebSocket(_)) => TAKEN.into(),
            (Kind::Poll | Kind::Resume, _) => OTHER_TRANSPORT.into(),
            (Kind::Delete, _) => NOT_POLLED.into(),
        }
    }

    /// What a poll of this connection gets.
    async fn fetch(&self, claims: &Claims, polls: &Polls) -> Reply {
        match polls.wait(self.poll_timeout).await {
            Polled::Bytes(bytes) => {
                let mut answer = polls.answer(bytes);
                let mut body = Vec::with_capacity(answer.len());
                // A part counts as read once it is dropped.
                while let Some(Ok(part)) = answer.next().await {
                    body.extend_from_slice(&part);
                }
                Reply { status: StatusCode::OK, body: body.into() }
            }
            Polled::Nothing => Reply::empty(StatusCode::OK),
            Polled::Superseded | Polled::Gone => Reply::empty(StatusCode::NO_CONTENT),
            Polled::Ended => {
                self.tokens.forget(claims);
                Reply::empty(StatusCode::NO_CONTENT)
            }
            Polled::Conflict => Reply::empty(StatusCode::CONFLICT),
        }
    }

    /// Prolongs the leases of this node. A connection whose lease another node has taken ends.
    async fn renew(&self) {
        let keys: Vec<String> = self.renewed.lock().keys().cloned().collect();
        if keys.is_empty() {
            return;
        }
        let term = TERM.max(self.token_timeout);
        let Ok(held) = self.cluster.backplane.renew(keys.clone(), term).await else { return };
        for key in keys.into_iter().zip(held).filter_map(|(key, held)| (!held).then_some(key)) {
            // The backplane may have lost it, and no other node has it.
            if !matches!(self.cluster.backplane.acquire(&key, term).await, Ok(Lease::Held(_))) {
                continue;
            }
            let lost = self.renewed.lock().remove(&key);
            if let Some(id) = lost {
                tracing::warn!(connection = %id, "another node has taken over the connection");
                (self.cluster.end)(&id);
            }
        }
    }
}

/// Renews leases for as long as the route is there.
async fn renew(here: Weak<Elsewhere>) {
    loop {
        tokio::time::sleep(RENEWED).await;
        let Some(here) = here.upgrade() else { return };
        here.renew().await;
    }
}

/// What the owner does with a part.
async fn take(feed: &Feed, body: Bytes) -> Reply {
    let body = stream::once(std::future::ready(Ok::<_, Infallible>(body)));
    match feed.take_all(body).await {
        Ok(()) | Err(NotTaken::Gone { partly: true }) => Reply::empty(StatusCode::OK),
        Err(_) => DISPOSED.into(),
    }
}

fn not_answered(error: &BackplaneError) -> Refusal {
    tracing::warn!(%error, "a request could not be passed on to the node of its connection");
    NOT_ANSWERED
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.elsewhere.renewed.lock().remove(&self.key);
    }
}

impl fmt::Debug for EndpointCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointCluster").field("backplane", &self.backplane).finish_non_exhaustive()
    }
}
