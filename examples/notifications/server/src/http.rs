//! Plain HTTP beside the feed: signing in, what a person should know, and `POST /notify` for programs and people. Every
//! change needs a cookie and comes from a page of this server or from no page.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRequestParts, Query, State},
    http::{HeaderMap, StatusCode, header::SET_COOKIE, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hubs::{AllowedOrigins, HubContext, HubError, HubResult};
use notifications_contract::{Audience, Notification, NotificationsHubContract};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    people::{self, Introduction, People},
    store::{Draft, Store},
};

/// Most characters of a title, and of a text.
const LONGEST_TITLE: usize = 80;
const LONGEST_TEXT: usize = 500;

/// What the routes need.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) hub: HubContext<NotificationsHubContract>,
    pub(crate) people: People,
    pub(crate) store: Arc<Store>,
}

/// `POST /notify`.
#[derive(Debug, Deserialize)]
struct Body {
    audience: Audience,
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    urgent: bool,
}

#[derive(Debug, Deserialize)]
struct After {
    #[serde(default)]
    after: u32,
}

/// All routes.
pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/notifications/mine", get(mine))
        .route("/notify", post(notify))
        .with_state(app)
}

/// The group of a team's members.
pub(crate) fn group(team: &str) -> String {
    format!("team-{team}")
}

/// A request that comes from no page of another site.
struct FromHere;

impl<S: Sync> FromRequestParts<S> for FromHere {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        if AllowedOrigins::default().admits(parts) { Ok(Self) } else { Err(StatusCode::FORBIDDEN) }
    }
}

/// A request of a person who is signed in.
struct SignedIn;

impl FromRequestParts<App> for SignedIn {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let user = app.people.of(&parts.headers);
        user.map(|_| Self).ok_or((StatusCode::UNAUTHORIZED, "Please sign in: POST /sign-in.\n"))
    }
}

async fn sign_in(State(app): State<App>, _: FromHere, Json(person): Json<Introduction>) -> Result<Response, Refused> {
    Ok(([(SET_COOKIE, app.people.sign_in(&person)?)], StatusCode::NO_CONTENT).into_response())
}

async fn sign_out(State(app): State<App>, _: FromHere) -> Response {
    ([(SET_COOKIE, app.people.sign_out())], StatusCode::NO_CONTENT).into_response()
}

/// Who is signed in, and what they should know that is newer than `after`.
async fn mine(
    State(app): State<App>,
    headers: HeaderMap,
    Query(After { after }): Query<After>,
) -> Result<Json<Value>, Refused> {
    let Some(user) = app.people.of(&headers) else {
        return Ok(Json(json!({ "person": null, "notifications": [] })));
    };
    let name = user.id().map(|id| id.as_str()).unwrap_or_default();
    let team = people::team(&user).unwrap_or_default();
    let notifications = app.store.of(name, team, after).await?;
    Ok(Json(json!({ "person": { "user": name, "team": team }, "notifications": notifications })))
}

async fn notify(
    State(app): State<App>,
    _: FromHere,
    _: SignedIn,
    Json(body): Json<Body>,
) -> Result<(StatusCode, Json<Notification>), Refused> {
    Ok((StatusCode::CREATED, Json(app.notify(body).await?)))
}

impl App {
    /// First it is kept, then pages hear of it: what a page has shown is there after a restart.
    async fn notify(&self, Body { audience, title, text, urgent }: Body) -> HubResult<Notification> {
        let audience = match audience {
            Audience::Everyone => Audience::Everyone,
            Audience::Team(name) => Audience::Team(people::word(&name, "A team")?),
            Audience::Person(name) => Audience::Person(people::word(&name, "A name")?),
        };
        let (title, text) = (title.trim().to_owned(), text.trim().to_owned());
        if title.is_empty() || title.chars().count() > LONGEST_TITLE {
            return Err(HubError::client(format!("A title has 1 to {LONGEST_TITLE} characters.")));
        }
        if text.chars().count() > LONGEST_TEXT {
            return Err(HubError::client(format!("A text has at most {LONGEST_TEXT} characters.")));
        }
        let notification = self.store.keep(Draft { audience, title, text, urgent }).await?;
        let clients = self.hub.clients();
        let told = match &notification.audience {
            Audience::Everyone => clients.all(),
            Audience::Team(team) => clients.group(group(team)),
            Audience::Person(name) => clients.user(name),
        };
        told.notified(notification.clone()).await?;
        Ok(notification)
    }
}

/// What was written for the caller is shown; anything else stays in the log.
struct Refused(HubError);

impl From<HubError> for Refused {
    fn from(error: HubError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self.0.client_text() {
            Some(text) => (StatusCode::BAD_REQUEST, format!("{text}\n")).into_response(),
            None => {
                tracing::error!(error = %self.0, "a request failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "This did not work.\n").into_response()
            }
        }
    }
}
