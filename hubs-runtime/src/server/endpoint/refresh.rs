//! A new token for a connection that lives: `POST {hub}/refresh?id=..`, as .NET 11 defines it. Also what negotiation says of
//! the token, and the tickets that stand for it.

use axum::response::Response;
use http::{Method, StatusCode, request::Parts};
use serde::Serialize;

use super::{Acceptor, Endpoint, METHOD_NOT_ALLOWED, Unfound, passing::Kind, renewal, token};
use crate::{
    hub::{LatestPrincipal, Principal},
    ids::UserId,
    server::{auth::ByToken, http::answer},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Renewed {
    #[serde(skip_serializing_if = "Option::is_none")]
    token_lifetime_seconds: Option<u64>,
}

#[derive(Serialize)]
struct Refused {
    error: &'static str,
}

impl<A: Acceptor> Endpoint<A> {
    pub(super) async fn refresh(&self, mut request: Parts) -> Response {
        if let Err(refusal) = self.check_origin(&request) {
            return refusal.into();
        }
        if request.method != Method::POST {
            return METHOD_NOT_ALLOWED.into();
        }
        if !self.options.authentication_refresh {
            return refused(StatusCode::NOT_FOUND, "refresh_disabled");
        }
        let Some(token) = token(&request) else { return refused(StatusCode::BAD_REQUEST, "missing_connection_token") };
        match self.check_user(&mut request).await {
            Ok(()) if ByToken::is_ticket(&request) => return answer::empty(StatusCode::UNAUTHORIZED),
            Ok(()) => {}
            Err(refusal) if refusal.status == StatusCode::FORBIDDEN => {
                return refused(StatusCode::FORBIDDEN, "permission_change_rejected");
            }
            Err(refusal) => return refusal.into(),
        }
        let user = (self.user_id)(&request);
        let latest = match self.tokens.find(&token, user.as_ref()) {
            Ok(found) => found.latest,
            Err(Unfound::OtherUser) => return refused(StatusCode::FORBIDDEN, "user_changed"),
            Err(_) => None,
        };
        let renewed = match latest {
            Some(latest) => {
                renewal::renew(&latest, request.extensions.get().cloned()).await;
                StatusCode::OK
            }
            None => self.refresh_elsewhere(&token, user.as_ref(), &request).await,
        };
        match renewed {
            StatusCode::OK => {}
            StatusCode::FORBIDDEN => return refused(renewed, "user_changed"),
            StatusCode::NOT_FOUND => return refused(renewed, "connection_not_found"),
            renewed => return answer::empty(renewed),
        }
        let lifetime = request.extensions.get::<Principal>().and_then(Principal::lifetime);
        answer::json(&Renewed { token_lifetime_seconds: lifetime.map(|left| left.as_secs()) })
    }

    /// Has the node that owns the connection take its user from this request. Returns what came of it.
    async fn refresh_elsewhere(&self, token: &str, user: Option<&UserId>, request: &Parts) -> StatusCode {
        match self.tokens.read(token, user) {
            Ok(claims) => {
                let renewed = renewal::write(request.extensions.get());
                let asked = self.ask_elsewhere(Kind::Refresh, &claims, user, &renewed).await;
                asked.map_or_else(|refusal| refusal.status, |reply| reply.status)
            }
            Err(Unfound::OtherUser) => StatusCode::FORBIDDEN,
            Err(_) => StatusCode::NOT_FOUND,
        }
    }

    /// The user of the connection that a request opens, where a later one may renew it.
    pub(super) fn renewable(&self, request: &mut Parts) -> Option<LatestPrincipal> {
        self.options.authentication_refresh.then(|| {
            let latest = LatestPrincipal::default();
            // No group has been joined yet.
            let _ = latest.follow(request.extensions.get().cloned());
            request.extensions.insert(latest.clone());
            latest
        })
    }

    /// For how many seconds the user is authenticated; said where the client may renew it.
    pub(super) fn lifetime(&self, request: &Parts) -> Option<u64> {
        if !self.options.authentication_refresh {
            return None;
        }
        request.extensions.get::<Principal>()?.lifetime().map(|left| left.as_secs())
    }

    /// What the client sends from now on in place of its token, where the hubs themselves have read that.
    #[cfg(feature = "jwt")]
    pub(super) fn ticket_of(&self, request: &Parts, version: u32, token: &str) -> Option<String> {
        if version == 0 || request.extensions.get() != Some(&ByToken::Header) {
            return None;
        }
        self.tokens.ticket(token, request.extensions.get::<Principal>()?)
    }

    #[cfg(not(feature = "jwt"))]
    #[allow(clippy::unused_self, reason = "there are no tickets without the feature")]
    pub(super) fn ticket_of(&self, _: &Parts, _: u32, _: &str) -> Option<String> {
        None
    }

    /// The user whom the ticket of the connection names that the request names.
    #[cfg(feature = "jwt")]
    pub(super) fn read_ticket(&self, ticket: &str, request: &Parts) -> Option<Principal> {
        self.tokens.read_ticket(ticket, &token(request)?)
    }

    #[cfg(not(feature = "jwt"))]
    #[allow(clippy::unused_self, reason = "there are no tickets without the feature")]
    pub(super) fn read_ticket(&self, _: &str, _: &Parts) -> Option<Principal> {
        None
    }
}

fn refused(status: StatusCode, error: &'static str) -> Response {
    let mut response = answer::json(&Refused { error });
    *response.status_mut() = status;
    response
}
