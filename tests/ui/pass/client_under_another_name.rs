//! A client interface may be imported under another name, alone, or be named by a path.

#![deny(warnings)]

mod api {
    use hubs::{HubResult, client_interface};

    #[client_interface]
    pub trait ChatClient {
        async fn told(&self, text: String) -> HubResult<()>;
        async fn asked(&self) -> HubResult<String> {
            Ok("default".to_owned())
        }
    }

    pub mod again {
        pub use super::ChatClient as Page;
    }
}

use api::ChatClient as Renamed;
use hubs::{HubCallerContext, HubResult, hub};

type Cx = HubCallerContext<api::ChatClientContract>;

#[hub(client = Renamed)]
pub trait ChatHub {
    async fn say(&self, cx: &Cx, text: String) -> HubResult<()>;
}

#[hub(client = api::again::Page)]
pub trait OtherHub {
    async fn say(&self, cx: &Cx, text: String) -> HubResult<()>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn say(&self, cx: &Cx, text: String) -> HubResult<()> {
        cx.clients().others().told(text).await?;
        Ok(())
    }

    async fn on_connected(&self, _cx: &Cx) -> HubResult<()> {
        Ok(())
    }
}

pub struct Client;

impl Renamed for Client {
    async fn told(&self, _text: String) -> HubResult<()> {
        Ok(())
    }
}

fn main() {
    let _ = (Chat, Client.told(String::new()), Client.asked());
}
