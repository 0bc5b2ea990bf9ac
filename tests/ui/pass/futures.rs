//! The futures of proxies are `Send`, borrow nothing, and can be boxed, joined and spawned.

#![deny(warnings)]

use std::pin::Pin;

use hubs::{HubContext, HubCallerContext, HubResult, Many, SendError, client_interface, hub};

#[client_interface]
pub trait ChatClient {
    async fn receive(&self, text: String) -> HubResult<()>;
    async fn confirm(&self, question: String) -> HubResult<bool>;
}

#[hub(client = ChatClient)]
pub trait ChatHub {
    async fn send(&self, cx: &HubCallerContext<ChatClientContract>, text: String) -> HubResult<()>;
}

pub fn push(context: &HubContext<ChatHubContract>) -> Pin<Box<dyn Future<Output = Result<(), SendError>> + Send>> {
    Box::pin(context.clients().group("lobby").receive("hello".to_owned()))
}

pub fn anywhere<F: Future + Send + 'static>(_future: F) {}

pub fn ask(client: &ChatClientProxy, group: &ChatClientProxy<Many>, hub: &ChatHubProxy) {
    anywhere(client.confirm("sure?".to_owned()));
    anywhere(group.clone().receive("hello".to_owned()));
    anywhere(hub.send("hello".to_owned()));
}

fn main() {}
