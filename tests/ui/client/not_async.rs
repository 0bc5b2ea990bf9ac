//! HUB020: the legal shape is the one of a client method.

use hubs::{HubResult, client_interface};

#[client_interface]
pub trait ChatClient {
    fn receive(&self, text: String) -> HubResult<()>;
}

fn main() {}
