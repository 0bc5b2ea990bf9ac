//! HUB024: a method without `&self`.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms(cx: &Cx) -> HubResult<Vec<String>>;
}

fn main() {}
