//! A type without `#[hub_type]` as an argument of a client method.

use hubs::{HubResult, client_interface};

pub struct Plain {
    pub text: String,
}

#[client_interface]
pub trait ChatClient {
    async fn receive(&self, message: Plain) -> HubResult<()>;
}

fn main() {}
