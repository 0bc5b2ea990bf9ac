//! HUB049: an attribute on a parameter.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, #[serde(default)] text: String) -> HubResult<()>;
}

fn main() {}
