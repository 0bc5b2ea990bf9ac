//! A method that returns another type than the contract says.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn send(&self, _cx: &Cx, text: String) -> HubResult<String> {
        Ok(text)
    }
}

fn main() {}
