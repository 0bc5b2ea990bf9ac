//! HUB037: a key that is no parameter.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait Ticker {
    #[method(coalesce = "symbl")]
    async fn price(&self, symbol: String, value: u32) -> HubResult<()>;
}

fn main() {}
