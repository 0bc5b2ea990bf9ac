//! HUB031: a method that does not say what it returns.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: String);
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
