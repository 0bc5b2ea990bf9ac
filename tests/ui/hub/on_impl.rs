//! HUB001: the attribute goes on the trait, not on its implementation.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

pub struct Chat;

#[hub]
impl ChatHub for Chat {
    async fn rooms(&self, _cx: &Cx) -> HubResult<Vec<String>> {
        Ok(Vec::new())
    }
}

fn main() {}
