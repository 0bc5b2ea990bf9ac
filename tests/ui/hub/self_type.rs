//! HUB048: `Self` as an argument.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn merge(&self, cx: &Cx, other: Option<Self>) -> HubResult<()>;
}

fn main() {}
