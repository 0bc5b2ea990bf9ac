/// What a client may call.
///
///  - a list
///    in which spaces count
#[client_interface]
#[deprecated(since = "2.0", note = "use `News`")]
pub trait ChatClient {
    /// Posts a line.
    ///
    /// Everybody in the room sees it.
    #[deprecated]
    #[must_use]
    async fn receive_message(&self, message: ChatMessage) -> HubResult<()>;
    #[doc = include_str!("confirm.md")]
    #[doc(alias = "ask")]
    #[deprecated = "ask nothing"]
    async fn confirm(&self, question: String) -> HubResult<bool>;
}
