//! A method may have a body, which implementations inherit; the hooks have one anyway.

#![deny(warnings)]

use hubs::{DisconnectError, HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms(&self, cx: &Cx, limit: u32) -> HubResult<Vec<String>> {
        let number: u32 = "7".parse()?;
        std::future::ready(()).await;
        Ok((0..limit.min(number)).map(|room| format!("{room} {}", cx.connection_id())).collect())
    }
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()> {
        let rooms = self.rooms(cx, text.len().try_into()?).await?;
        drop(rooms);
        Ok(())
    }
    async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
        self.send(cx, "hello".to_owned()).await
    }
    async fn on_disconnected(&self, _cx: &Cx, error: Option<&DisconnectError>) {
        assert!(error.is_none());
    }
}

fn main() {
    let _ = hubs::Hubs::new().map("/chat", ChatHubContract, Chat);
}
