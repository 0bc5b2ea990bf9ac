//! HUB015: an associated type.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    type Room;

    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
