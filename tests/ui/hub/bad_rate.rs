//! HUB039: a rate without a time.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait Search {
    #[method(rate = "10")]
    async fn find(&self, cx: &Cx, text: String) -> HubResult<()>;
}

fn main() {}
