//! Sends the pages of this node the list of rooms after a change, on any node.
//!
//! One task does it for all, from outside any hub method, through a [`HubContext`]: so the lists come in order, and a hundred people coming at once make a few messages, not ten thousand. Each node tells its own pages, because two nodes
//! that told the same page could do it in the wrong order.

use std::sync::Arc;

use chat_contract::ChatHubContract;
use hubs::HubContext;

use crate::rooms::{Changes, Rooms};

/// Publishes every change, for ever.
pub(crate) async fn publish(hub: HubContext<ChatHubContract>, rooms: Arc<Rooms>) {
    loop {
        let Changes { rooms: list, pages } = rooms.changes().await;
        if let Err(error) = hub.clients().clients(pages).rooms_changed(list).await {
            tracing::warn!(%error, "the list of rooms was not sent");
        }
    }
}
