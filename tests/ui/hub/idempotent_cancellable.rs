//! A call that is cancelled is not made again.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

#[hub]
pub trait Orders {
    #[method(idempotent, cancellable)]
    async fn place(&self, cx: &HubCallerContext<NoClient>, item: String) -> HubResult<u32>;
}

fn main() {}
