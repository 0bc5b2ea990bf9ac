//! HUB030: two methods that differ only in case on the wire.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    #[method(name = "SENDMESSAGE")]
    async fn shout(&self, cx: &Cx, text: String) -> HubResult<()>;
    async fn send_message(&self, cx: &Cx, text: String) -> HubResult<()>;
}

fn main() {}
