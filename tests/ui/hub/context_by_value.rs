//! HUB041: a context that is not borrowed.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: Cx, text: String) -> HubResult<()>;
}

fn main() {}
