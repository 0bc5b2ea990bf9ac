//! A library that wraps hubs may name it as it likes, and its users need not know it.

#![deny(warnings)]

mod my {
    pub use hubs as rt;
}

use my::rt::{HubCallerContext, HubResult};

#[hubs::hub_type(crate = "my::rt")]
pub struct Line {
    pub text: String,
}

#[hubs::client_interface(crate = "crate::my::rt")]
pub trait ChatClient {
    async fn receive(&self, line: Line) -> HubResult<()>;
}

#[hubs::hub(client = ChatClient, crate = "my::rt", rename_all = "camelCase")]
pub trait ChatHub {
    async fn send(&self, cx: &HubCallerContext<ChatClientContract>, line: Line) -> HubResult<()>;
}

#[hubs::hub(crate = "::hubs")]
pub trait Lonely {}

fn main() {}
