//! The type of members is a type, and not a text.

use hubs::{HubResult, client_interface};

#[client_interface(presence = "Member")]
pub trait Chat {
    async fn said(&self, text: String) -> HubResult<()>;
}

fn main() {}
