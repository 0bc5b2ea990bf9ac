//! A group asked for a value, which only one client can give.

use hubs::{HubCallerContext, HubResult, client_interface, hub};

#[client_interface]
pub trait ChatClient {
    async fn receive(&self, text: String) -> HubResult<()>;
    async fn confirm(&self, question: String) -> HubResult<bool>;
}

type Cx = HubCallerContext<ChatClientContract>;

#[hub(client = ChatClient)]
pub trait ChatHub {
    async fn clear(&self, cx: &Cx) -> HubResult<bool>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn clear(&self, cx: &Cx) -> HubResult<bool> {
        Ok(cx.clients().group("lobby").confirm("sure?".to_owned()).await?)
    }
}

fn main() {}
