//! HUB029: a lifecycle hook, which `#[hub]` adds by itself.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn on_connected(&self, cx: &Cx) -> HubResult<()>;
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
