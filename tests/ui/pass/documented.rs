//! A crate that documents all it shows has nothing to add for what the macros make.

#![deny(warnings, missing_docs, missing_debug_implementations, unused_qualifications, unused_lifetimes)]

use hubs::{HubCallerContext, HubResult, Interface, client_interface, hub};

/// What the server calls.
#[client_interface]
pub trait ChatClient {
    /// A line was said.
    ///
    /// - in any room
    async fn receive(&self, text: String) -> HubResult<()>;
}

/// What clients call.
#[hub(client = ChatClient)]
pub trait ChatHub {
    /// Says a line.
    async fn send(&self, cx: &HubCallerContext<ChatClientContract>, text: String) -> HubResult<()>;
}

fn main() {
    assert_eq!(ChatClientContract::DESCRIPTOR.docs, "What the server calls.");
    assert_eq!(ChatClientContract::DESCRIPTOR.methods[0].docs, "A line was said.\n\n- in any room");
    assert_eq!(ChatHubContract::DESCRIPTOR.methods[0].docs, "Says a line.");
}
