//! A type without `#[hub_type]` as an argument.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

pub struct Plain {
    pub text: String,
}

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, message: Plain) -> HubResult<()>;
}

fn main() {}
