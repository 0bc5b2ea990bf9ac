//! Who is at the other end, as the application's own authentication found out.

use std::{
    sync::{Arc, OnceLock, Weak},
    time::{Duration, SystemTime},
};

use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Caller;
use crate::ids::UserId;

/// An authenticated user. Whatever authenticates requests (a tower layer, an axum middleware) puts one into the
/// request's extensions; the connection made by that request then belongs to this user.
///
/// ```
/// use hubs::Principal;
///
/// let ann = Principal::new("ann").with_role("admin").with_claim("tenant", "blue");
/// assert!(ann.has_role("admin"));
/// assert_eq!(ann.claim("tenant").and_then(|tenant| tenant.as_str()), Some("blue"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    id: Option<UserId>,
    roles: Vec<String>,
    claims: Map<String, Value>,
    expires: Option<Instant>,
}

impl Principal {
    /// A user with this id.
    pub fn new(id: impl Into<UserId>) -> Self {
        Self { id: Some(id.into()), ..Self::anonymous() }
    }

    /// A user without an id, such as a guest or a service that has nothing but roles or claims. `Clients::user` does not
    /// find it.
    pub fn anonymous() -> Self {
        Self { id: None, roles: Vec::new(), claims: Map::new(), expires: None }
    }

    /// Adds a role.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Adds a claim, whatever the token says of the user.
    #[must_use]
    pub fn with_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Sets when the user's authentication ends, such as the `exp` of a token. The connection ends then, unless
    /// `HubOptions::close_on_authentication_expiration` is off.
    #[must_use]
    pub fn with_expiry(mut self, expires: SystemTime) -> Self {
        let left = expires.duration_since(SystemTime::now()).unwrap_or_default();
        self.expires = Instant::now().checked_add(left);
        self
    }

    /// When the authentication ends.
    pub(crate) fn expires(&self) -> Option<Instant> {
        self.expires
    }

    /// How long the authentication is good from now on.
    pub(crate) fn lifetime(&self) -> Option<Duration> {
        self.expires.map(|expires| expires.saturating_duration_since(Instant::now()))
    }

    /// The id of the user, if it has one.
    pub fn id(&self) -> Option<&UserId> {
        self.id.as_ref()
    }

    /// All roles.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// Whether the user has this role. Case-sensitive.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// All claims.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// A claim by name.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }
}

/// The user as the latest request of a connection has it, where a connection is made of many that carry one. Lies in the
/// extensions of the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct LatestPrincipal(Arc<Latest>);

#[derive(Debug, Default)]
struct Latest {
    user: Mutex<Option<Arc<Principal>>>,
    /// The connection, once it has joined a group under a condition.
    joined: OnceLock<Weak<Caller>>,
}

impl LatestPrincipal {
    /// Takes the user of a request, or that it has none. If that is another one than before, returns the connection whose
    /// groups are to be checked again.
    #[must_use = "groups are to be checked again"]
    pub(crate) fn follow(&self, user: Option<Principal>) -> Option<Arc<Caller>> {
        let user = user.map(Arc::new);
        let before = std::mem::replace(&mut *self.0.user.lock(), user.clone());
        let caller = self.0.joined.get()?.upgrade()?;
        (!same(before.as_deref(), user.as_deref())).then_some(caller)
    }

    /// The current user.
    pub(super) fn get(&self) -> Option<Arc<Principal>> {
        self.0.user.lock().clone()
    }

    /// From now on a change of the user concerns this connection.
    pub(super) fn concerns(&self, caller: &Arc<Caller>) {
        self.0.joined.get_or_init(|| Arc::downgrade(caller));
    }
}

/// Whether nothing has changed that decides what the user may do.
pub(super) fn same(one: Option<&Principal>, other: Option<&Principal>) -> bool {
    let decisive = |user: &Principal| (user.id.clone(), user.roles.clone(), user.claims.clone());
    one.map(decisive) == other.map(decisive)
}
