/// One line of a conversation.
#[hub_type]
#[derive(Debug, Clone)]
pub struct ChatMessage {
    /// Where it was said.
    pub room: String,
    #[serde(default)]
    pub sent_at: Option<String>,
}

#[hub_type]
pub struct Seconds(u32);
