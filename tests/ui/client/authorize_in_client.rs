use hubs::{HubResult, client_interface};

#[client_interface]
trait ChatClient {
    #[authorize(role = "admin")]
    async fn receive(&self, text: String) -> HubResult<()>;
}

fn main() {}
