//! What clients send in requests of their own, under Server-Sent Events and long polling.

use std::{pin::pin, time::Duration};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    response::Response,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use http::{StatusCode, request::Parts};

use super::{
    Acceptor, Endpoint, Named, Place, SHUTTING_DOWN, TOO_MANY, UNKNOWN,
    pace::{Broken, Paced},
    refused::Reason,
    signed::Claims,
    tokens::{Line, Unfound},
};
use crate::{
    ids::UserId,
    server::http::answer::{self, Refusal},
    transport::{Feed, NotTaken},
};

pub(super) const ON_WEBSOCKET: Refusal =
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "POST requests are not allowed for WebSocket connections.");
pub(super) const DISPOSED: Refusal = Refusal::new(StatusCode::NOT_FOUND, "");
const BROKEN_OFF: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "");
const TOO_SLOW: Refusal = Refusal::new(StatusCode::REQUEST_TIMEOUT, "");
const TOO_LARGE: Refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "");

/// A body may hold many hub messages, so it may be this many times as large as one, ...
const MESSAGES_IN_A_BODY: u64 = 16;
/// ... and always at least this large, as with Kestrel.
const LEAST_MAX_BODY: u64 = 30_000_000;
/// How long the rest of a body is read that no session will see.
const DISCARDING: Duration = Duration::from_secs(30);

/// What became of a body that may belong to another node.
enum Passed {
    /// The owner has taken all of it.
    On,
    /// No node owns the connection: the whole body.
    Back(Body),
}

/// The body has broken off.
#[derive(Debug, thiserror::Error)]
#[error("the request broke off")]
struct BrokenOff;

impl<A: Acceptor> Endpoint<A> {
    pub(super) async fn post(&self, request: &Parts, body: Body) -> Result<Response, Refusal> {
        match self.place(request)? {
            Place::Here(named) => self.post_here(request, named, body).await,
            Place::Unclaimed(named) => {
                match self.post_elsewhere(&named.claims, named.user.as_ref(), request, body).await? {
                    Passed::On => Ok(answer::empty(StatusCode::OK)),
                    Passed::Back(body) => self.post_here(request, named, body).await,
                }
            }
            Place::Elsewhere(claims, user) => match self.post_elsewhere(&claims, user.as_ref(), request, body).await? {
                Passed::On => Ok(answer::empty(StatusCode::OK)),
                Passed::Back(_) => Err(UNKNOWN),
            },
        }
    }

    /// Takes what was sent to a connection of this process.
    async fn post_here(&self, request: &Parts, named: Named, body: Body) -> Result<Response, Refusal> {
        let (feed, is_early) = match named.line {
            Line::WebSocket(_) => return Err(ON_WEBSOCKET),
            Line::Events(feed) => (feed, false),
            Line::Polls(polls, _) => (polls.feed().clone(), false),
            Line::Unused | Line::Posted(_) => (self.early_feed(request, named)?, true),
        };
        let (mut body, largest) = self.paced(request, body)?;
        match self.feed(&feed, &mut body, is_early).await? {
            Ok(()) => {}
            // The client learns from its Close message what was wrong, once it knows that this request arrived.
            Err(NotTaken::Gone { partly: true }) if !is_early => discard(body, largest).await,
            Err(NotTaken::Gone { .. }) => return Err(DISPOSED),
            Err(NotTaken::BrokenOff) => return Err(self.broken_off(body.is_too_slow(), request)),
        }
        Ok(answer::empty(StatusCode::OK))
    }

    /// The body of a request, unless it says that it is too large, and the largest that is taken.
    fn paced(&self, request: &Parts, body: Body) -> Result<(Paced<BodyDataStream>, Option<u64>), Refusal> {
        let largest = self.largest_body();
        if largest.is_some_and(|largest| body.size_hint().lower() > largest) {
            self.refused.note(Reason::LargeBody, request);
            return Err(TOO_LARGE);
        }
        Ok((Paced::new(body.into_data_stream()), largest))
    }

    fn broken_off(&self, is_too_slow: bool, request: &Parts) -> Refusal {
        if !is_too_slow {
            return BROKEN_OFF;
        }
        self.refused.note(Reason::SlowBody, request);
        TOO_SLOW
    }

    /// Passes a body on to the node that owns the connection. Gives it back if no node does.
    async fn post_elsewhere(
        &self,
        claims: &Claims,
        user: Option<&UserId>,
        request: &Parts,
        body: Body,
    ) -> Result<Passed, Refusal> {
        let Some(elsewhere) = &self.elsewhere else { return Ok(Passed::Back(body)) };
        let (mut body, largest) = self.paced(request, body)?;
        let (mut left, mut begun) = (largest.unwrap_or(u64::MAX), false);
        loop {
            let next = body.next().await;
            let is_last = next.is_none();
            let bytes = match next {
                Some(Ok(bytes)) if bytes.is_empty() => continue,
                Some(Ok(bytes)) => bytes,
                Some(Err(_)) => return Err(self.broken_off(body.is_too_slow(), request)),
                None if begun => return Ok(Passed::On),
                // An empty body names its connection, too.
                None => Bytes::new(),
            };
            left = left.checked_sub(bytes.len() as u64).ok_or(TOO_LARGE)?;
            if !elsewhere.pass(claims, user, &bytes).await? {
                if begun {
                    return Err(DISPOSED);
                }
                let rest = stream::iter([Ok(bytes)]).chain(body.map_err(|_| BrokenOff));
                return Ok(Passed::Back(Body::from_stream(rest)));
            }
            if is_last {
                return Ok(Passed::On);
            }
            begun = true;
        }
    }

    /// Where bytes go that come before the transport of their connection.
    fn early_feed(&self, request: &Parts, named: Named) -> Result<Feed, Refusal> {
        self.tokens.early_feed(&named.claims, named.user).map_err(|error| {
            if error == Unfound::TooMany {
                self.refused.note(Reason::TooManyPending, request);
                return TOO_MANY;
            }
            DISPOSED
        })
    }

    /// Passes the body on, until all of it has been taken.
    async fn feed(
        &self,
        feed: &Feed,
        body: impl Stream<Item = Result<bytes::Bytes, Broken>> + Unpin,
        is_early: bool,
    ) -> Result<Result<(), NotTaken>, Refusal> {
        if !is_early {
            return Ok(feed.take_all(body).await);
        }
        let mut taken = pin!(feed.take_all(body));
        loop {
            tokio::select! {
                biased;
                taken = &mut taken => return Ok(taken),
                () = self.stopping.cancelled() => return Err(SHUTTING_DOWN),
                // A connection that never gets its transport ends by being swept.
                () = tokio::time::sleep(self.options.disconnect_timeout) => self.tokens.sweep(),
            }
        }
    }

    /// In bytes; `None` if messages may have any size.
    fn largest_body(&self) -> Option<u64> {
        let message = self.options.maximum_receive_message_size?;
        Some((message as u64).saturating_mul(MESSAGES_IN_A_BODY).max(LEAST_MAX_BODY))
    }
}

/// Reads what is left of the body, in bounds: a server that closes the socket before it has read it all may lose its
/// answer.
async fn discard(mut body: impl Stream<Item = Result<bytes::Bytes, Broken>> + Unpin, largest: Option<u64>) {
    let mut left = largest.unwrap_or(LEAST_MAX_BODY);
    let read = async {
        while let Some(Ok(bytes)) = body.next().await {
            left = left.saturating_sub(bytes.len() as u64);
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DISCARDING, read).await;
}
