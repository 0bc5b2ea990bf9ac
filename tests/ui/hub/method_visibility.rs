//! HUB028: `pub` on a method of a trait.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    pub async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
