//! A client method that does not exist.

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
        cx.clients().caller().recieve("hello".to_owned()).await?;
        Ok(true)
    }
}

fn main() {}
