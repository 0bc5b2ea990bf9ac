//! HUB047: `impl Trait` for a parameter.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: impl Into<String>) -> HubResult<()>;
}

fn main() {}
