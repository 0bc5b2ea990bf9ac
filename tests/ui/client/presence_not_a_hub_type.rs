//! What members show crosses the wire.

use hubs::{HubResult, client_interface};

#[derive(Clone)]
pub struct Member {
    pub name: String,
}

#[client_interface(presence = Member)]
pub trait Chat {
    async fn said(&self, text: String) -> HubResult<()>;
}

fn main() {}
