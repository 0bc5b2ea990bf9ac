//! HUB035: a hub method with a policy for slow readers.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

#[hub]
pub trait Prices {
    #[method(latest)]
    async fn price(&self, cx: &HubCallerContext<NoClient>, value: u32) -> HubResult<()>;
}

fn main() {}
