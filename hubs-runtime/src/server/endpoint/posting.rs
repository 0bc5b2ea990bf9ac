//! What clients send in requests of their own, under Server-Sent Events and long polling.

use std::pin::pin;

use axum::{body::Body, response::Response};
use http::{StatusCode, request::Parts};

use super::{Acceptor, Endpoint, GOING_DOWN, tokens::Line};
use crate::{
    server::http::answer::{self, Refusal},
    transport::{Feed, NotTaken},
};

const ON_WEBSOCKET: Refusal =
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "POST requests are not allowed for WebSocket connections.");
const DISPOSED: Refusal = Refusal::new(StatusCode::NOT_FOUND, "");
const BROKEN_OFF: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "");

impl<A: Acceptor> Endpoint<A> {
    pub(super) async fn post(&self, request: &Parts, body: Body) -> Result<Response, Refusal> {
        let named = self.named(request)?;
        let (feed, is_early) = match named.line {
            Line::WebSocket => return Err(ON_WEBSOCKET),
            Line::Events(feed) => (feed, false),
            Line::Polls(polls, _) => (polls.feed().clone(), false),
            Line::Unused | Line::Posted(_) => (self.tokens.early_feed(&named.token).ok_or(DISPOSED)?, true),
        };
        self.feed(&feed, body, is_early).await
    }

    /// Passes the body on, and answers when all of it has been taken.
    async fn feed(&self, feed: &Feed, body: Body, is_early: bool) -> Result<Response, Refusal> {
        let mut taken = pin!(feed.take_all(body.into_data_stream()));
        loop {
            tokio::select! {
                biased;
                taken = &mut taken => return match taken {
                    Ok(()) => Ok(answer::empty(StatusCode::OK)),
                    Err(NotTaken::Gone) => Err(DISPOSED),
                    Err(NotTaken::BrokenOff) => Err(BROKEN_OFF),
                },
                () = self.shutdown.cancelled(), if is_early => return Err(GOING_DOWN),
                // A connection that never gets its transport ends by being swept.
                () = tokio::time::sleep(self.options.disconnect_timeout), if is_early => self.tokens.sweep(),
            }
        }
    }
}
