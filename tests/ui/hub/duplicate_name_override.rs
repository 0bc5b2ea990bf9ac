//! HUB030: a name on the wire that another method has by itself.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
    #[method(name = "Send")]
    async fn send_to(&self, cx: &Cx, text: String, room: String) -> HubResult<()>;
}

fn main() {}
