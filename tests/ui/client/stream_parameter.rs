//! A client method that takes a stream.

use hubs::{HubResult, UploadStream, client_interface};

#[client_interface]
pub trait ChatClient {
    async fn listen(&self, samples: UploadStream<f64>) -> HubResult<()>;
}

fn main() {}
