//! A message that is kept in a log has no answer.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait Chat {
    #[method(durable)]
    async fn confirm(&self, value: u32) -> HubResult<bool>;
}

fn main() {}
