//! HUB066: functions of one's own, and nothing that says what they write.

use hubs::hub_type;

#[hub_type]
pub struct ChatMessage {
    #[serde(serialize_with = "loud")]
    pub text: String,
}

fn loud<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text.to_uppercase())
}

fn main() {}
