//! HUB040: a method without the context.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, text: String) -> HubResult<()>;
}

fn main() {}
