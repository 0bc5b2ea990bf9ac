//! HUB023: a where clause on a method.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>
    where
        Self: Clone;
}

fn main() {}
