//! HUB038: a time without a unit.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait Ticker {
    #[method(every = "100")]
    async fn price(&self, value: u32) -> HubResult<()>;
}

fn main() {}
