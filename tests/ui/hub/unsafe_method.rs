//! HUB026: an unsafe method.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async unsafe fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
