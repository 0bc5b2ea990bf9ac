//! HUB003: a name given twice.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait ChatClient {
    #[method(name = "Receive", name = "Get")]
    async fn receive(&self, text: String) -> HubResult<()>;
}

fn main() {}
