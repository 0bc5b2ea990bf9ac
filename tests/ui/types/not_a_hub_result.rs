//! A return type that is no `HubResult`.

use hubs::{HubCallerContext, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn rooms(&self, cx: &Cx) -> Vec<String>;
}

fn main() {}
