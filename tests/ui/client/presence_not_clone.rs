//! What members show is cloned for each list.

use hubs::{HubResult, client_interface, hub_type};

#[hub_type]
pub struct Member {
    pub name: String,
}

#[client_interface(presence = Member)]
pub trait Chat {
    async fn said(&self, text: String) -> HubResult<()>;
}

fn main() {}
