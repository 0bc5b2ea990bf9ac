//! HUB007: `#[method]` without a setting.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    #[method]
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
