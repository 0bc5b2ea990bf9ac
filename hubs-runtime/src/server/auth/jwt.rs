//! JSON Web Tokens: where they are in a request, and what must hold of them. What a token names (`jku`, `x5u`, its issuer)
//! never decides where keys come from: that is configured.

#[cfg(feature = "jwks")]
mod fetch;
#[cfg(feature = "jwks")]
mod from_url;
mod keys;
#[cfg(feature = "jwks")]
mod remote;
#[cfg(all(test, feature = "jwks"))]
mod remote_tests;
mod request;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode, request::Parts};
use jsonwebtoken::{Validation, decode, decode_header, errors::ErrorKind};
use serde_json::{Map, Value};

use self::keys::Key;
pub use self::keys::{JwtAlgorithm, JwtKeyError};
#[cfg(feature = "jwks")]
use self::remote::RemoteKeys;
pub(super) use self::request::hide;
use self::request::{bearer, in_query};
use super::ByToken;
use crate::{hub::Principal, ids::UserId, server::http::answer::Refusal};

/// Claims that may hold the id of a user, the first that is there.
const USER_CLAIMS: [&str; 3] =
    ["sub", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", "nameid"];
/// Claims that may hold roles, as a text or as a list of texts. All of them count.
const ROLE_CLAIMS: [&str; 3] = ["role", "roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"];

/// No token is longer, in bytes.
const LONGEST: usize = 16 * 1024;

/// How tickets begin, which no JSON Web Token does.
pub(in crate::server) const TICKET: &str = "ticket.";

/// Finds the id of a user in the claims of a token.
type FindUser = Arc<dyn Fn(&Map<String, Value>) -> Option<UserId> + Send + Sync>;

/// Validates JSON Web Tokens. Needs feature `jwt`.
///
/// [`Hubs::jwt`](crate::Hubs::jwt) puts one before all hubs. A token comes in the header `Authorization: Bearer`, or, for
/// the paths of hubs only, as `access_token` in the query: a browser's WebSocket can carry no header. Where both are
/// there, the header counts.
///
/// ```
/// # fn f(secret: &[u8]) -> Result<(), hubs::JwtKeyError> {
/// use hubs::{Hubs, JwtBearer};
///
/// let jwt = JwtBearer::secret(secret)?.issuer("https://login.example").audience("chat");
/// let hubs = Hubs::new().jwt(jwt);
/// # Ok(())
/// # }
/// ```
///
/// A token must have `exp`. `nbf` is checked where it is there; `iss` and `aud` are checked, and must be there, where
/// they are set here. Only the algorithms of the keys are accepted, so that no token chooses its own.
#[derive(Clone)]
pub struct JwtBearer {
    issuers: Vec<Issuer>,
    user: FindUser,
}

/// The keys of one issuer: no other key is tried for its tokens, whatever their `kid`.
#[derive(Clone)]
struct Issuer {
    name: Option<String>,
    audiences: Vec<String>,
    keys: Keys,
    /// Those that count, as far as the keys are made for them; `None` for the usual one of each key.
    algorithms: Option<Vec<JwtAlgorithm>>,
    leeway: Duration,
}

/// Where the keys of an issuer are.
#[derive(Clone)]
enum Keys {
    Here(Arc<[Key]>),
    #[cfg(feature = "jwks")]
    Remote(RemoteKeys),
}

/// Why a token is refused. For the log; clients are told that it is invalid and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// It is no token, or has another header or signature than it should.
    #[error("the token is malformed, or not signed with a known key")]
    Invalid,
    /// Its time is over, or has not begun.
    #[error("the token has expired, is not valid yet, or does not say until when it is valid")]
    Expired,
    /// It is meant for another service, or made by another issuer.
    #[error("the token has another issuer or audience")]
    Elsewhere,
}

impl JwtBearer {
    /// Tokens signed with HMAC (HS256) and this secret, which has at least 32 bytes.
    ///
    /// # Errors
    /// If the secret is shorter.
    pub fn secret(secret: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Key::secret(secret.as_ref()).map(|key| Self::with(Keys::Here([key].into())))
    }

    /// Tokens signed with the private key to this public one, in PEM: RSA (RS256), ECDSA on P-256 (ES256) or Ed25519
    /// (EdDSA).
    ///
    /// # Errors
    /// If it is no such key.
    pub fn pem(pem: impl AsRef<[u8]>) -> Result<Self, JwtKeyError> {
        Key::pem(pem.as_ref()).map(|key| Self::with(Keys::Here([key].into())))
    }

    /// Tokens signed with one of the keys in a JSON Web Key Set, as the text of the document. Keys that are not for
    /// signatures, or of an unknown kind, are skipped; symmetric keys are refused.
    ///
    /// # Errors
    /// If it is no key set, or no key is left.
    pub fn jwks(document: &str) -> Result<Self, JwtKeyError> {
        keys::of_set(document).map(|keys| Self::with(Keys::Here(keys.into())))
    }

    /// The same, from a file.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`JwtBearer::jwks`].
    pub fn jwks_file(path: impl AsRef<std::path::Path>) -> Result<Self, JwtKeyError> {
        Self::jwks(&std::fs::read_to_string(path)?)
    }

    fn with(keys: Keys) -> Self {
        let leeway = Duration::from_secs(30);
        let issuer = Issuer { name: None, audiences: Vec::new(), keys, algorithms: None, leeway };
        let user = |claims: &Map<String, Value>| {
            let id = USER_CLAIMS.iter().find_map(|name| claims.get(*name)?.as_str())?;
            (!id.is_empty()).then(|| UserId::from(id))
        };
        Self { issuers: vec![issuer], user: Arc::new(user) }
    }

    /// Requires this `iss`.
    #[must_use]
    pub fn issuer(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.each(|issuer| issuer.name = Some(name.clone()))
    }

    /// Requires an `aud` that is, or names, one of those set here. May be called again.
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        let audience = audience.into();
        self.each(|issuer| issuer.audiences.push(audience.clone()))
    }

    /// Accepts these algorithms, as far as the keys are made for them. By default the one of each key.
    #[must_use]
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = JwtAlgorithm>) -> Self {
        let algorithms: Vec<_> = algorithms.into_iter().collect();
        self.each(|issuer| issuer.algorithms = Some(algorithms.clone()))
    }

    /// How far the clocks of issuer and server may differ. 30 s. The connection ends that much after `exp`, too.
    #[must_use]
    pub fn leeway(self, leeway: Duration) -> Self {
        self.each(|issuer| issuer.leeway = leeway)
    }

    /// Accepts the tokens of `other`, too. Give each its own [issuer](Self::issuer): a token is only checked with the
    /// keys of the issuer that it names.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.issuers.extend(other.issuers);
        self
    }

    /// Sets how the id of the user is found in the claims. By default it is `sub`, or .NET's claim for the name
    /// identifier. A user without an id is no error.
    #[must_use]
    pub fn user_id(mut self, find: impl Fn(&Map<String, Value>) -> Option<UserId> + Send + Sync + 'static) -> Self {
        self.user = Arc::new(find);
        self
    }

    fn each(mut self, change: impl Fn(&mut Issuer)) -> Self {
        self.issuers.iter_mut().for_each(change);
        self
    }

    /// The user of a request's header `Authorization`, for routes of the application itself: `None` if it has no bearer
    /// token.
    ///
    /// # Errors
    /// If the token is not accepted: answer 401.
    pub fn principal(&self, headers: &HeaderMap) -> Result<Option<Principal>, JwtError> {
        bearer(headers)?.map(|token| self.validate(token)).transpose()
    }

    /// The user whom a token names. It waits for nothing: keys that have to be fetched first are there for the next call,
    /// or after `JwtBearer::fetch_keys` (feature `jwks`). Hubs do wait for them.
    ///
    /// # Errors
    /// If the token is not accepted.
    pub fn validate(&self, token: &str) -> Result<Principal, JwtError> {
        if token.len() > LONGEST {
            return Err(JwtError::Invalid);
        }
        let header = decode_header(token).map_err(|_| JwtError::Invalid)?;
        let named = named_issuer(token);
        let fits = |issuer: &&Issuer| issuer.name.is_none() || issuer.name == named;
        let mut error = JwtError::Elsewhere;
        for issuer in self.issuers.iter().filter(fits) {
            match issuer.validate(token, &header) {
                Ok(claims) => return Ok(self.principal_of(claims, issuer.leeway)),
                Err(why) => error = why,
            }
        }
        Err(error)
    }

    fn principal_of(&self, claims: Map<String, Value>, leeway: Duration) -> Principal {
        let mut user = (self.user)(&claims).map_or_else(Principal::anonymous, Principal::new);
        for role in ROLE_CLAIMS.iter().filter_map(|name| claims.get(*name)).flat_map(texts) {
            user = user.with_role(role);
        }
        let expires =
            claims.get("exp").and_then(Value::as_f64).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        if let Some(expires) =
            expires.and_then(|expires| SystemTime::UNIX_EPOCH.checked_add(expires.saturating_add(leeway)))
        {
            user = user.with_expiry(expires);
        }
        claims.into_iter().fold(user, |user, (name, value)| user.with_claim(name, value))
    }

    /// The user of a request to a hub: the header counts before the query.
    pub(super) fn of_hub_request(
        &self,
        request: &Parts,
        ticket: &impl Fn(&str, &Parts) -> Option<Principal>,
    ) -> Result<Option<(Principal, ByToken)>, Refusal> {
        let read = |token: &str, by| {
            if token.starts_with(TICKET) {
                let user = ticket(token, request).ok_or(JwtError::Invalid)?;
                return Ok((user, ByToken::Ticket));
            }
            Ok((self.validate(token)?, by))
        };
        let checked = match bearer(&request.headers) {
            Ok(Some(token)) => read(token, ByToken::Header).map(Some),
            Ok(None) => in_query(request).map(|token| read(&token, ByToken::Query)).transpose(),
            Err(error) => Err(error),
        };
        checked.map_err(|error| {
            tracing::debug!(%error, "a request was refused for its token");
            Refusal::new(StatusCode::UNAUTHORIZED, "")
        })
    }
}

impl Issuer {
    fn validate(&self, token: &str, header: &jsonwebtoken::Header) -> Result<Map<String, Value>, JwtError> {
        let keys = self.keys();
        let mut fitting = keys.iter().filter(|key| key.fits(header, self.algorithms.as_deref())).peekable();
        #[cfg(feature = "jwks")]
        if let (None, Keys::Remote(remote)) = (fitting.peek(), &self.keys) {
            remote.ask();
        }
        let mut error = JwtError::Invalid;
        for key in fitting.by_ref() {
            match decode::<Map<String, Value>>(token, key.decoding(), &self.rules(header.alg)) {
                Ok(decoded) => return Ok(decoded.claims),
                Err(why) => error = reason(why.kind()),
            }
        }
        Err(error)
    }

    /// The keys that are there now.
    fn keys(&self) -> Arc<[Key]> {
        match &self.keys {
            Keys::Here(keys) => Arc::clone(keys),
            #[cfg(feature = "jwks")]
            Keys::Remote(remote) => remote.current(),
        }
    }

    fn rules(&self, algorithm: JwtAlgorithm) -> Validation {
        let mut rules = Validation::new(algorithm);
        rules.leeway = self.leeway.as_secs();
        rules.validate_nbf = true;
        rules.validate_aud = !self.audiences.is_empty();
        let mut required = vec!["exp"];
        if let Some(name) = &self.name {
            rules.set_issuer(&[name]);
            required.push("iss");
        }
        if !self.audiences.is_empty() {
            rules.set_audience(&self.audiences);
            required.push("aud");
        }
        rules.set_required_spec_claims(&required);
        rules
    }
}

fn reason(kind: &ErrorKind) -> JwtError {
    match kind {
        ErrorKind::ExpiredSignature | ErrorKind::ImmatureSignature => JwtError::Expired,
        ErrorKind::MissingRequiredClaim(name) | ErrorKind::InvalidClaimFormat(name)
            if name == "exp" || name == "nbf" =>
        {
            JwtError::Expired
        }
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience | ErrorKind::MissingRequiredClaim(_) => {
            JwtError::Elsewhere
        }
        _ => JwtError::Invalid,
    }
}

/// What the token says of its issuer, before anything is checked: it only chooses among those that are configured.
fn named_issuer(token: &str) -> Option<String> {
    let claims: Map<String, Value> = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

/// The text, or the texts in the list.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(keys) => write!(f, "{} keys", keys.len()),
            #[cfg(feature = "jwks")]
            Self::Remote(remote) => remote.fmt(f),
        }
    }
}

impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers = self.issuers.iter().map(|issuer| (&issuer.name, &issuer.audiences, &issuer.keys));
        f.debug_struct("JwtBearer").field("issuers", &issuers.collect::<Vec<_>>()).finish_non_exhaustive()
    }
}
