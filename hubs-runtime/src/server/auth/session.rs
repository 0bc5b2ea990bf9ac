//! A user as it is written into what clients keep, session cookies and tickets, and for other nodes.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::hub::Principal;

/// A user, and when that ends.
#[derive(Serialize, Deserialize)]
pub(in crate::server) struct Session {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
    /// In milliseconds of the Unix clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
}

impl Session {
    /// The user, and the end of what is made of it.
    pub(in crate::server) fn of(user: &Principal, expires: Option<SystemTime>) -> Self {
        let since_epoch = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            id: user.id().map(ToString::to_string),
            roles: user.roles().to_vec(),
            claims: user.claims().clone(),
            expires: expires.map(|time| u64::try_from(since_epoch(time).as_millis()).unwrap_or(u64::MAX)),
        }
    }

    /// The user, until its own end.
    pub(in crate::server) fn until_its_end(user: &Principal) -> Self {
        Self::of(user, user.lifetime().and_then(|left| SystemTime::now().checked_add(left)))
    }

    /// When it ends.
    pub(in crate::server) fn expires(&self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.expires?))
    }

    /// The user again.
    pub(in crate::server) fn principal(self) -> Principal {
        let expires = self.expires();
        let user = self.id.map_or_else(Principal::anonymous, Principal::new);
        let user = expires.map_or(user.clone(), |expires| user.with_expiry(expires));
        let user = self.roles.into_iter().fold(user, Principal::with_role);
        self.claims.into_iter().fold(user, |user, (name, value)| user.with_claim(name, value))
    }
}
