//! HUB013: a supertrait.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub: std::fmt::Debug {
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
