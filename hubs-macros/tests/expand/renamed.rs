#[client_interface(rename_all = "camelCase")]
pub trait ChatClient {
    async fn receive_message(&self, message: ChatMessage) -> HubResult<()>;
    #[method(name = "confirm-or-else")]
    async fn confirm(&self) -> HubResult<bool>;
}
