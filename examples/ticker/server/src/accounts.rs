//! Signing in: by a name alone, because this is an example. A real application checks a password here, or sends people to
//! an identity provider, and its database says who is a trader.
//!
//! `POST /sign-in` answers with a JSON Web Token. Must not know what people may do with it: the contract says that.

use std::{env, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use hubs::{AllowedOrigins, HubError, HubResult, Hubs, JwtBearer, SigningKeys};
use jsonwebtoken::{EncodingKey, Header};
use serde::Deserialize;
use serde_json::json;

use crate::{clock, http};

/// How long a person stays signed in.
const LASTS: Duration = Duration::from_secs(12 * 60 * 60);
/// Who makes the tokens, and for whom.
const NAME: &str = "hubs-ticker";
/// Most characters of a name.
const LONGEST: usize = 24;

/// Signs people in, and knows them again.
#[derive(Clone)]
pub(crate) struct Accounts {
    keys: SigningKeys,
    jwt: JwtBearer,
    signing: EncodingKey,
}

#[derive(Deserialize)]
struct Body {
    name: String,
    trader: bool,
}

impl Accounts {
    /// With the key of `HUBS_TICKER_KEY`, or one of its own: after a restart, everybody signs in again.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let key = match env::var("HUBS_TICKER_KEY") {
            Ok(text) => text.into_bytes(),
            Err(_) => random_key()?,
        };
        Self::new(&key).context("HUBS_TICKER_KEY holds no key")
    }

    fn new(key: &[u8]) -> anyhow::Result<Self> {
        let jwt = JwtBearer::secret(key)?.issuer(NAME).audience(NAME);
        Ok(Self { keys: SigningKeys::new(key), jwt, signing: EncodingKey::from_secret(key) })
    }

    /// The key, for what else the server signs.
    pub(crate) fn keys(&self) -> SigningKeys {
        self.keys.clone()
    }

    /// Has the hubs know who was signed in here. Others may look.
    pub(crate) fn guard(&self, hubs: Hubs) -> Hubs {
        hubs.jwt(self.jwt.clone())
    }

    /// `POST /sign-in`.
    pub(crate) fn routes(self) -> Router {
        Router::new().route("/sign-in", post(sign_in)).with_state(self)
    }

    fn token(&self, Body { name, trader }: &Body) -> HubResult<String> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(HubError::client(format!("A name has 1 to {LONGEST} characters.")));
        }
        let roles: &[&str] = if *trader { &["trader"] } else { &[] };
        let until = u64::from(clock::now()) + LASTS.as_secs();
        let claims = json!({ "sub": name, "roles": roles, "iss": NAME, "aud": NAME, "exp": until });
        Ok(jsonwebtoken::encode(&Header::default(), &claims, &self.signing)?)
    }
}

async fn sign_in(State(accounts): State<Accounts>, parts: Parts, body: Bytes) -> Response {
    // A page of another site must not sign its visitors in.
    if !AllowedOrigins::default().admits(&parts) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let body = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match accounts.token(&body) {
        Ok(token) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (headers, json!({ "token": token }).to_string()).into_response()
        }
        Err(error) => http::refused(&error),
    }
}

fn random_key() -> anyhow::Result<Vec<u8>> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).context("the system gives no random bytes")?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_person_and_its_role() {
        let accounts = Accounts::new(&[1; 32]).unwrap();
        for trader in [true, false] {
            let token = accounts.token(&Body { name: " Ada ".to_owned(), trader }).unwrap();
            let ada = accounts.jwt.validate(&token).unwrap();
            assert_eq!((ada.id().unwrap().as_str(), ada.has_role("trader")), ("Ada", trader));
        }
    }

    #[test]
    fn a_name_and_a_key_are_required() {
        let accounts = Accounts::new(&[1; 32]).unwrap();
        for name in ["", " ", "a\nb", &"x".repeat(25)] {
            assert!(accounts.token(&Body { name: name.to_owned(), trader: true }).is_err(), "{name:?}");
        }
        assert!(Accounts::new(b"short").is_err());
    }
}
