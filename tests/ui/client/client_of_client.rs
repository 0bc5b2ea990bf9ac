//! HUB006: a client interface that names a client.

use hubs::{HubResult, client_interface};

#[client_interface(client = NoClient)]
pub trait ChatClient {
    async fn receive(&self, text: String) -> HubResult<()>;
}

fn main() {}
