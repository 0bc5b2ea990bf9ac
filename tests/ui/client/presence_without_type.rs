//! Presence needs a type that members show.

use hubs::{HubCallerContext, HubResult, client_interface, hub};

#[client_interface]
pub trait ChatClient {
    async fn said(&self, text: String) -> HubResult<()>;
}

#[hub(client = ChatClient)]
pub trait ChatHub {
    async fn join(&self, cx: &HubCallerContext<ChatClientContract>, room: String) -> HubResult<()>;
}

struct Chat;

impl ChatHub for Chat {
    async fn join(&self, cx: &HubCallerContext<ChatClientContract>, room: String) -> HubResult<()> {
        cx.presence().untrack(cx.connection_id(), room);
        Ok(())
    }
}

fn main() {}
