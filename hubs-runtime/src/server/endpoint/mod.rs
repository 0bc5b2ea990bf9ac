//! The routes of one hub: negotiation, the requests that open a transport or belong to one, and everything that is
//! refused, with SignalR's status codes and texts. Hands an open transport to an [`Acceptor`]; must not know what a hub
//! is. Tokens are never logged.
//!
//! `OPTIONS` is 405 here, as in ASP.NET: a page of another origin needs a CORS layer around these routes, which answers
//! the browser's preflight requests before they get here, and its origin in `HubOptions::allowed_origins`.

mod clock;
mod counting;
mod elsewhere;
mod events;
mod pace;
mod passing;
mod place;
mod polling;
mod posting;
mod refresh;
mod refused;
mod renewal;
mod signed;
#[cfg(feature = "jwt")]
mod tickets;
mod tokens;
mod tunnel;
pub(in crate::server) mod upgrade;
mod websocket;

use std::sync::Arc;

use axum::{Router, extract::Request, response::Response, routing::any};
use http::{HeaderMap, Method, StatusCode, header::ACCEPT, request::Parts};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(in crate::server) use self::elsewhere::EndpointCluster;
pub(in crate::server) use self::{
    counting::{check_memory, no_room},
    events::streamed,
    refused::{Reason, Refused},
};
use self::{
    elsewhere::Elsewhere,
    place::Place,
    signed::{Claims, Signer},
    tokens::{Line, Tokens, Unfound},
};
use super::{
    HubOptions, SigningKeys,
    auth::Authentication,
    cluster::Isolation,
    gate::Gate,
    http::{
        answer::{self, Refusal},
        query, request,
    },
    session::UserIdProvider,
};
use crate::{
    connection::Handover,
    counters::{CloseReason, Counters},
    ids::{ConnectionId, UserId},
    lifetime::ConnectionCounts,
    transport::{
        Transport, TransportKind,
        negotiate::{NegotiateRefusal, NegotiateResponse, Offer, agree_on_version},
    },
};

/// What clients can be offered, in the order in which they try.
const TRANSPORTS: [TransportKind; 3] =
    [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling];

pub(in crate::server) const FOREIGN_ORIGIN: Refusal = Refusal::new(
    StatusCode::FORBIDDEN,
    "This origin may not connect; the server allows it with HubOptions::allowed_origins. If this is the server's own \
     page, a proxy has changed the Host header: have it keep the header, or name the proxy in \
     AllowedOrigins::trust_proxies.",
);
const LARGE_HEAD: Refusal = Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "");
pub(in crate::server) const METHOD_NOT_ALLOWED: Refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "");
pub(in crate::server) const SHUTTING_DOWN: Refusal =
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The server is shutting down.");
const TOO_MANY: Refusal =
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "Too many clients send before they have opened their transport.");
const NO_TOKEN: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "Connection ID required");
const UNKNOWN: Refusal = Refusal::new(StatusCode::NOT_FOUND, "No Connection with that ID");
const NOT_YOURS: Refusal = Refusal::new(StatusCode::FORBIDDEN, "This connection belongs to another user.");
const OTHER_TRANSPORT: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "Cannot change transports mid-connection");
const TAKEN: Refusal = Refusal::new(StatusCode::CONFLICT, "");

/// The largest head of a request that opens a transport, in bytes: it is kept for as long as the connection lives. HTTP
/// servers take ten times as much.
const MAX_HEAD: usize = 32 * 1024;

/// A connection that has got its transport. Not printable: the request's address holds its token.
pub(crate) struct Accepted {
    /// Its public name.
    pub(crate) id: ConnectionId,
    /// The request that opened the transport, with the extensions that the app's layers have put in.
    pub(crate) request: Parts,
    /// Where its next socket arrives, if its client uses stateful reconnect.
    pub(crate) handover: Option<Arc<Handover>>,
}

/// Runs the connections.
pub(crate) trait Acceptor: Clone + Send + Sync + 'static {
    /// Runs one connection until it has ended. Its token cannot be used again meanwhile.
    fn accept<T: Transport>(self, accepted: Accepted, transport: T) -> impl Future<Output = ()> + Send;
}

/// What the routes of one hub need.
pub(crate) struct Wiring<A> {
    /// The name of the hub.
    pub(crate) hub: String,
    pub(crate) options: Arc<HubOptions>,
    pub(crate) user_id: UserIdProvider,
    /// Who sends a request, where the hubs find it out themselves.
    pub(crate) authentication: Authentication,
    /// Whom the hub lets in.
    pub(crate) gate: Gate,
    /// Once it is cancelled no connection is let in.
    pub(crate) stopping: CancellationToken,
    /// Ends all connections.
    pub(crate) shutdown: CancellationToken,
    /// The connections that run.
    pub(crate) tasks: TaskTracker,
    /// How many there are, and may be.
    pub(crate) connections: Arc<ConnectionCounts>,
    /// Whether new clients are refused because the node is alone.
    pub(in crate::server) isolation: Isolation,
    /// Its cluster, if there is one.
    pub(in crate::server) cluster: Option<EndpointCluster>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) acceptor: A,
}

/// The routes of the hub at `path`.
pub(crate) fn router<A: Acceptor, S: Clone + Send + Sync + 'static>(path: &str, wiring: Wiring<A>) -> Router<S> {
    let endpoint = Arc::new(Endpoint::new(path, wiring));
    let negotiate = {
        let endpoint = Arc::clone(&endpoint);
        any(async move |request: Request| {
            endpoint.negotiate(request.into_parts().0).await.unwrap_or_else(Response::from)
        })
    };
    let refresh = {
        let endpoint = Arc::clone(&endpoint);
        any(async move |request: Request| endpoint.refresh(request.into_parts().0).await)
    };
    let connect = any(async move |request: Request| endpoint.connect(request).await);
    let base = path.trim_matches('/');
    let base = if base.is_empty() { String::new() } else { format!("/{base}") };
    let router = Router::new()
        .route(&format!("{base}/negotiate"), negotiate.clone())
        .route(&format!("{base}/negotiate/"), negotiate)
        .route(&format!("{base}/refresh"), refresh)
        .route(&format!("{base}/"), connect.clone());
    if base.is_empty() { router } else { router.route(&base, connect) }
}

struct Endpoint<A> {
    options: Arc<HubOptions>,
    offered: Vec<TransportKind>,
    /// The same, for the answers to negotiations.
    offer: Offer,
    refused: Refused,
    tokens: Tokens,
    user_id: UserIdProvider,
    stopping: CancellationToken,
    authentication: Authentication,
    gate: Gate,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    connections: Arc<ConnectionCounts>,
    isolation: Isolation,
    /// The other nodes of its cluster, if it has one.
    elsewhere: Option<Arc<Elsewhere>>,
    acceptor: A,
    /// Why every connection is refused.
    problem: Option<String>,
}

/// A connection that a request names, and may use.
struct Named {
    token: String,
    claims: Claims,
    line: Line,
    /// Who sends the request.
    user: Option<UserId>,
}

impl<A: Acceptor> Endpoint<A> {
    fn new(path: &str, wiring: Wiring<A>) -> Self {
        let Wiring {
            hub,
            options,
            user_id,
            authentication,
            gate,
            stopping,
            shutdown,
            tasks,
            connections,
            isolation,
            cluster,
            counters,
            acceptor,
        } = wiring;
        options.allowed_origins.report_mistakes();
        let offered: Vec<TransportKind> =
            TRANSPORTS.into_iter().filter(|kind| options.transports.contains(kind)).collect();
        let (mut problem, refused) = (options.problem(), Refused::new(counters));
        let keys = options.token_keys.clone().map_or_else(SigningKeys::random, Ok).unwrap_or_else(|_| {
            problem = Some("The operating system gives no random bytes".to_owned());
            SigningKeys::new([])
        });
        let tokens = Tokens::new(&options, Signer::new(&keys, &hub, path.trim_matches('/')));
        let elsewhere = cluster.map(|cluster| {
            if options.token_keys.is_none() {
                tracing::warn!(
                    hub,
                    "HubOptions::token_keys is not set: a client that negotiates here is answered 404 by the other nodes \
                     of the cluster. Give all nodes the same keys"
                );
            }
            let scope = format!("{hub}:{}", path.trim_matches('/'));
            let (poll, token) = (options.long_polling_poll_timeout, options.disconnect_timeout);
            Elsewhere::new(cluster, scope, tokens.clone(), poll, token)
        });
        Self {
            options,
            offer: Offer::of(&offered),
            offered,
            refused,
            tokens,
            user_id,
            authentication,
            gate,
            stopping,
            shutdown,
            tasks,
            connections,
            isolation,
            elsewhere,
            acceptor,
            problem,
        }
    }

    async fn negotiate(&self, mut request: Parts) -> Result<Response, Refusal> {
        self.check_origin(&request)?;
        if request.method != Method::POST {
            return Err(METHOD_NOT_ALLOWED);
        }
        self.check_options()?;
        self.check_user(&mut request).await?;
        let request = &request;
        self.check_shutdown()?;
        let asked = query::value(request.uri.query(), "negotiateVersion");
        let version = match agree_on_version(asked.as_deref(), self.options.minimum_protocol_version) {
            Ok(version) => version,
            Err(error) => return Ok(answer::json(&NegotiateRefusal::from(error))),
        };
        let (resumable, user) = (self.resumable(request), (self.user_id)(request));
        self.check_room(request, user.as_ref())?;
        let identity = self.tokens.issue(version, resumable, user.as_ref()).map_err(not_random)?;
        let ticket = self.ticket_of(request, version, identity.token.as_str());
        let response = NegotiateResponse::new(version, &identity, &self.offer).stateful_reconnect(resumable);
        Ok(answer::json(&response.access_token(ticket.as_deref()).lifetime(self.lifetime(request))))
    }

    /// Whether the client asks for stateful reconnect, and gets it.
    fn resumable(&self, request: &Parts) -> bool {
        let asked = || query::value(request.uri.query(), "useStatefulReconnect");
        self.options.stateful_reconnect
            && self.offered.contains(&TransportKind::WebSockets)
            && asked().is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    async fn connect(self: &Arc<Self>, request: Request) -> Response {
        let (mut request, body) = request.into_parts();
        if let Err(refusal) = self.check(&mut request).await {
            return refusal.into();
        }
        let answered = match request.method {
            Method::GET if accepts_event_stream(&request.headers) => self.open_events(request).await,
            Method::GET | Method::CONNECT if upgrade::is_asked_for(&request) => {
                self.open_websocket(request).await.or_else(websocket::untyped)
            }
            Method::GET => return answer::never_cached(self.poll(request).await.unwrap_or_else(Response::from)),
            Method::POST => self.post(&request, body).await,
            Method::DELETE => self.delete(&request).await,
            _ => Err(METHOD_NOT_ALLOWED),
        };
        answered.unwrap_or_else(Response::from)
    }

    /// A page may connect if it comes from here, or is allowed to.
    fn check_origin(&self, request: &Parts) -> Result<(), Refusal> {
        if self.options.allowed_origins.admits(request) {
            return Ok(());
        }
        self.refused.note(Reason::Origin, request);
        Err(FOREIGN_ORIGIN)
    }

    /// Whether the options of this hub make sense.
    fn check_options(&self) -> Result<(), Refusal> {
        match &self.problem {
            None => Ok(()),
            Some(problem) => {
                self.refused.count(CloseReason::InvalidOptions);
                let text = format!("This hub accepts no connections. {problem}.");
                Err(Refusal { status: StatusCode::INTERNAL_SERVER_ERROR, text: text.into() })
            }
        }
    }

    /// Whether a request may do anything here.
    async fn check(&self, request: &mut Parts) -> Result<(), Refusal> {
        self.check_origin(request)?;
        self.check_options()?;
        self.check_user(request).await
    }

    /// Finds out who sends the request, and whether the hub lets that user in.
    async fn check_user(&self, request: &mut Parts) -> Result<(), Refusal> {
        self.authentication.fetch_keys(request).await;
        let found = self.authentication.authenticate(request, |ticket, request| self.read_ticket(ticket, request));
        let checked = match found {
            Ok(()) => self.gate.check(request).await,
            Err(refusal) => Err(refusal),
        };
        checked.inspect_err(|_| self.refused.count(CloseReason::Unauthorized))
    }

    /// Whether connections are still let in.
    fn check_shutdown(&self) -> Result<(), Refusal> {
        if self.stopping.is_cancelled() { Err(SHUTTING_DOWN) } else { Ok(()) }
    }

    /// Whether this request may open a transport.
    fn check_opening(&self, request: &Parts) -> Result<(), Refusal> {
        if request::size(request) > MAX_HEAD {
            self.refused.note(Reason::LargeHead, request);
            return Err(LARGE_HEAD);
        }
        self.check_shutdown()
    }

    /// Whether this hub offers the transport.
    fn check_transport(&self, kind: TransportKind) -> Result<(), Refusal> {
        if self.offered.contains(&kind) {
            return Ok(());
        }
        let text = format!("{} transport not supported by this end point type", kind.name());
        Err(Refusal { status: StatusCode::NOT_FOUND, text: text.into() })
    }
}

impl From<Unfound> for Refusal {
    fn from(error: Unfound) -> Self {
        match error {
            Unfound::Unknown => UNKNOWN,
            Unfound::OtherUser => NOT_YOURS,
            Unfound::AlreadyAttached => TAKEN,
            Unfound::TooMany => TOO_MANY,
        }
    }
}

fn not_random(_: getrandom::Error) -> Refusal {
    tracing::error!("the operating system gives no random bytes; a connection was refused");
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "")
}

/// The token a request names; an empty one is none.
fn token(request: &Parts) -> Option<String> {
    query::value(request.uri.query(), "id").filter(|token| !token.is_empty())
}

/// Whether a client asks for Server-Sent Events: the media type without any parameter, as ASP.NET compares it.
fn accepts_event_stream(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case("text/event-stream"))
}
