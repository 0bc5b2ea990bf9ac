//! All mistakes are reported at once, and what is right works: no error about `rooms`.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
    async fn join(&self, room: String);
    async fn leave<T>(&self, cx: Cx, room: &str) -> HubResult<()>;
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

pub struct Chat;

impl ChatHub for Chat {
    fn send(&self, _cx: &Cx, _text: String) -> HubResult<()> {
        Ok(())
    }
    async fn join(&self, _room: String) {}
    async fn leave<T>(&self, _cx: Cx, _room: &str) -> HubResult<()> {
        Ok(())
    }
    async fn rooms(&self, _cx: &Cx) -> HubResult<Vec<String>> {
        Ok(Vec::new())
    }
    async fn on_connected(&self, _cx: &Cx) -> HubResult<()> {
        Ok(())
    }
}

pub fn serve() -> hubs::Hubs {
    hubs::Hubs::new().map("/chat", ChatHubContract, Chat)
}

pub async fn call(hub: ChatHubProxy) -> Vec<String> {
    hub.rooms().await.unwrap_or_default()
}

fn main() {}
