//! HUB046: a lifetime inside of an argument.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: std::borrow::Cow<'_, str>) -> HubResult<()>;
}

fn main() {}
