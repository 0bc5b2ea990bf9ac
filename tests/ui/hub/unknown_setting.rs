//! HUB002: a setting that does not exist.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(rename = "camelCase")]
pub trait ChatHub {
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
