//! HUB004: `cancellable` with a value.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    #[method(cancellable = true)]
    async fn search(&self, cx: &Cx, text: String) -> HubResult<Vec<String>>;
}

fn main() {}
