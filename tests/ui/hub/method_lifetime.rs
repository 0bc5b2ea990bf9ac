//! HUB022: a lifetime on a method.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms<'a>(&self, cx: &'a Cx) -> HubResult<Vec<String>>;
}

fn main() {}
