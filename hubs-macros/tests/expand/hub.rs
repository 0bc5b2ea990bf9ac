#[hub(client = chat::ChatClient)]
pub trait ChatHub {
    async fn send_message(&self, cx: &Cx, room: String, text: String) -> HubResult<()>;
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<RoomSummary>>;
    async fn clear_history(&self, _cx: &Cx, room: String) -> HubResult<bool>;
}
