//! Signing in, for those who want to: by a name alone, because this is an example. A real application checks a password
//! here, or sends people to an identity provider, and its database says who is a moderator.
//!
//! `POST /sign-in` answers with a session cookie, or with a JSON Web Token where `HUBS_CHAT_SIGN_IN=token`. Must not know
//! what people may do once they are signed in: the contract says that.

use std::{
    env,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use hubs::{AllowedOrigins, HubError, HubResult, Hubs, JwtBearer, Principal, SessionCookies, SigningKeys};
use jsonwebtoken::{EncodingKey, Header};
use serde::Deserialize;
use serde_json::json;

use crate::words;

/// How long a person stays signed in.
const LASTS: Duration = Duration::from_secs(12 * 60 * 60);
/// Who makes the tokens, and for whom.
const NAME: &str = "hubs-chat";

/// Signs people in, and knows them again.
#[derive(Clone)]
pub(crate) struct Accounts {
    keys: SigningKeys,
    cookies: SessionCookies,
    jwt: JwtBearer,
    signing: EncodingKey,
    /// Whether people get a token in place of a cookie.
    tokens: bool,
}

#[derive(Deserialize)]
struct Body {
    name: String,
    moderator: bool,
}

impl Accounts {
    /// With the key of `HUBS_CHAT_KEY`, or one of its own: a restart then signs everybody out.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let key = match env::var("HUBS_CHAT_KEY") {
            Ok(text) => text.into_bytes(),
            Err(_) => random_key()?,
        };
        let tokens = match env::var("HUBS_CHAT_SIGN_IN").as_deref() {
            Err(_) | Ok("cookie") => false,
            Ok("token") => true,
            Ok(other) => bail!("HUBS_CHAT_SIGN_IN is `{other}`; it must be `cookie` or `token`"),
        };
        Self::new(&key, tokens).context("HUBS_CHAT_KEY holds no key")
    }

    fn new(key: &[u8], tokens: bool) -> anyhow::Result<Self> {
        let keys = SigningKeys::new(key);
        Ok(Self {
            cookies: SessionCookies::new(keys.clone()).lifetime(LASTS),
            keys,
            jwt: JwtBearer::secret(key)?.issuer(NAME).audience(NAME),
            signing: EncodingKey::from_secret(key),
            tokens,
        })
    }

    /// The key, for what else the server signs.
    pub(crate) fn keys(&self) -> SigningKeys {
        self.keys.clone()
    }

    /// Has the hubs know who was signed in here. Others stay guests.
    pub(crate) fn guard(&self, hubs: Hubs) -> Hubs {
        hubs.cookies(self.cookies.clone()).jwt(self.jwt.clone())
    }

    /// `POST /sign-in` and `POST /sign-out`.
    pub(crate) fn routes(self) -> Router {
        Router::new().route("/sign-in", post(sign_in)).route("/sign-out", post(sign_out)).with_state(self)
    }

    fn sign_in(&self, body: &Body) -> HubResult<Response> {
        let name = words::user_name(&body.name)?;
        let roles: &[&str] = if body.moderator { &["moderator"] } else { &[] };
        if self.tokens {
            let until = SystemTime::now().duration_since(UNIX_EPOCH)? + LASTS;
            let claims = json!({ "sub": name, "roles": roles, "iss": NAME, "aud": NAME, "exp": until.as_secs() });
            let token = jsonwebtoken::encode(&Header::default(), &claims, &self.signing)?;
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            return Ok((headers, json!({ "token": token }).to_string()).into_response());
        }
        let user = roles.iter().fold(Principal::new(name), |user, role| user.with_role(*role));
        let cookie = self.cookies.login(&user).ok_or_else(|| HubError::client("This name cannot be signed in."))?;
        Ok(([(header::SET_COOKIE, cookie)], StatusCode::NO_CONTENT).into_response())
    }
}

async fn sign_in(State(accounts): State<Accounts>, parts: Parts, body: Bytes) -> Response {
    if !comes_from_here(&parts) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let body = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    accounts.sign_in(&body).unwrap_or_else(|error| crate::http::refused(&error))
}

async fn sign_out(State(accounts): State<Accounts>, parts: Parts) -> Response {
    if !comes_from_here(&parts) {
        return StatusCode::FORBIDDEN.into_response();
    }
    ([(header::SET_COOKIE, accounts.cookies.logout())], StatusCode::NO_CONTENT).into_response()
}

/// A page of another site must not sign its visitors in or out.
fn comes_from_here(request: &Parts) -> bool {
    AllowedOrigins::default().admits(request)
}

fn random_key() -> anyhow::Result<Vec<u8>> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).context("the system gives no random bytes")?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts(tokens: bool) -> Accounts {
        Accounts::new(&[1; 32], tokens).unwrap()
    }

    fn body(name: &str, moderator: bool) -> Body {
        Body { name: name.to_owned(), moderator }
    }

    #[tokio::test]
    async fn a_cookie_names_the_person_and_its_role() {
        let accounts = accounts(false);
        let answer = accounts.sign_in(&body(" Ada ", true)).unwrap();
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let headers = [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
        let ada = accounts.cookies.principal(&headers).unwrap();
        assert_eq!((ada.id().unwrap().as_str(), ada.has_role("moderator")), ("Ada", true));
    }

    #[tokio::test]
    async fn a_token_names_the_person_and_its_role() {
        let accounts = accounts(true);
        let answer = accounts.sign_in(&body("Ada", false)).unwrap();
        assert!(!answer.headers().contains_key(header::SET_COOKIE));
        let bytes = axum::body::to_bytes(answer.into_body(), 4096).await.unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let ada = accounts.jwt.validate(answer["token"].as_str().unwrap()).unwrap();
        assert_eq!((ada.id().unwrap().as_str(), ada.has_role("moderator")), ("Ada", false));
    }

    #[test]
    fn a_name_and_a_key_are_required() {
        assert!(accounts(false).sign_in(&body(" ", true)).is_err());
        assert!(Accounts::new(b"short", false).is_err());
    }
}
