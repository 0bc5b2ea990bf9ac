//! HUB042: a context behind `&mut`.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &mut Cx, text: String) -> HubResult<()>;
}

fn main() {}
