//! HUB020: a method that is not async.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
