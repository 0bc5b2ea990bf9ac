//! HUB033: a borrowed value as a result.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn name(&self, cx: &Cx) -> HubResult<&str>;
}

fn main() {}
