//! HUB016: an associated constant.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    const LIMIT: usize;

    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
