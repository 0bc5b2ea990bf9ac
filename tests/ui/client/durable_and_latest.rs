//! What is kept in a log is not replaced by a newer call.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait Chat {
    #[method(durable, latest)]
    async fn said(&self, text: String) -> HubResult<()>;
}

fn main() {}
