#[client_interface]
pub(crate) trait ChatClient: Send + Sync {
    async fn receive_message(&self, message: ChatMessage) -> HubResult<()>;
    async fn confirm(&self, question: String, seconds: u32) -> HubResult<bool>;
    async fn ping(&self) -> HubResult<()>;
}
