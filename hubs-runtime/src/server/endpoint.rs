//! The routes of one hub: negotiation, the connecting request and everything that is refused, with SignalR's status codes
//! and texts. Hands an open transport to an [`Acceptor`]; must not know what a hub is. Tokens are never logged.

use std::sync::Arc;

use axum::{Router, extract::Request, response::Response, routing::any};
use http::{HeaderMap, Method, StatusCode, header::ACCEPT, request::Parts};
use hyper::upgrade::OnUpgrade;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    HubOptions, answer,
    origin::OriginPolicy,
    pending::{AttachError, Attachment, TokenState, Tokens},
    query,
    upgrade::{self, Socket},
};
use crate::{
    ids::ConnectionId,
    transport::{
        Transport, TransportKind,
        negotiate::{Identity, NegotiateRefusal, NegotiateResponse, agree_on_version},
    },
};

/// What clients are offered, in the order in which they shall try.
const TRANSPORTS: &[TransportKind] = &[TransportKind::WebSockets];

/// A connection that has got its transport. Not printable: the request's address holds its token.
pub(crate) struct Accepted {
    /// Its public name.
    pub(crate) id: ConnectionId,
    /// The request that opened the transport, with the extensions that the app's layers have put in.
    pub(crate) request: Parts,
    /// To be kept as long as the connection lives: its token cannot be used again meanwhile.
    pub(crate) attachment: Attachment,
}

/// Whoever runs the connections.
pub(crate) trait Acceptor: Clone + Send + Sync + 'static {
    /// Runs one connection until it has ended.
    fn accept<T: Transport>(&self, accepted: Accepted, transport: T) -> impl Future<Output = ()> + Send;
}

/// The routes of the hub at `path`. Once `shutdown` is cancelled no connection is let in; those that run are `tasks`.
pub(crate) fn router<A: Acceptor, S: Clone + Send + Sync + 'static>(
    path: &str,
    options: Arc<HubOptions>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    acceptor: A,
) -> Router<S> {
    let origins = OriginPolicy::new(&options.allowed_origins);
    let tokens = Tokens::new(options.disconnect_timeout, options.maximum_pending_connections);
    let endpoint = Arc::new(Endpoint { options, origins, tokens, shutdown, tasks, acceptor });
    let negotiate = {
        let endpoint = Arc::clone(&endpoint);
        any(async move |request: Request| endpoint.negotiate(&request.into_parts().0))
    };
    let connect = any(async move |request: Request| endpoint.connect(request.into_parts().0));
    let base = path.trim_matches('/');
    let base = if base.is_empty() { String::new() } else { format!("/{base}") };
    let router = Router::new()
        .route(&format!("{base}/negotiate"), negotiate.clone())
        .route(&format!("{base}/negotiate/"), negotiate)
        .route(&format!("{base}/"), connect.clone());
    if base.is_empty() { router } else { router.route(&base, connect) }
}

struct Endpoint<A> {
    options: Arc<HubOptions>,
    origins: OriginPolicy,
    tokens: Tokens,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    acceptor: A,
}

impl<A: Acceptor> Endpoint<A> {
    fn negotiate(&self, request: &Parts) -> Response {
        if let Some(refusal) = self.refuse_origin(request) {
            return refusal;
        }
        if request.method != Method::POST {
            return answer::empty(StatusCode::METHOD_NOT_ALLOWED);
        }
        if self.shutdown.is_cancelled() {
            return going_down();
        }
        let asked = query::value(request.uri.query(), "negotiateVersion");
        let version = match agree_on_version(asked.as_deref(), self.options.minimum_protocol_version) {
            Ok(version) => version,
            Err(error) => return answer::json(&NegotiateRefusal::from(error)),
        };
        let Ok(identity) = Identity::new(version) else { return no_randomness() };
        let response = answer::json(&NegotiateResponse::new(version, &identity, TRANSPORTS));
        if self.tokens.add(identity) {
            response
        } else {
            tracing::warn!(
                maximum = self.options.maximum_pending_connections,
                "too many negotiated connections wait for their transport; refusing another"
            );
            answer::unavailable("Too many connections are being negotiated.")
        }
    }

    fn connect(self: &Arc<Self>, request: Parts) -> Response {
        if let Some(refusal) = self.refuse_origin(&request) {
            return refusal;
        }
        match request.method {
            Method::GET if accepts_event_stream(&request.headers) => self.not_offered(&request, "ServerSentEvents"),
            Method::GET if upgrade::is_asked_for(&request) => self.open_websocket(request),
            Method::GET => answer::never_cached(self.not_offered(&request, "LongPolling")),
            Method::POST => self.known(&request, || {
                answer::text(StatusCode::METHOD_NOT_ALLOWED, "POST requests are not allowed for WebSocket connections.")
            }),
            Method::DELETE => self.known(&request, || {
                answer::text(StatusCode::BAD_REQUEST, "Cannot terminate this connection using the DELETE endpoint.")
            }),
            _ => answer::empty(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    /// The answer for a page that may not connect.
    fn refuse_origin(&self, request: &Parts) -> Option<Response> {
        if self.origins.allows(&request.uri, &request.headers) {
            return None;
        }
        tracing::debug!(origin = ?request.headers.get(http::header::ORIGIN), "refused a request from this origin");
        let text = "This origin may not connect; the server allows it with HubOptions::allowed_origins.";
        Some(answer::text(StatusCode::FORBIDDEN, text))
    }

    fn not_offered(&self, request: &Parts, transport: &str) -> Response {
        self.known(request, || {
            let text = format!("{transport} transport not supported by this end point type");
            answer::text(StatusCode::NOT_FOUND, text)
        })
    }

    /// The answer for a request that must name a connection, and does.
    fn known(&self, request: &Parts, answer: impl FnOnce() -> Response) -> Response {
        let Some(token) = token(request) else {
            return answer::text(StatusCode::BAD_REQUEST, "Connection ID required");
        };
        match self.tokens.state(&token) {
            TokenState::Unknown => answer::text(StatusCode::NOT_FOUND, "No Connection with that ID"),
            TokenState::Pending | TokenState::Attached => answer(),
        }
    }

    fn open_websocket(self: &Arc<Self>, mut request: Parts) -> Response {
        if self.shutdown.is_cancelled() {
            return going_down();
        }
        let upgrade = request.extensions.remove::<OnUpgrade>();
        let (Some(upgrade), Some(response)) = (upgrade, upgrade::answer(&request.headers)) else {
            return answer::text(StatusCode::UPGRADE_REQUIRED, "This server cannot upgrade to a WebSocket.");
        };
        let attached = match token(&request) {
            Some(token) => self.tokens.attach(&token),
            None => match Identity::new(0) {
                Ok(identity) => Ok(self.tokens.attach_new(identity)),
                Err(_) => return no_randomness(),
            },
        };
        match attached {
            Ok(attachment) => {
                let accepted = Accepted { id: attachment.id().clone(), request, attachment };
                self.tasks.spawn(Arc::clone(self).run(upgrade, accepted));
                response
            }
            Err(AttachError::Unknown) => {
                let mut response = answer::text(StatusCode::NOT_FOUND, "No Connection with that ID");
                response.headers_mut().remove(http::header::CONTENT_TYPE);
                response
            }
            Err(AttachError::AlreadyAttached) => answer::empty(StatusCode::CONFLICT),
        }
    }

    /// One connection, from the moment its upgrade is answered.
    async fn run(self: Arc<Self>, upgrade: OnUpgrade, accepted: Accepted) {
        let upgraded = match tokio::time::timeout(self.options.handshake_timeout, upgrade).await {
            Ok(Ok(upgraded)) => upgraded,
            Ok(Err(error)) => {
                tracing::debug!(connection_id = %accepted.id, %error, "the client left before its upgrade was through");
                return;
            }
            Err(_) => {
                tracing::debug!(connection_id = %accepted.id, "the upgrade did not get through in time");
                return;
            }
        };
        match upgrade::socket(upgraded, self.options.maximum_receive_message_size) {
            Socket::Tcp(socket) => self.acceptor.accept(accepted, socket).await,
            Socket::Other(socket) => self.acceptor.accept(accepted, socket).await,
        }
    }
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

fn going_down() -> Response {
    answer::unavailable("The server is going down.")
}

fn no_randomness() -> Response {
    tracing::error!("the operating system gives no random bytes; a connection was refused");
    answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
}
