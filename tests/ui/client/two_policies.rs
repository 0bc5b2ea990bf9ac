//! HUB036: a client method with two policies for slow readers.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait Ticker {
    #[method(latest, every = "100ms")]
    async fn price(&self, value: u32) -> HubResult<()>;
}

fn main() {}
