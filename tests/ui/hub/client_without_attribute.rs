//! A hub whose client interface has no `#[client_interface]`.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

pub trait ChatClient {}

type Cx = HubCallerContext<NoClient>;

#[hub(client = ChatClient)]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
}

fn main() {}
