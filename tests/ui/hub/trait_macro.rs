//! HUB017: methods that a macro call would write.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

macro_rules! more {
    () => {};
}

#[hub]
pub trait ChatHub {
    more!();

    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
