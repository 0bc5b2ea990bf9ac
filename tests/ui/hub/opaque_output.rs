//! HUB032: a return type without a name.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms(&self, cx: &Cx) -> HubResult<impl Iterator<Item = String>>;
}

fn main() {}
