//! HUB046: a borrowed value inside of an argument.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: Option<&str>) -> HubResult<()>;
}

fn main() {}
