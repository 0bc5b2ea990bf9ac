//! Interfaces are as visible as their traits, and name each other by paths.

#![deny(warnings, unreachable_pub)]

mod client {
    use hubs::{HubResult, client_interface};

    mod inner {
        #[hubs::hub_type]
        pub(in crate::client) struct Line {
            pub(in crate::client) text: String,
        }
    }

    #[client_interface]
    pub(crate) trait ChatClient {
        async fn receive(&self, text: String) -> HubResult<()>;
    }

    #[client_interface]
    trait Unseen {
        async fn receive(&self, line: inner::Line) -> HubResult<()>;
    }

    pub(crate) fn line() -> String {
        inner::Line { text: String::new() }.text
    }
}

mod server {
    use hubs::{HubCallerContext, HubResult, hub};

    use super::client;

    #[hub(client = client::ChatClient)]
    pub(super) trait ChatHub {
        async fn send(&self, cx: &HubCallerContext<client::ChatClientContract>, text: String) -> HubResult<()>;
    }
}

use client::ChatClientContract;
use hubs::HubCallerContext;
use server::{ChatHub, ChatHubContract};

struct Chat;

impl ChatHub for Chat {
    async fn send(&self, cx: &HubCallerContext<ChatClientContract>, text: String) -> hubs::HubResult<()> {
        Ok(cx.clients().others().receive(text).await?)
    }
}

fn main() {
    assert_eq!(client::line(), "");
    let _ = hubs::Hubs::new().map("/chat", ChatHubContract, Chat);
}
