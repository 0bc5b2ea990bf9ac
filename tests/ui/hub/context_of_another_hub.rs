//! The context of a hub with another client interface.

use hubs::{HubCallerContext, HubResult, client_interface, hub};

#[client_interface]
pub trait ChatClient {}

#[hub]
pub trait ChatHub {
    async fn rooms(&self, cx: &HubCallerContext<ChatClientContract>) -> HubResult<Vec<String>>;
}

fn main() {}
