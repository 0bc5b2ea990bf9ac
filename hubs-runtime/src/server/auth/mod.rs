//! Who sends a request, where the hubs find it out themselves: by a JSON Web Token or by a session cookie. An application
//! that puts a [`Principal`] into the request's extensions by itself needs nothing of this.

#[cfg(feature = "cookies")]
mod cookies;
#[cfg(feature = "jwt")]
pub(super) mod jwt;

pub(super) mod session;

#[cfg(feature = "jwt")]
use std::sync::Arc;

#[cfg(feature = "cookies")]
pub use cookies::SessionCookies;
use http::request::Parts;
#[cfg(feature = "jwt")]
pub use jwt::{JwtAlgorithm, JwtBearer, JwtError, JwtKeyError};

use super::http::answer::Refusal;
use crate::hub::Principal;

/// What the hubs of an application accept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Authentication {
    #[cfg(feature = "jwt")]
    pub(super) jwt: Option<Arc<JwtBearer>>,
    #[cfg(feature = "cookies")]
    pub(super) cookies: Option<SessionCookies>,
}

/// Lies in the extensions of a request whose user the hubs have found by its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "jwt"), allow(dead_code, reason = "only JSON Web Tokens are found here"))]
pub(super) enum ByToken {
    /// In the header `Authorization`.
    Header,
    /// In the query. A client with a token in its own address adds a ticket to it, and two are refused.
    Query,
    /// By a ticket, which says who the user was when the connection was negotiated.
    Ticket,
}

impl ByToken {
    /// Whether a request came with a ticket.
    pub(super) fn is_ticket(request: &Parts) -> bool {
        request.extensions.get() == Some(&Self::Ticket)
    }
}

impl Authentication {
    /// Waits for the keys that the request's token needs, where keys are fetched and one is not there.
    #[cfg_attr(not(feature = "jwks"), allow(clippy::unused_self, clippy::unused_async, reason = "nothing is fetched"))]
    pub(super) async fn fetch_keys(&self, request: &Parts) {
        #[cfg(feature = "jwks")]
        if let Some(jwt) = self.jwt.as_ref().filter(|jwt| jwt.fetches()) {
            // It is rare and large.
            Box::pin(jwt.fetch_for(request)).await;
        }
        let _ = request;
    }

    /// Puts the user into the request's extensions, unless one is there already. A token that is wrong is refused, a cookie
    /// that is wrong is no cookie. `ticket` reads the ticket of the connection that the request names. Does nothing where
    /// nothing is switched on.
    #[cfg_attr(
        not(any(feature = "jwt", feature = "cookies")),
        allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "nothing to do without the features")
    )]
    pub(super) fn authenticate(
        &self,
        request: &mut Parts,
        ticket: impl Fn(&str, &Parts) -> Option<Principal>,
    ) -> Result<(), Refusal> {
        #[cfg(feature = "jwt")]
        if let Some(jwt) = &self.jwt {
            let checked = jwt.of_hub_request(request, &ticket);
            jwt::hide(request);
            if let Some((user, by)) = checked?
                && request.extensions.get::<Principal>().is_none()
            {
                request.extensions.insert(user);
                request.extensions.insert(by);
            }
        }
        #[cfg(feature = "cookies")]
        if let Some(cookies) = &self.cookies
            && request.extensions.get::<Principal>().is_none()
            && let Some(user) = cookies.principal(&request.headers)
        {
            request.extensions.insert(user);
        }
        let _ = (request, ticket);
        Ok(())
    }
}
