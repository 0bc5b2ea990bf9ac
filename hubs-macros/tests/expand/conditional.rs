#[hub(client = ChatClient)]
#[cfg(feature = "chat")]
pub trait ChatHub {
    #[cfg(feature = "history")]
    async fn history(&self, cx: &Cx, room: String) -> HubResult<Vec<ChatMessage>>;
    #[cfg(not(feature = "history"))]
    async fn history(&self, cx: &Cx) -> HubResult<()>;
    #[cfg_attr(feature = "small", cfg(any()), deprecated, must_use)]
    async fn rooms(&self, cx: &Cx) -> HubResult<()>;
}
