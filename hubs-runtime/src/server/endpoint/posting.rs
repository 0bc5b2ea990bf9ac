//! What clients send in requests of their own, under Server-Sent Events and long polling.

use std::{pin::pin, time::Duration};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use futures_util::{Stream, StreamExt};
use http::{StatusCode, request::Parts};

use super::{
    Acceptor, Endpoint, Named, SHUTTING_DOWN, TOO_MANY,
    pace::{Broken, Paced},
    refused::Reason,
    tokens::{Line, Unfound},
};
use crate::{
    server::http::answer::{self, Refusal},
    transport::{Feed, NotTaken},
};

const ON_WEBSOCKET: Refusal =
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "POST requests are not allowed for WebSocket connections.");
const DISPOSED: Refusal = Refusal::new(StatusCode::NOT_FOUND, "");
const BROKEN_OFF: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "");
const TOO_SLOW: Refusal = Refusal::new(StatusCode::REQUEST_TIMEOUT, "");
const TOO_LARGE: Refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "");

/// A body may hold many hub messages, so it may be this many times as large as one, ...
const MESSAGES_IN_A_BODY: u64 = 16;
/// ... and always at least this large, as with Kestrel.
const LEAST_MAX_BODY: u64 = 30_000_000;
/// How long the rest of a body is read that no session will see.
const DISCARDING: Duration = Duration::from_secs(30);

impl<A: Acceptor> Endpoint<A> {
    pub(super) async fn post(&self, request: &Parts, body: Body) -> Result<Response, Refusal> {
        let named = self.named(request)?;
        let (feed, is_early) = match named.line {
            Line::WebSocket(_) => return Err(ON_WEBSOCKET),
            Line::Events(feed) => (feed, false),
            Line::Polls(polls, _) => (polls.feed().clone(), false),
            Line::Unused | Line::Posted(_) => (self.early_feed(request, named)?, true),
        };
        let largest = self.largest_body();
        if largest.is_some_and(|largest| body.size_hint().lower() > largest) {
            self.refused.note(Reason::LargeBody, request);
            return Err(TOO_LARGE);
        }
        let mut body = Paced::new(body.into_data_stream());
        match self.feed(&feed, &mut body, is_early).await? {
            Ok(()) => {}
            // The client learns from its Close message what was wrong, once it knows that this request arrived.
            Err(NotTaken::Gone { partly: true }) if !is_early => discard(body, largest).await,
            Err(NotTaken::Gone { .. }) => return Err(DISPOSED),
            Err(NotTaken::BrokenOff) if body.is_too_slow() => {
                self.refused.note(Reason::SlowBody, request);
                return Err(TOO_SLOW);
            }
            Err(NotTaken::BrokenOff) => return Err(BROKEN_OFF),
        }
        Ok(answer::empty(StatusCode::OK))
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
        let mut taken = pin!(feed.take_all(body));
        loop {
            tokio::select! {
                biased;
                taken = &mut taken => return Ok(taken),
                () = self.stopping.cancelled(), if is_early => return Err(SHUTTING_DOWN),
                // A connection that never gets its transport ends by being swept.
                () = tokio::time::sleep(self.options.disconnect_timeout), if is_early => self.tokens.sweep(),
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
