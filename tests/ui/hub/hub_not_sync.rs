//! A hub that cannot be shared between threads.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
}

pub struct Chat(std::cell::Cell<u32>);

impl ChatHub for Chat {
    async fn send(&self, _cx: &Cx, _text: String) -> HubResult<()> {
        Ok(())
    }
}

fn main() {}
