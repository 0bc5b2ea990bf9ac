//! Messages from programs that are no pages: `POST /rooms/lobby/messages` says something, and every page in the room is
//! told through a [`HubContext`].

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chat_contract::{ChatHubContract, ChatMessage};
use hubs::{HubContext, HubError, HubResult};
use serde::Deserialize;

use crate::{
    history::{Draft, History},
    words,
};

/// What is needed to say something.
#[derive(Debug, Clone)]
pub(crate) struct Chat {
    pub(crate) hub: HubContext<ChatHubContract>,
    pub(crate) history: Arc<History>,
}

#[derive(Deserialize)]
struct Body {
    user: String,
    text: String,
    /// As in the hub's `send_message`; a program that never repeats itself needs none.
    key: Option<String>,
}

/// `POST /rooms/{room}/messages`, and `GET /contract.rs`: the traits that everything here is made of.
pub(crate) fn routes(chat: Chat) -> Router {
    Router::new()
        .route("/rooms/{room}/messages", post(say))
        .with_state(chat)
        .route("/contract.rs", get(|| async { chat_contract::SOURCE }))
}

async fn say(State(chat): State<Chat>, Path(room): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    // A page of another site can send a form or plain text, but not this without asking first.
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Please send application/json.\n").into_response();
    }
    let body = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match chat.say(&room, body).await {
        Ok(message) => {
            let text = serde_json::to_string(&message).unwrap_or_default();
            (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], text).into_response()
        }
        Err(error) => refused(&error),
    }
}

impl Chat {
    async fn say(&self, room: &str, Body { user, text, key }: Body) -> HubResult<ChatMessage> {
        let (room, user, text) = (words::room_name(room)?, words::user_name(&user)?, words::text(&text)?);
        let key = words::key(key)?;
        let message = self.history.keep(Draft { room, user, text, key }).await?;
        self.hub.clients().group(&message.room).receive_message(message.clone()).await?;
        Ok(message)
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
