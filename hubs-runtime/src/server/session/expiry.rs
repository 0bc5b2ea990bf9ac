//! The end of a user's authentication, where the hub's options say that it ends the connection.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::HubRuntime;
use crate::{connection::End, hub::Caller};

/// How soon it is noticed that a later request has brought an end where there was none.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Ends the connection when its user's authentication ends. Costs nothing where that cannot be.
pub(super) fn watch(runtime: &HubRuntime, caller: &Arc<Caller>) {
    let can_expire = caller.expires().is_some() || caller.latest_user.is_some();
    if !runtime.options.close_on_authentication_expiration || !can_expire {
        return;
    }
    let caller = Arc::clone(caller);
    tokio::spawn(async move {
        tokio::select! {
            () = expired(&caller) => {
                tracing::debug!(connection = %caller.peer.id, "the authentication of the user has expired");
                caller.peer.outbox.end(End::Expired);
            }
            () = caller.peer.ended.cancelled() => {}
        }
    });
}

async fn expired(caller: &Caller) {
    loop {
        let now = Instant::now();
        let expires = caller.expires().unwrap_or(now + LOOK_AGAIN);
        if expires <= now {
            return;
        }
        // A later request may put it off meanwhile.
        sleep_until(expires).await;
    }
}
