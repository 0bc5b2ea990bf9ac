//! HUB021: a type parameter on a method.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send<T: Send>(&self, cx: &Cx, value: T) -> HubResult<()>;
}

fn main() {}
