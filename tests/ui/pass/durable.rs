//! What is kept in a log, and what may be called again, is in the descriptors.

use hubs::{
    HubCallerContext, HubResult,
    __private::{Delivery, Interface},
    client_interface, hub,
};

/// All that returns nothing is durable, unless it says otherwise.
#[client_interface(durable)]
pub trait ChatClient {
    async fn said(&self, text: String) -> HubResult<()>;
    #[method(latest)]
    async fn typing(&self, user: String) -> HubResult<()>;
    async fn confirm(&self, text: String) -> HubResult<bool>;
}

#[hub(client = ChatClient)]
pub trait ChatHub {
    #[method(idempotent)]
    async fn say(&self, cx: &HubCallerContext<ChatClientContract>, text: String) -> HubResult<()>;
    async fn leave(&self, cx: &HubCallerContext<ChatClientContract>) -> HubResult<()>;
}

fn main() {
    let deliveries: Vec<_> = ChatClientContract::DESCRIPTOR.methods.iter().map(|method| method.delivery).collect();
    assert_eq!(deliveries, [Delivery::Durable, Delivery::Latest, Delivery::Must]);
    let idempotent: Vec<_> = ChatHubContract::DESCRIPTOR.methods.iter().map(|method| method.idempotent).collect();
    assert_eq!(idempotent, [true, false]);
}
