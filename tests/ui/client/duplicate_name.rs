//! HUB030: two methods with one name on the wire.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait ChatClient {
    async fn receive(&self, text: String) -> HubResult<()>;
    #[method(name = "receive")]
    async fn receive_all(&self, texts: Vec<String>) -> HubResult<()>;
}

fn main() {}
