//! HUB043: a context behind another parameter.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, text: String, cx: &Cx) -> HubResult<()>;
}

fn main() {}
