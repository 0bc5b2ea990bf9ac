//! News from programs that are no pages: `POST /news` tells every page through a [`HubContext`].

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use hubs::{HubContext, HubError, HubResult};
use serde::Deserialize;
use ticker_contract::{News, TickerHubContract};

use crate::{clock, market::Market};

/// Most characters of a headline.
const LONGEST: usize = 200;

/// What is needed to tell news.
#[derive(Debug, Clone)]
pub(crate) struct Press {
    pub(crate) hub: HubContext<TickerHubContract>,
    pub(crate) market: Arc<Market>,
}

#[derive(Deserialize)]
struct Body {
    text: String,
    /// The company, if it is about one.
    symbol: Option<String>,
}

/// `POST /news`.
pub(crate) fn routes(press: Press) -> Router {
    Router::new().route("/news", post(tell)).with_state(press)
}

async fn tell(State(press): State<Press>, headers: HeaderMap, body: Bytes) -> Response {
    // A page of another site can send a form or plain text, but not this without asking first.
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Please send application/json.\n").into_response();
    }
    let body = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match press.tell(body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(&error),
    }
}

impl Press {
    async fn tell(&self, Body { text, symbol }: Body) -> HubResult<()> {
        let text = text.trim().to_owned();
        if text.is_empty() || text.chars().count() > LONGEST {
            return Err(HubError::client(format!("A headline has 1 to {LONGEST} characters.")));
        }
        if let Some(symbol) = &symbol {
            self.market.price(symbol)?;
        }
        let news = News { text, symbol, at: clock::now() };
        self.hub.clients().all().headline(news).await?;
        Ok(())
    }
}

/// What was written for the caller is shown; anything else stays in the log.
pub(crate) fn refused(error: &HubError) -> Response {
    if let Some(text) = error.client_text() {
        return (StatusCode::BAD_REQUEST, format!("{text}\n")).into_response();
    }
    tracing::error!(%error, "a request failed");
    (StatusCode::INTERNAL_SERVER_ERROR, "This did not work.\n").into_response()
}
