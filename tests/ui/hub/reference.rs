//! HUB046: a borrowed argument.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: &str) -> HubResult<()>;
}

fn main() {}
