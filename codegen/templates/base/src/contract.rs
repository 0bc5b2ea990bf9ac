//! What the page and the server may call on each other. Everything else follows from this file: rename something here,
//! and the server and the page do not compile until they follow.

use hubs::{HubCallerContext, HubResult, client_interface, hub, hub_type};

/// The caller of a method, and everybody else who can be called.
pub type Cx = HubCallerContext<ChatClientContract>;

/// One line of the conversation.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Grows with every message.
    pub id: u32,
    /// Who said it.
    pub user: String,
    /// What was said.
    pub text: String,
}

/// What the server may call on a page.
#[client_interface]
pub trait ChatClient {
    /// Someone said something.
    async fn receive(&self, message: Message) -> HubResult<()>;
}

/// What a page may call on the server.
#[hub(client = ChatClient)]
pub trait ChatHub {
    /// Says something to everybody.
    async fn say(&self, cx: &Cx, user: String, text: String) -> HubResult<()>;

    /// The last messages, oldest first.
    async fn history(&self, cx: &Cx) -> HubResult<Vec<Message>>;
}
