//! A type without `#[hub_type]` inside of another.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

pub struct Plain {
    pub text: String,
}

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, messages: Vec<Plain>) -> HubResult<()>;
}

fn main() {}
