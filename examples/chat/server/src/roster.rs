//! Sends pages the lists of rooms and members after a change.
//!
//! One task does it for all, from outside any hub method, through a [`HubContext`]: so the news of a room come in order,
//! and a hundred people coming at once make a few messages, not ten thousand.

use std::sync::Arc;

use chat_contract::ChatHubContract;
use hubs::HubContext;

use crate::rooms::{Changes, Rooms};

/// Publishes every change, for ever.
pub(crate) async fn publish(hub: HubContext<ChatHubContract>, rooms: Arc<Rooms>) {
    loop {
        let Changes { rooms: list, members } = rooms.changes().await;
        for (room, members) in members {
            if let Err(error) = hub.clients().group(&room).members_changed(room.clone(), members).await {
                tracing::warn!(%error, room, "a change of members was not sent");
            }
        }
        if let Err(error) = hub.clients().all().rooms_changed(list).await {
            tracing::warn!(%error, "the list of rooms was not sent");
        }
    }
}
