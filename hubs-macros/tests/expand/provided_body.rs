#[client_interface]
pub trait ChatClient {
    async fn receive_message(&self, message: ChatMessage) -> HubResult<()> {
        tracing::info!(?message);
        Ok(())
    }
}
