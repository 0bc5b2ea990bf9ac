//! Who sends a request, where the hubs find it out themselves: by a JSON Web Token or by a session cookie. An application
//! that puts a [`Principal`] into the request's extensions by itself needs nothing of this.

#[cfg(feature = "cookies")]
mod cookies;
#[cfg(feature = "jwt")]
mod jwt;

#[cfg(feature = "jwt")]
use std::sync::Arc;

#[cfg(feature = "cookies")]
pub use cookies::SessionCookies;
use http::request::Parts;
#[cfg(feature = "jwt")]
pub use jwt::{JwtAlgorithm, JwtBearer, JwtError, JwtKeyError};

use super::http::answer::Refusal;
#[cfg(any(feature = "jwt", feature = "cookies"))]
use crate::hub::Principal;

/// What the hubs of an application accept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Authentication {
    #[cfg(feature = "jwt")]
    pub(super) jwt: Option<Arc<JwtBearer>>,
    #[cfg(feature = "cookies")]
    pub(super) cookies: Option<SessionCookies>,
}

impl Authentication {
    /// Puts the user into the request's extensions, unless one is there already. A token that is wrong is refused, a cookie
    /// that is wrong is no cookie. Does nothing where nothing is switched on.
    #[cfg_attr(
        not(any(feature = "jwt", feature = "cookies")),
        expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "nothing to do without the features")
    )]
    pub(super) fn authenticate(&self, request: &mut Parts) -> Result<(), Refusal> {
        #[cfg(feature = "jwt")]
        if let Some(jwt) = &self.jwt {
            let checked = jwt.of_hub_request(request);
            jwt::hide(request);
            if let Some(user) = checked?
                && request.extensions.get::<Principal>().is_none()
            {
                request.extensions.insert(user);
            }
        }
        #[cfg(feature = "cookies")]
        if let Some(cookies) = &self.cookies
            && request.extensions.get::<Principal>().is_none()
            && let Some(user) = cookies.principal(&request.headers)
        {
            request.extensions.insert(user);
        }
        let _ = request;
        Ok(())
    }
}
