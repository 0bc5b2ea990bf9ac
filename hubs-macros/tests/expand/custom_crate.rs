#[hub(client = ChatClient, crate = "my::rt")]
pub trait ChatHub {
    async fn send_message(&self, cx: &Cx, room: String, text: String) -> my::rt::HubResult<()>;
}

#[hub(crate = "crate::my")]
pub trait Lonely {}

#[client_interface(crate = "::my")]
pub trait ChatClient {
    async fn receive_message(&self, message: ChatMessage) -> my::rt::HubResult<()>;
}

#[hub_type(crate = "my::rt")]
pub struct ChatMessage {
    text: String,
}
