//! HUB043 and HUB046: a borrowed argument before the context.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, text: &str, cx: &Cx) -> HubResult<()>;
}

fn main() {}
