//! A borrowed argument where the context should be: the compiler tells the types apart.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, text: &str) -> HubResult<()>;
}

fn main() {}
