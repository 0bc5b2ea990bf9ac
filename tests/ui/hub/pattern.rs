//! HUB045: a pattern for a parameter.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, (room, text): (String, String)) -> HubResult<()>;
}

fn main() {}
