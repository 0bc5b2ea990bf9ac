//! A stream is not called again: it goes on with `resumable`.

use hubs::{HubCallerContext, HubResult, HubStream, NoClient, hub};

#[hub]
pub trait Orders {
    #[method(idempotent)]
    async fn all(&self, cx: &HubCallerContext<NoClient>) -> HubResult<HubStream<u32>>;
}

fn main() {}
