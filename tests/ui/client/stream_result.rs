//! A client method that gives a stream.

use hubs::{HubResult, HubStream, client_interface};

#[client_interface]
pub trait ChatClient {
    async fn count(&self, to: u32) -> HubResult<HubStream<u32>>;
}

fn main() {}
