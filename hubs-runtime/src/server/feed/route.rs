//! The route of a feed: who may read it, and the response that never ends.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request, response::Response, routing::any};
use futures_util::FutureExt;
use http::{HeaderMap, Method, StatusCode, request::Parts};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{FeedReader, Hook, role::ReaderRole};
use crate::{
    connection::{End, Inbox, Peer},
    engine::{Connection, Engine},
    hub::Principal,
    ids::{ConnectionId, GroupName, HubError},
    invocation::{Permits, StreamOpener},
    lifetime::{Counted, Following, Readers},
    protocol::EventFeed,
    server::{
        auth::Authentication,
        endpoint::{
            FOREIGN_ORIGIN, METHOD_NOT_ALLOWED, Reason, Refused, SHUTTING_DOWN, check_memory, no_room, streamed,
        },
        gate::Gate,
        http::answer::Refusal,
        session::HubRuntime,
    },
    transport::{one_way, sse::EventStream},
};

/// What the route of one feed needs.
pub(in crate::server) struct FeedRoute {
    pub(in crate::server) runtime: Arc<HubRuntime>,
    pub(in crate::server) readers: Arc<Readers>,
    pub(in crate::server) authentication: Authentication,
    pub(in crate::server) gate: Gate,
    pub(in crate::server) stopping: CancellationToken,
    pub(in crate::server) hook: Hook,
    pub(in crate::server) refused: Refused,
}

/// How long what other nodes send is still kept for a reader that has gone.
const LINGER: Duration = Duration::from_secs(60);

const GROUPS: Refusal =
    Refusal::new(StatusCode::BAD_REQUEST, "The groups of this reader are too many, or their names too long.");

/// The route of the feed at `path`.
pub(in crate::server) fn router<S: Clone + Send + Sync + 'static>(path: &str, feed: FeedRoute) -> Router<S> {
    let feed = Arc::new(feed);
    let read =
        any(async move |request: Request| feed.read(request.into_parts().0).await.unwrap_or_else(Response::from));
    Router::new().route(&format!("/{}", path.trim_matches('/')), read)
}

impl FeedRoute {
    async fn read(&self, mut request: Parts) -> Result<Response, Refusal> {
        let options = &self.runtime.options;
        if !options.allowed_origins.admits(&request) {
            self.refused.note(Reason::Origin, &request);
            return Err(FOREIGN_ORIGIN);
        }
        if request.method != Method::GET {
            return Err(METHOD_NOT_ALLOWED);
        }
        if let Some(problem) = options.problem() {
            let text = format!("This feed has no readers. {problem}.");
            return Err(Refusal { status: StatusCode::INTERNAL_SERVER_ERROR, text: text.into() });
        }
        self.authentication.fetch_keys(&request).await;
        self.authentication.authenticate(&mut request, |_, _| None)?;
        self.gate.check(&request).await?;
        if self.stopping.is_cancelled() {
            return Err(SHUTTING_DOWN);
        }
        let last = last_event(&request.headers);
        let user = (self.runtime.user_id)(&request);
        let expires = request.extensions.get::<Principal>().and_then(Principal::expires);
        self.runtime.isolation.check(&self.refused, &request)?;
        check_memory(options, &self.refused, &request)?;
        let address = options.allowed_origins.client_address(&request);
        let counted = self.runtime.core.counts.count(user.as_ref(), address);
        let counted = counted.map_err(|too_many| no_room(&self.refused, too_many, &request))?;
        let groups = self.groups(request).await?;
        let mut following = self.runtime.core.lifetime.follow(user.as_ref(), &groups);
        let is_whole = following.is_whole().await;
        let peer = Arc::new(Peer::new(next_id(), user, &EventFeed, options.outbox_limits()));
        self.readers.join(Arc::clone(&peer), &groups, last.as_deref(), is_whole);
        Ok(streamed(self.open(peer, expires, counted, following)))
    }

    /// Asks the application.
    async fn groups(&self, request: Parts) -> Result<Vec<GroupName>, Refusal> {
        let has_user = request.extensions.get::<Principal>().is_some();
        let asked = async { (self.hook)(FeedReader::new(request)).await };
        match AssertUnwindSafe(asked).catch_unwind().await {
            Ok(Ok(groups)) => self.within_limits(groups),
            Ok(Err(error)) => Err(refusal(&error, has_user)),
            Err(_) => {
                tracing::error!("the hook of a feed panicked; its reader is refused");
                Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, ""))
            }
        }
    }

    /// Names may come from the request.
    fn within_limits(&self, groups: Vec<GroupName>) -> Result<Vec<GroupName>, Refusal> {
        let options = &self.runtime.options;
        let longest = options.maximum_group_name_length;
        let fits = groups.iter().all(|group| group.as_str().len() <= longest);
        if fits && groups.len() <= options.maximum_groups_per_connection { Ok(groups) } else { Err(GROUPS) }
    }

    fn open(&self, peer: Arc<Peer>, expires: Option<Instant>, counted: Counted, following: Following) -> EventStream {
        let (transport, events) = one_way::open();
        let (runtime, readers) = (Arc::clone(&self.runtime), Arc::clone(&self.readers));
        let presence = readers.background.enter();
        let options = &runtime.options;
        if let Some(expires) = expires.filter(|_| options.close_on_authentication_expiration) {
            end_at(expires, Arc::clone(&peer));
        }
        let opener = StreamOpener::new(Arc::clone(&peer), options.upload_buffer_size, options.stream_buffer_capacity);
        let (rules, tasks) = (runtime.rules(), runtime.tasks.clone());
        let role = ReaderRole { runtime, readers, peer: Arc::clone(&peer) };
        let engine = Engine::new(role, rules, peer, Arc::new(Permits::new(1)), opener, Inbox::default());
        let serving = Connection::new(engine, transport).serve();
        tasks.spawn(async move {
            serving.await;
            drop((presence, counted));
            if following.has_others() {
                tokio::spawn(linger(following));
            }
        });
        events
    }
}

/// Keeps what a reader has followed for one that comes back soon.
async fn linger(following: Following) {
    tokio::time::sleep(LINGER).await;
    drop(following);
}

/// What a browser's `EventSource` says when it connects again.
fn last_event(headers: &HeaderMap) -> Option<String> {
    let last = headers.get("last-event-id")?.to_str().ok()?;
    (!last.is_empty()).then(|| last.to_owned())
}

fn refusal(error: &HubError, has_user: bool) -> Refusal {
    match error.client_text() {
        Some(_) if error.is_unauthorized() && !has_user => Refusal::new(StatusCode::UNAUTHORIZED, ""),
        Some(_) if error.is_unauthorized() => Refusal::new(StatusCode::FORBIDDEN, ""),
        Some(text) => Refusal { status: StatusCode::FORBIDDEN, text: text.to_owned().into() },
        None => {
            tracing::error!(%error, "the hook of a feed failed; its reader is refused");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "")
        }
    }
}

/// Ends the stream when its user's authentication ends.
fn end_at(expires: Instant, peer: Arc<Peer>) {
    tokio::spawn(async move {
        tokio::select! {
            () = sleep_until(expires) => peer.outbox.end(End::Expired),
            () = peer.ended.cancelled() => {}
        }
    });
}

/// The id of a reader, which only the log shows.
fn next_id() -> ConnectionId {
    static LAST: AtomicU64 = AtomicU64::new(0);
    ConnectionId::new(format!("reader-{}", LAST.fetch_add(1, Ordering::Relaxed) + 1))
}
