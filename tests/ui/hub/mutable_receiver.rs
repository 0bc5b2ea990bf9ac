//! HUB025: a method that wants the hub for itself.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms(&mut self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
