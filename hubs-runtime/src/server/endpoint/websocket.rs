//! Opening a WebSocket, with a token or without.

use std::sync::Arc;

use axum::response::Response;
use http::{StatusCode, header::CONTENT_TYPE, request::Parts};
use hyper::upgrade::{OnUpgrade, Upgraded};

use super::{
    Accepted, Acceptor, Endpoint, Named, OTHER_TRANSPORT, TAKEN, UNKNOWN,
    elsewhere::{Claim, Held},
    not_random,
    place::Place,
    refused::Reason,
    signed::Claims,
    token,
    tokens::{Attachment, Line},
    tunnel::Tunnel,
    upgrade::{self, Socket},
};
use crate::{
    call::BoxFuture,
    connection::Handover,
    ids::UserId,
    server::http::answer::Refusal,
    transport::{Transport, TransportKind, negotiate},
};

const NO_UPGRADE: Refusal = Refusal::new(StatusCode::UPGRADE_REQUIRED, "This server cannot upgrade to a WebSocket.");

/// What a request for a WebSocket opens.
enum Opening {
    /// A connection that has not negotiated.
    New,
    /// A connection that has.
    Negotiated(Named),
    /// The next socket of a connection that runs.
    Resumed(Arc<Handover>),
    /// The next socket of a connection that runs on another node.
    Passed(Tunnel),
}

impl<A: Acceptor> Endpoint<A> {
    pub(super) async fn open_websocket(self: &Arc<Self>, mut request: Parts) -> Result<Response, Refusal> {
        self.check_opening(&request)?;
        let (opening, claim) = self.opening(&request).await?;
        let upgrade = request.extensions.remove::<OnUpgrade>();
        let (Some(upgrade), Some(response)) =
            (upgrade, upgrade::answer(&request, &self.options.websocket_subprotocols))
        else {
            return Err(NO_UPGRADE);
        };
        let (attachment, handover) = match opening {
            Opening::New => {
                let counted = self.count(&request, (self.user_id)(&request).as_ref())?;
                (Attachment::unnamed(negotiate::random_id().map_err(not_random)?, counted), None)
            }
            Opening::Negotiated(Named { token, claims, user, .. }) => {
                let counted = self.count(&request, user.as_ref())?;
                let latest = self.renewable(&mut request);
                let handover = claims.resumable.then(Arc::<Handover>::default);
                let line = |_| (Line::WebSocket(handover.clone()), ());
                let attached = self.tokens.attach(&token, &claims, user, counted, line)?;
                latest.into_iter().for_each(|latest| self.tokens.renew_by(&claims, latest));
                (attached.0.claimed(claim), handover)
            }
            Opening::Resumed(handover) => {
                self.tasks.spawn(Arc::clone(self).resume_websocket(upgrade, request, handover));
                return Ok(response);
            }
            Opening::Passed(tunnel) => {
                self.tasks.spawn(Arc::clone(self).pass_websocket(upgrade, request, tunnel));
                return Ok(response);
            }
        };
        self.tasks.spawn(Arc::clone(self).run_websocket(upgrade, request, attachment, handover));
        Ok(response)
    }

    /// What the request asks for, and whether it may. A connection that has negotiated is this node's from now on.
    async fn opening(&self, request: &Parts) -> Result<(Opening, Option<Claim>), Refusal> {
        if token(request).is_none() {
            self.check_transport(TransportKind::WebSockets)?;
            return Ok((Opening::New, None));
        }
        let place = self.place(request)?;
        self.check_transport(TransportKind::WebSockets)?;
        let named = match place {
            Place::Here(named) | Place::Unclaimed(named) => named,
            Place::Elsewhere(claims, user) => return Ok((self.passed(&claims, user.as_ref()).await?, None)),
        };
        match &named.line {
            Line::Unused => match self.claim(&named, named.claims.resumable).await {
                Ok(claim) => Ok((Opening::Negotiated(named), claim)),
                Err(Held) if named.claims.resumable => {
                    Ok((self.passed(&named.claims, named.user.as_ref()).await?, None))
                }
                Err(Held) => Err(TAKEN),
            },
            Line::WebSocket(Some(handover)) if handover.accepts() => Ok((Opening::Resumed(Arc::clone(handover)), None)),
            // A connection that ends on purpose is not resumed, nor one that has not begun.
            Line::WebSocket(_) => Err(TAKEN),
            Line::Posted(_) | Line::Events(_) | Line::Polls(..) => Err(OTHER_TRANSPORT),
        }
    }

    /// The next socket of a connection of another node.
    async fn passed(&self, claims: &Claims, user: Option<&UserId>) -> Result<Opening, Refusal> {
        match &self.elsewhere {
            Some(elsewhere) if claims.resumable => Ok(Opening::Passed(elsewhere.resume(claims, user).await?)),
            _ => Err(UNKNOWN),
        }
    }

    /// One connection, from the moment its upgrade is answered.
    fn run_websocket(
        self: Arc<Self>,
        upgrade: OnUpgrade,
        request: Parts,
        attachment: Attachment,
        handover: Option<Arc<Handover>>,
    ) -> impl Future<Output = ()> + Send {
        let accepted = Accepted { id: attachment.id().clone(), request, handover };
        let accepting = Box::pin(self.accept_websocket(upgrade, accepted));
        async move {
            // A connection that waits has no room for its upgrade.
            let serving = accepting.await;
            if let Some(serving) = serving {
                serving.await;
            }
            // The token stays taken for as long as the connection lives.
            drop(attachment);
        }
    }

    /// Waits for the socket. Returns what serves the connection over it, if there is one.
    async fn accept_websocket(self: Arc<Self>, upgrade: OnUpgrade, accepted: Accepted) -> Option<BoxFuture<()>> {
        let upgraded = self.upgraded(upgrade, &accepted.request).await?;
        let acceptor = self.acceptor.clone();
        Some(match upgrade::socket(upgraded, self.options.maximum_receive_message_size) {
            Socket::Tcp(socket) => Box::pin(acceptor.accept(accepted, socket)),
            Socket::Other(socket) => Box::pin(acceptor.accept(accepted, socket)),
        })
    }

    /// Hands the next socket of a connection to its session.
    async fn resume_websocket(self: Arc<Self>, upgrade: OnUpgrade, request: Parts, handover: Arc<Handover>) {
        let Some(socket) = self.boxed(upgrade, &request).await else { return };
        if !handover.offer(socket) {
            tracing::debug!("a connection has ended before its next socket was there");
        }
    }

    /// Passes on what the next socket of another node's connection gets and is sent.
    async fn pass_websocket(self: Arc<Self>, upgrade: OnUpgrade, request: Parts, tunnel: Tunnel) {
        if let Some(socket) = self.boxed(upgrade, &request).await {
            tunnel.run(socket, &self.shutdown).await;
        }
    }

    /// The socket, of whatever kind.
    async fn boxed(&self, upgrade: OnUpgrade, request: &Parts) -> Option<Box<dyn Transport>> {
        let upgraded = self.upgraded(upgrade, request).await?;
        Some(match upgrade::socket(upgraded, self.options.maximum_receive_message_size) {
            Socket::Tcp(socket) => Box::new(socket),
            Socket::Other(socket) => Box::new(socket),
        })
    }

    /// The socket, unless the client leaves or takes too long.
    async fn upgraded(&self, upgrade: OnUpgrade, request: &Parts) -> Option<Upgraded> {
        match tokio::time::timeout(self.options.handshake_timeout, upgrade).await {
            Ok(Ok(upgraded)) => Some(upgraded),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the client left before its upgrade was through");
                None
            }
            Err(_) => {
                self.refused.note(Reason::UnfinishedUpgrade, request);
                None
            }
        }
    }
}

/// An upgrade for an unknown connection is refused without a media type, as ASP.NET does.
pub(super) fn untyped(refusal: Refusal) -> Result<Response, Refusal> {
    if refusal.text != UNKNOWN.text {
        return Err(refusal);
    }
    let mut response = Response::from(refusal);
    response.headers_mut().remove(CONTENT_TYPE);
    Ok(response)
}
