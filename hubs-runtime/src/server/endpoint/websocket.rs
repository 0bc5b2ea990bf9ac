//! Opening a WebSocket, with a token or without.

use std::sync::Arc;

use axum::response::Response;
use http::{StatusCode, header::CONTENT_TYPE, request::Parts};
use hyper::upgrade::OnUpgrade;

use super::{
    Accepted, Acceptor, Endpoint, OTHER_TRANSPORT, TAKEN, UNKNOWN, new_identity,
    refused::Reason,
    token,
    tokens::{Attachment, Line},
    upgrade::{self, Socket},
};
use crate::{server::http::answer::Refusal, transport::TransportKind};

const NO_UPGRADE: Refusal = Refusal::new(StatusCode::UPGRADE_REQUIRED, "This server cannot upgrade to a WebSocket.");

impl<A: Acceptor> Endpoint<A> {
    pub(super) fn open_websocket(self: &Arc<Self>, mut request: Parts) -> Result<Response, Refusal> {
        self.check_opening(&request)?;
        let token = token(&request);
        match token {
            Some(_) => self.check_line(&request)?,
            None => self.check_transport(TransportKind::WebSockets)?,
        }
        let upgrade = request.extensions.remove::<OnUpgrade>();
        let (Some(upgrade), Some(response)) =
            (upgrade, upgrade::answer(&request, &self.options.websocket_subprotocols))
        else {
            return Err(NO_UPGRADE);
        };
        let user = (self.user_id)(&request);
        let attachment = match token {
            Some(token) => self.tokens.attach(&token, user, |_| (Line::WebSocket, ()))?.0,
            None => self.tokens.attach_new(new_identity(0)?, user),
        };
        self.tasks.spawn(Arc::clone(self).run_websocket(upgrade, request, attachment));
        Ok(response)
    }

    /// Whether the connection that the request names may become a WebSocket.
    fn check_line(&self, request: &Parts) -> Result<(), Refusal> {
        let line = self.named(request)?.line;
        self.check_transport(TransportKind::WebSockets)?;
        match line {
            Line::Unused => Ok(()),
            Line::WebSocket => Err(TAKEN),
            Line::Posted(_) | Line::Events(_) | Line::Polls(..) => Err(OTHER_TRANSPORT),
        }
    }

    /// One connection, from the moment its upgrade is answered.
    async fn run_websocket(self: Arc<Self>, upgrade: OnUpgrade, request: Parts, attachment: Attachment) {
        let id = attachment.id().clone();
        let upgraded = match tokio::time::timeout(self.options.handshake_timeout, upgrade).await {
            Ok(Ok(upgraded)) => upgraded,
            Ok(Err(error)) => {
                tracing::debug!(connection_id = %id, %error, "the client left before its upgrade was through");
                return;
            }
            Err(_) => {
                self.refused.note(Reason::UnfinishedUpgrade, &request);
                return;
            }
        };
        let accepted = Accepted { id, request };
        match upgrade::socket(upgraded, self.options.maximum_receive_message_size) {
            Socket::Tcp(socket) => self.acceptor.accept(accepted, socket).await,
            Socket::Other(socket) => self.acceptor.accept(accepted, socket).await,
        }
        // The token stays taken for as long as the connection lives.
        drop(attachment);
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
