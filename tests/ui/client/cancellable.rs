//! HUB034: a client method that asks to be cancellable.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait ChatClient {
    #[method(name = "Ask", cancellable)]
    async fn ask(&self, question: String) -> HubResult<String>;
}

fn main() {}
