//! HUB004: a name without quotes.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait ChatClient {
    #[method(name = Receive)]
    async fn receive(&self, text: String) -> HubResult<()>;
}

fn main() {}
