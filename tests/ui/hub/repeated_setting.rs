//! HUB003: a setting given twice.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(rename_all = "camelCase", rename_all = "snake_case")]
pub trait ChatHub {
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
