//! Session cookies: a user, signed, in a cookie that scripts cannot read. The server keeps nothing.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header::COOKIE};
use sha2::Sha256;

use super::session::Session;
use crate::{hub::Principal, server::SigningKeys};

/// Browsers drop cookies that are longer, name and value together.
const LONGEST: usize = 4000;

const SIGNATURE: usize = 32;

/// Signed session cookies. Needs feature `cookies`.
///
/// [`Hubs::cookies`](crate::Hubs::cookies) has all hubs read them. The application's own routes log users in and out:
///
/// ```
/// use axum::{Router, http::{HeaderMap, StatusCode, header::SET_COOKIE}, routing::post};
/// use hubs::{Hubs, Principal, SessionCookies, SigningKeys};
///
/// # let key = [1_u8; 32];
/// let cookies = SessionCookies::new(SigningKeys::new(key));
/// let hubs = Hubs::new().cookies(cookies.clone());
/// let (login, logout) = (cookies.clone(), cookies);
/// let app: Router = Router::new()
///     .route("/login", post(async move || {
///         // After the password has been checked:
///         let ann = Principal::new("ann").with_role("admin");
///         login.login(&ann).map(|cookie| [(SET_COOKIE, cookie)]).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
///     }))
///     .route("/logout", post(async move || [(SET_COOKIE, logout.logout())]))
///     .merge(hubs.router());
/// ```
///
/// A cookie is `HttpOnly`, `Secure`, `SameSite=Lax` and for this host alone. It holds the user's id, roles and claims, which
/// its owner can read but not change, and it is good until it expires: logging out takes it from the browser, and no copy
/// of it elsewhere. Browsers send it with every request, also those that pages of other sites cause; the hubs refuse those by
/// [`HubOptions::allowed_origins`](crate::HubOptions::allowed_origins), and a login route checks
/// [`AllowedOrigins::admits`](crate::AllowedOrigins::admits).
#[derive(Clone)]
pub struct SessionCookies {
    keys: SigningKeys,
    lifetime: Duration,
    secure: bool,
}

impl SessionCookies {
    /// Cookies signed with these keys, each good for 12 hours.
    pub fn new(keys: SigningKeys) -> Self {
        Self { keys, lifetime: Duration::from_secs(12 * 60 * 60), secure: true }
    }

    /// Sets how long a cookie is good, from the login on.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Leaves `Secure` out, and the `__Host-` of the name: for development without TLS under another name than
    /// `localhost`. Never in production.
    #[must_use]
    pub fn insecure(mut self) -> Self {
        self.secure = false;
        self
    }

    /// The value of a `Set-Cookie` header that logs `user` in. `None` if a key is shorter than 32 bytes, or the user's
    /// claims are too long for a cookie, and then the log says which.
    pub fn login(&self, user: &Principal) -> Option<HeaderValue> {
        if self.keys.is_weak() {
            tracing::error!("SessionCookies has a key of less than 32 bytes, so it logs no user in");
            return None;
        }
        let session = Session::of(user, SystemTime::now().checked_add(self.lifetime));
        let value = self.sign(&serde_json::to_vec(&session).ok()?)?;
        if self.name().len() + value.len() > LONGEST {
            tracing::error!(
                bytes = value.len(),
                "the user's claims are too long for a cookie, so it was not logged in"
            );
            return None;
        }
        self.header(&value, self.lifetime.as_secs())
    }

    /// The value of a `Set-Cookie` header that logs the user out.
    pub fn logout(&self) -> HeaderValue {
        self.header("", 0).unwrap_or_else(|| HeaderValue::from_static(""))
    }

    /// The user whom the cookies of a request name, if one is signed here and has not expired.
    pub fn principal(&self, headers: &HeaderMap) -> Option<Principal> {
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find_map(|(name, value)| if name == self.name() { self.read(value) } else { None })
    }

    fn name(&self) -> &'static str {
        if self.secure { "__Host-hubs-session" } else { "hubs-session" }
    }

    fn header(&self, value: &str, seconds: u64) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name());
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    fn sign(&self, payload: &[u8]) -> Option<String> {
        let signature = mac(self.keys.iter().next()?, payload)?.finalize().into_bytes();
        Some(URL_SAFE_NO_PAD.encode([payload, &signature].concat()))
    }

    fn read(&self, value: &str) -> Option<Principal> {
        if value.len() > LONGEST || self.keys.is_weak() {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (payload, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        let signed = |key: &[u8]| mac(key, payload).is_some_and(|mac| mac.verify_slice(signature).is_ok());
        if !self.keys.iter().any(signed) {
            return None;
        }
        let session: Session = serde_json::from_slice(payload).ok()?;
        session.expires().is_some_and(|expires| expires > SystemTime::now()).then(|| session.principal())
    }
}

/// The signature of a cookie. What is signed begins with what it is for.
fn mac(key: &[u8], payload: &[u8]) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    Some(mac.chain_update(b"hubs session cookie 1").chain_update(payload))
}

impl fmt::Debug for SessionCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCookies").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies() -> SessionCookies {
        SessionCookies::new(SigningKeys::new([1; 32]))
    }

    /// The headers of a request that sends the cookie back.
    fn sent(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(format!("a=1; {pair}; b=2")).expect("a header"))])
    }

    #[tokio::test]
    async fn a_user_logs_in_and_out() {
        let ann = Principal::new("ann").with_role("admin").with_claim("tenant", "blue");
        let set = cookies().login(&ann).expect("it fits");
        let text = set.to_str().expect("text");
        assert!(text.starts_with("__Host-hubs-session=") && set.is_sensitive(), "{text}");
        assert!(text.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"), "{text}");
        let user = cookies().principal(&sent(&set)).expect("the user is back");
        assert_eq!((user.id(), user.roles(), user.claim("tenant")), (ann.id(), ann.roles(), ann.claim("tenant")));
        assert!(user.expires().is_some(), "the connection ends with the session");
        let rotated = SessionCookies::new(SigningKeys::new([2; 32]).or_accept([1; 32]));
        assert!(rotated.principal(&sent(&set)).is_some());
        let out = cookies().logout();
        assert!(out.to_str().expect("text").contains("Max-Age=0") && cookies().principal(&sent(&out)).is_none());
        assert!(cookies().insecure().login(&ann).expect("it fits").to_str().expect("text").ends_with("SameSite=Lax"));
    }

    #[tokio::test]
    async fn what_was_not_signed_here_is_no_session() {
        let set = cookies().login(&Principal::new("ann")).expect("it fits");
        let (name, value) =
            set.to_str().expect("text").split(';').next().expect("a pair").split_once('=').expect("two");
        let accepted = |value: &str| {
            cookies()
                .principal(&sent(&HeaderValue::try_from(format!("{name}={value}; x")).expect("a header")))
                .is_some()
        };
        assert!(accepted(value));
        let bytes = URL_SAFE_NO_PAD.decode(value).expect("base64");
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!accepted(&URL_SAFE_NO_PAD.encode(flipped)), "bit {bit}");
        }
        for length in 0..value.len() {
            assert!(!accepted(&value[..length]));
        }
        let other = SessionCookies::new(SigningKeys::new([2; 32]));
        assert!(other.principal(&sent(&set)).is_none());
        assert!(SessionCookies::new(SigningKeys::new("short")).login(&Principal::new("ann")).is_none());
        let late = cookies().lifetime(Duration::ZERO).login(&Principal::new("ann")).expect("it fits");
        assert!(cookies().principal(&sent(&late)).is_none(), "it has expired");
        let large = Principal::new("ann").with_claim("text", "x".repeat(4000));
        assert!(cookies().login(&large).is_none());
    }
}
