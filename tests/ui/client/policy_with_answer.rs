//! A call that is waited for and may be lost.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait Ticker {
    #[method(latest)]
    async fn confirm(&self, value: u32) -> HubResult<bool>;
}

fn main() {}
