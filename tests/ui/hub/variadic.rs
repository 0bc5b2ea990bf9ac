//! HUB027: any number of arguments.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, _: ...) -> HubResult<()>;
}

fn main() {}
