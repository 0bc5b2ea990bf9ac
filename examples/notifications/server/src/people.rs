//! Who reads and who sends: signed cookies with a name and a team. It asks for no password, because this is an example; a
//! real application checks one here. Must not know about notifications.

use std::env;

use anyhow::Context as _;
use axum::http::{HeaderMap, HeaderValue};
use hubs::{HubError, HubResult, Principal, SessionCookies, SigningKeys};
use serde::Deserialize;

/// Most characters of a name.
const LONGEST: usize = 24;
/// The claim with the team of a person.
const TEAM: &str = "team";

/// Signs people in, and knows them again.
#[derive(Debug, Clone)]
pub(crate) struct People(SessionCookies);

/// What a person says when they sign in.
#[derive(Debug, Deserialize)]
pub(crate) struct Introduction {
    name: String,
    team: String,
}

impl People {
    /// With the key of `HUBS_NOTIFICATIONS_KEY`, or one of its own: a restart then signs all out.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let key = match env::var("HUBS_NOTIFICATIONS_KEY") {
            Ok(text) if text.len() < 32 => anyhow::bail!("HUBS_NOTIFICATIONS_KEY must have at least 32 bytes"),
            Ok(text) => text.into_bytes(),
            Err(_) => random_key()?,
        };
        Ok(Self(SessionCookies::new(SigningKeys::new(key))))
    }

    /// For the hubs, so that they know who reads.
    pub(crate) fn cookies(&self) -> SessionCookies {
        self.0.clone()
    }

    /// The cookie of a person.
    pub(crate) fn sign_in(&self, person: &Introduction) -> HubResult<HeaderValue> {
        let user = Principal::new(word(&person.name, "A name")?).with_claim(TEAM, word(&person.team, "A team")?);
        self.0.login(&user).ok_or_else(|| HubError::client("This name cannot be signed in."))
    }

    /// The cookie of no person.
    pub(crate) fn sign_out(&self) -> HeaderValue {
        self.0.logout()
    }

    /// Who sends a request.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<Principal> {
        self.0.principal(headers)
    }
}

/// The team of a person.
pub(crate) fn team(user: &Principal) -> Option<&str> {
    user.claim(TEAM)?.as_str()
}

/// A name as all spell it.
pub(crate) fn word(text: &str, what: &str) -> HubResult<String> {
    let word = text.trim().to_lowercase();
    if word.is_empty() || word.chars().count() > LONGEST || word.chars().any(|c| c.is_control()) {
        return Err(HubError::client(format!("{what} has 1 to {LONGEST} characters.")));
    }
    Ok(word)
}

fn random_key() -> anyhow::Result<Vec<u8>> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).context("the system gives no random bytes")?;
    Ok(key)
}
