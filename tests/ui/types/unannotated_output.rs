//! A type without `#[hub_type]` as a result.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

pub struct Plain {
    pub text: String,
}

#[hub]
pub trait ChatHub {
    async fn last(&self, cx: &Cx) -> HubResult<Plain>;
}

fn main() {}
