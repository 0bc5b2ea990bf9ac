//! Long polling: the poll that opens it, those that fetch, and the request that ends it.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
    request::Parts,
};

use super::{
    Accepted, Acceptor, Endpoint, Named, OTHER_TRANSPORT, Place, TAKEN,
    elsewhere::{Claim, Held},
    passing::{Kind, Reply},
    renewal::{self, renew},
    signed::Claims,
    tokens::{Attachment, Line},
};
use crate::{
    hub::LatestPrincipal,
    ids::UserId,
    server::{
        auth::ByToken,
        http::answer::{self, Refusal},
    },
    transport::{
        TransportKind,
        long_polling::{self, LongPolling, Polled, Polls},
    },
};

pub(super) const NOT_POLLED: Refusal =
    Refusal::new(StatusCode::BAD_REQUEST, "Cannot terminate this connection using the DELETE endpoint.");

/// How long a server that shuts down keeps the last messages of a connection for a client that is between two polls.
const LAST_MESSAGES: Duration = Duration::from_secs(1);

impl<A: Acceptor> Endpoint<A> {
    pub(super) async fn poll(self: &Arc<Self>, request: Parts) -> Result<Response, Refusal> {
        let place = self.place(&request)?;
        self.check_transport(TransportKind::LongPolling)?;
        let named = match place {
            Place::Here(named) => named,
            Place::Elsewhere(claims, user) => return self.poll_elsewhere(&claims, user.as_ref(), &request).await,
            Place::Unclaimed(named) => {
                self.check_opening(&request)?;
                return match self.claim(&named, true).await {
                    Ok(claim) => self.open_polling(request, named, claim),
                    Err(Held) => self.poll_elsewhere(&named.claims, named.user.as_ref(), &request).await,
                };
            }
        };
        match named.line {
            Line::Unused | Line::Posted(_) => {
                let claim = self.claim(&named, true).await.map_err(|Held| TAKEN)?;
                self.open_polling(request, named, claim)
            }
            Line::Polls(polls, user) => {
                // A ticket says who the user was when it was made, which may have been renewed since.
                if !ByToken::is_ticket(&request) {
                    renew(&user, request.extensions.get().cloned()).await;
                }
                self.fetch(&named.claims, &polls).await
            }
            Line::WebSocket(_) | Line::Events(_) => Err(OTHER_TRANSPORT),
        }
    }

    /// The first poll: it starts the connection and is answered at once, with nothing. Of two at once one is refused.
    fn open_polling(
        self: &Arc<Self>,
        mut request: Parts,
        named: Named,
        claim: Option<Claim>,
    ) -> Result<Response, Refusal> {
        self.check_opening(&request)?;
        let counted = self.count(&request, named.user.as_ref())?;
        let user = LatestPrincipal::default();
        // No group has been joined yet.
        let _ = user.follow(request.extensions.get().cloned());
        request.extensions.insert(user.clone());
        let Named { token, claims, user: opener, .. } = named;
        let (attachment, (transport, polls)) = self.tokens.attach(&token, &claims, opener, counted, |feed| {
            let (transport, polls) = long_polling::open(feed);
            (Line::Polls(polls.clone(), user), (transport, polls))
        })?;
        let attachment = attachment.claimed(claim);
        self.tasks.spawn(Arc::clone(self).run_polling(request, attachment, transport, polls));
        Ok(fetched(Body::empty(), 0))
    }

    async fn fetch(&self, claims: &Claims, polls: &Polls) -> Result<Response, Refusal> {
        match polls.wait(self.options.long_polling_poll_timeout).await {
            Polled::Bytes(bytes) => {
                let answer = polls.answer(bytes);
                let length = answer.len();
                Ok(fetched(Body::from_stream(answer), length))
            }
            Polled::Nothing => Ok(answer::empty(StatusCode::OK)),
            Polled::Superseded | Polled::Gone => Ok(answer::empty(StatusCode::NO_CONTENT)),
            Polled::Ended => {
                self.tokens.forget(claims);
                Ok(answer::empty(StatusCode::NO_CONTENT))
            }
            Polled::Conflict => Err(TAKEN),
        }
    }

    /// One connection, until the client knows that it has ended, or does not ask any more.
    fn run_polling(
        self: Arc<Self>,
        request: Parts,
        attachment: Attachment,
        transport: LongPolling,
        polls: Polls,
    ) -> impl Future<Output = ()> + Send {
        let accepted = Accepted { id: attachment.id().clone(), request, handover: None };
        let mut session = Box::pin(self.acceptor.clone().accept(accepted, transport));
        async move {
            let timeout = self.options.disconnect_timeout;
            tokio::select! {
                () = &mut session => {}
                () = polls.abandoned(timeout) => {
                    tracing::debug!(connection_id = %attachment.id(), "the client does not poll any more");
                    attachment.release();
                    polls.hang_up();
                    session.await;
                }
            }
            tokio::select! {
                () = polls.told() => {}
                () = polls.abandoned(timeout) => {}
                () = self.until_dropped() => {}
            }
            drop(attachment);
            polls.hang_up();
        }
    }

    async fn until_dropped(&self) {
        self.shutdown.cancelled().await;
        tokio::time::sleep(LAST_MESSAGES).await;
    }

    /// Fetches from the node that owns the connection.
    async fn poll_elsewhere(
        &self,
        claims: &Claims,
        user: Option<&UserId>,
        request: &Parts,
    ) -> Result<Response, Refusal> {
        let renewed = if ByToken::is_ticket(request) { Vec::new() } else { renewal::write(request.extensions.get()) };
        match self.ask_elsewhere(Kind::Poll, claims, user, &renewed).await? {
            Reply { status: StatusCode::OK, body } => {
                let length = body.len();
                Ok(fetched(Body::from(body), length))
            }
            Reply { status, body } if body.is_empty() => Ok(answer::empty(status)),
            reply => Err(reply.refusal()),
        }
    }

    /// The client is done. Only those that poll say so in this way.
    pub(super) async fn delete(&self, request: &Parts) -> Result<Response, Refusal> {
        let named = match self.place(request)? {
            Place::Here(named) => named,
            Place::Unclaimed(Named { claims, user, .. }) | Place::Elsewhere(claims, user) => {
                return match self.ask_elsewhere(Kind::Delete, &claims, user.as_ref(), &[]).await? {
                    Reply { status: StatusCode::ACCEPTED, .. } => Ok(answer::empty(StatusCode::ACCEPTED)),
                    reply => Err(reply.refusal()),
                };
            }
        };
        let Line::Polls(polls, _) = named.line else { return Err(NOT_POLLED) };
        self.tokens.forget(&named.claims);
        polls.hang_up();
        Ok(answer::empty(StatusCode::ACCEPTED))
    }
}

/// 200 with hub messages, or with nothing.
fn fetched(body: Body, length: usize) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}
