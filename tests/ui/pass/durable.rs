//! What is kept in a log, what may be called again, and what members show is in the descriptors.

use hubs::{
    __private::{Delivery, Interface, ShowsPresence},
    HubCallerContext, HubResult, client_interface, hub, hub_type,
};

#[hub_type]
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
}

/// All that returns nothing is durable, unless it says otherwise.
#[client_interface(durable, presence = Member)]
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

fn shows<C: ShowsPresence<Member = Member>>() {}

fn main() {
    let deliveries: Vec<_> = ChatClientContract::DESCRIPTOR.methods.iter().map(|method| method.delivery).collect();
    assert_eq!(deliveries, [Delivery::Durable, Delivery::Latest, Delivery::Must]);
    let idempotent: Vec<_> = ChatHubContract::DESCRIPTOR.methods.iter().map(|method| method.idempotent).collect();
    assert_eq!(idempotent, [true, false]);
    assert!(ChatClientContract::DESCRIPTOR.presence.is_some());
    shows::<ChatClientContract>();
}
