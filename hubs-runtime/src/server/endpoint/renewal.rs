//! The user of a connection as its latest request has it, also where that request has reached another node.

use crate::{
    hub::{LatestPrincipal, Principal},
    server::auth::session::Session,
};

/// Takes the user of a request, and checks the groups of the connection again if that is another one.
pub(super) async fn renew(latest: &LatestPrincipal, user: Option<Principal>) {
    if let Some(caller) = latest.follow(user) {
        // The answer says that it is done.
        let _ = caller.check_groups().await;
    }
}

/// The user of a request, or that it has none, for the node that owns the connection.
pub(super) fn write(user: Option<&Principal>) -> Vec<u8> {
    serde_json::to_vec(&user.map(Session::until_its_end)).unwrap_or_default()
}

/// Takes the user of a request that another node has passed on. Without bytes it is not known.
pub(super) async fn renew_by(latest: &LatestPrincipal, bytes: &[u8]) {
    if let Ok(user) = serde_json::from_slice::<Option<Session>>(bytes) {
        renew(latest, user.map(Session::principal)).await;
    }
}
