//! HUB010: a type parameter on the trait.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub<T> {
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
