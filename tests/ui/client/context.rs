//! HUB044: a context in a client interface.

use hubs::{HubCallerContext, HubResult, NoClient, client_interface};

#[client_interface]
pub trait ChatClient {
    async fn receive(&self, cx: &HubCallerContext<NoClient>, text: String) -> HubResult<()>;
}

fn main() {}
